package etcdstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"

	"github.com/postern-gateway/postern/fault"
)

// Defaults of an embedded etcd.
const (
	// DefaultQuotaBytes is the most that the database may grow to; etcd
	// advises against more than 8 GiB.
	DefaultQuotaBytes = 4 << 30
	// DefaultHistory is how long old revisions are kept for watches that were
	// interrupted; a reader that was away longer lists again.
	DefaultHistory = 10 * time.Minute
	// DefaultStartTimeout covers reading back a big log, or waiting for a quorum.
	DefaultStartTimeout = time.Minute
)

const (
	// A lone member elects itself one tick after it starts.
	loneTick, loneElection = 20 * time.Millisecond, 200 * time.Millisecond
	// Members elsewhere need time to answer: etcd's own defaults.
	clusterTick, clusterElection = 100 * time.Millisecond, time.Second
	// The log that is kept in memory. etcd's defaults (10,000 and 5,000
	// entries) would be gigabytes of chunks.
	snapshotCount = 1_000
	loneCatchUp   = 10 // nobody has to catch up
	clusterCatch  = 500
	// maxRequestBytes takes the biggest transaction of the contract with keys
	// of usual length; etcd warns of more.
	maxRequestBytes = 10 << 20
	// Defragment when so many bytes, and half of the file, are free.
	defragBytes = 64 << 20
	// loneURL stands for a lone member in its own member list; nobody listens on it.
	loneURL = "http://127.0.0.1:1"
	// loneName is the name of a lone member.
	loneName = "postern"
)

// Config says how to embed etcd. Dir alone is enough.
type Config struct {
	// Dir is etcd's own directory; made if it is not there, and closed to
	// others (0700) in any case.
	Dir string
	// Logger gets etcd's warnings and errors; nil: nobody does.
	Logger *slog.Logger
	// QuotaBytes is the most that the database may grow to; 0 means DefaultQuotaBytes.
	QuotaBytes int64
	// History is how long old revisions are kept; 0 means DefaultHistory.
	History time.Duration
	// StartTimeout bounds Embedded; 0 means DefaultStartTimeout.
	StartTimeout time.Duration
	// Cluster makes this process one member of several; nil: it is alone, and
	// nothing listens.
	Cluster *Cluster
}

// Cluster says who the members of a cluster are and how they know each other.
// Members talk over mutual TLS only: who has no certificate of CAFile's
// authority is refused, so that authority must certify members alone.
type Cluster struct {
	// Name is this member's name, a key of Members.
	Name string
	// Members are all members' peer URLs by name: https://host:port.
	Members map[string]string
	// Listen is the address to accept peers on, host:port; empty: that of Members[Name].
	Listen string
	// Existing says that this member joins a cluster that already runs.
	Existing bool
	// CertFile, KeyFile and CAFile (PEM) are this member's certificate, for
	// server and client authentication, its key, and the cluster's authority.
	CertFile, KeyFile, CAFile string
}

// Embedded starts etcd in this process and returns a store in it, once it is
// ready. No other process can reach it as a client. Close stops it.
//
// The fault is of Kind Conflict when another process uses Dir, Invalid for a
// configuration that cannot be, Unavailable when there is no quorum in time.
func Embedded(config Config) (*Store, error) {
	settings, err := config.etcd()
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(config.Dir)
	if err != nil {
		return nil, err
	}
	m := &embedded{lock: lock, quota: settings.QuotaBackendBytes}
	if m.etcd, err = startEtcd(settings); err != nil {
		lock.Close()
		return nil, fault.Wrap(fault.Unavailable, err, "the embedded etcd in %s does not start", config.Dir)
	}
	timeout := config.StartTimeout
	if timeout == 0 {
		timeout = DefaultStartTimeout
	}
	select {
	case <-m.etcd.Server.ReadyNotify():
	case err := <-m.etcd.Err():
		m.close()
		return nil, fault.Wrap(fault.Unavailable, err, "the embedded etcd in %s stopped while starting", config.Dir)
	case <-time.After(timeout):
		m.close()
		return nil, fault.New(fault.Unavailable, "the embedded etcd in %s was not ready in %v", config.Dir, timeout)
	}
	m.client = v3client.New(m.etcd.Server)
	s := newStore(m.client, DefaultRoot, config.Logger)
	s.member = m
	if config.Cluster != nil {
		if err := s.announce(config.Cluster, timeout); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.startMaintenance()
	return s, nil
}

// startEtcd starts etcd, which panics over files that it cannot read: over its
// database in a goroutine of its own, so that is looked at first.
func startEtcd(settings *embed.Config) (e *embed.Etcd, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, err = nil, fmt.Errorf("its files cannot be read: %v", p)
		}
	}()
	if err := checkDatabase(filepath.Join(settings.Dir, "member", "snap", "db")); err != nil {
		return nil, err
	}
	return embed.StartEtcd(settings)
}

// checkDatabase says whether the database in file, if there is one, can be opened.
func checkDatabase(file string) error {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return fmt.Errorf("its database cannot be read: %w", err)
	}
	return db.Close()
}

// lockDir makes dir and takes it for this process, which etcd's own lock would
// wait for without an end.
func lockDir(dir string) (*fileutil.LockedFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the store's directory cannot be made")
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the store's directory cannot be closed to others")
	}
	lock, err := fileutil.TryLockFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fileutil.ErrLocked):
		return nil, fault.Wrap(fault.Conflict, err, "the store in %s is in use by another process", dir)
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "the store in %s cannot be locked", dir)
	}
	return lock, nil
}

// etcd is the configuration in etcd's terms.
func (c Config) etcd() (*embed.Config, error) {
	if c.Dir == "" {
		return nil, fault.New(fault.Invalid, "an embedded store needs a directory")
	}
	e := embed.NewConfig()
	e.Dir = c.Dir
	e.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zapLogger(componentLogger(c.Logger)))
	e.LogLevel = "warn"
	// No client of another process, by any way in.
	e.ListenClientUrls, e.ListenClientHttpUrls, e.ListenMetricsUrls, e.AdvertiseClientUrls = nil, nil, nil, nil
	e.EnableGRPCGateway = false
	e.MaxRequestBytes = maxRequestBytes
	e.SnapshotCount = snapshotCount
	e.AutoCompactionMode = embed.CompactorModePeriodic
	e.AutoCompactionRetention = DefaultHistory.String()
	if c.History != 0 {
		e.AutoCompactionRetention = c.History.String()
	}
	e.QuotaBackendBytes = DefaultQuotaBytes
	if c.QuotaBytes != 0 {
		e.QuotaBackendBytes = c.QuotaBytes
	}
	if c.Cluster != nil {
		return e, c.Cluster.apply(e)
	}
	lone, err := url.Parse(loneURL)
	if err != nil {
		return nil, err
	}
	e.Name = loneName
	e.ListenPeerUrls, e.AdvertisePeerUrls = nil, []url.URL{*lone}
	e.InitialCluster = e.InitialClusterFromName(e.Name)
	e.SnapshotCatchUpEntries = loneCatchUp
	e.TickMs, e.ElectionMs = milliseconds(loneTick), milliseconds(loneElection)
	return e, nil
}

func milliseconds(d time.Duration) uint { return uint(d / time.Millisecond) }

// apply makes e one member of c; it refuses all but mutual TLS.
func (c *Cluster) apply(e *embed.Config) error {
	if c.CertFile == "" || c.KeyFile == "" || c.CAFile == "" {
		return fault.New(fault.Invalid, "a cluster member needs a certificate, its key and the cluster's authority")
	}
	var members []string
	for name, address := range c.Members {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.Port() == "" || name == "" || strings.ContainsAny(name+address, ",=") {
			return fault.New(fault.Invalid, "cluster member %q must be a name with https://host:port, not %q", name, address)
		}
		members = append(members, name+"="+address)
		if name == c.Name {
			e.AdvertisePeerUrls = []url.URL{*u}
			e.ListenPeerUrls = []url.URL{{Scheme: "https", Host: u.Host}}
		}
	}
	if c.Members[c.Name] == "" {
		return fault.New(fault.Invalid, "%q is not one of the cluster's members", c.Name)
	}
	if c.Listen != "" {
		e.ListenPeerUrls = []url.URL{{Scheme: "https", Host: c.Listen}}
	}
	slices.Sort(members)
	e.Name, e.InitialCluster = c.Name, strings.Join(members, ",")
	e.InitialClusterToken = loneName
	if c.Existing {
		e.ClusterState = embed.ClusterStateFlagExisting
	}
	e.PeerTLSInfo = transport.TLSInfo{
		CertFile: c.CertFile, KeyFile: c.KeyFile, TrustedCAFile: c.CAFile, ClientCertAuth: true,
	}
	e.SnapshotCatchUpEntries = clusterCatch
	e.TickMs, e.ElectionMs = milliseconds(clusterTick), milliseconds(clusterElection)
	return nil
}

// embedded is the etcd in this process.
type embedded struct {
	etcd   *embed.Etcd
	client *clientv3.Client
	lock   *fileutil.LockedFile
	quota  int64
	busy   atomic.Bool // maintenance is under way
}

func (m *embedded) explainFull() string { return fmt.Sprintf("%d MiB", m.quota>>20) }

func (m *embedded) id() uint64 { return uint64(m.etcd.Server.MemberID()) }

// close stops etcd and then gives up the directory.
func (m *embedded) close() {
	m.etcd.Close()
	m.lock.Close()
}

// maintain gives back free space, and takes changes again when a full store
// has room. Defragmentation holds up writers, so it waits until it is worth it.
func (m *embedded) maintain(ctx context.Context) error {
	if !m.busy.CompareAndSwap(false, true) {
		return nil
	}
	defer m.busy.Store(false)
	backend := m.etcd.Server.Backend()
	full, err := m.isFull(ctx)
	if err != nil {
		return err
	}
	if full {
		return m.recover(ctx)
	}
	if free := backend.Size() - backend.SizeInUse(); free > defragBytes && free > backend.Size()/2 {
		return backend.Defrag()
	}
	return nil
}

// isFull says whether this member's quota was passed.
func (m *embedded) isFull(ctx context.Context) (bool, error) {
	alarms, err := m.client.AlarmList(ctx)
	if err != nil {
		return false, err
	}
	for _, a := range alarms.Alarms {
		if a.Alarm == pb.AlarmType_NOSPACE && a.MemberID == m.id() {
			return true, nil
		}
	}
	return false, nil
}

// recover drops all history of a full store, shrinks its file and, if that
// brought it well under the quota, ends the alarm.
func (m *embedded) recover(ctx context.Context) error {
	now, err := m.client.Get(ctx, DefaultRoot, clientv3.WithCountOnly())
	if err != nil {
		return err
	}
	if _, err := m.client.Compact(ctx, now.Header.Revision, clientv3.WithCompactPhysical()); err != nil && !stale(err) {
		return err
	}
	backend := m.etcd.Server.Backend()
	if err := backend.Defrag(); err != nil {
		return err
	}
	if backend.Size() > m.quota/10*9 {
		return nil // still full: every write says so
	}
	_, err = m.client.AlarmDisarm(ctx, &clientv3.AlarmMember{
		MemberID: m.id(), Alarm: pb.AlarmType_NOSPACE,
	})
	return err
}
