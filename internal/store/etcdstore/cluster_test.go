package etcdstore

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/storetest"
)

// authority is a certificate authority for one test.
type authority struct {
	dir, file string
	cert      *x509.Certificate
	key       *ecdsa.PrivateKey
	issued    atomic.Int64
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cluster"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = filepath.Join(a.dir, "ca.pem")
	writePEM(t, a.file, "CERTIFICATE", der)
	return a
}

// issue writes a certificate for 127.0.0.1, both ways, and its key.
func (a *authority) issue(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key := newKey(t)
	serial := a.issued.Add(1) + 1
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: fmt.Sprint("member ", serial)},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile = filepath.Join(a.dir, fmt.Sprint(serial, ".pem"))
	keyFile = filepath.Join(a.dir, fmt.Sprint(serial, ".key"))
	writePEM(t, certFile, "CERTIFICATE", der)
	writePEM(t, keyFile, "PRIVATE KEY", keyDER)
	return certFile, keyFile
}

// clientTLS trusts a and shows a certificate of by, or none.
func (a *authority) clientTLS(t *testing.T, by *authority) *tls.Config {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	config := &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
	if by != nil {
		pair, err := tls.LoadX509KeyPair(by.issue(t))
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// freeAddresses are n addresses of this machine that were free just now.
func freeAddresses(t *testing.T, n int) []string {
	t.Helper()
	var addresses []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addresses = append(addresses, l.Addr().String())
	}
	return addresses
}

// startCluster starts a cluster of three and returns its stores and peer addresses.
func startCluster(t *testing.T, ca *authority) ([]*Store, []string) {
	t.Helper()
	addresses := freeAddresses(t, 3)
	members := map[string]string{}
	for i, address := range addresses {
		members[fmt.Sprint("node", i)] = "https://" + address
	}
	stores := make([]*Store, len(addresses))
	errs := make([]error, len(addresses))
	var all sync.WaitGroup
	for i := range stores {
		config := Config{Dir: t.TempDir(), Logger: testLog(t), Cluster: &Cluster{Name: fmt.Sprint("node", i), Members: members, CAFile: ca.file}}
		config.Cluster.CertFile, config.Cluster.KeyFile = ca.issue(t)
		all.Go(func() { stores[i], errs[i] = Embedded(config) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("member %d: %v", i, err)
		}
		t.Cleanup(func() { stores[i].Close() })
	}
	return stores, addresses
}

func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three members")
	}
	ca, stranger := newAuthority(t), newAuthority(t)
	stores, addresses := startCluster(t, ca)

	batches := stores[2].Watch(t.Context(), "/", 0)
	value := bytes.Repeat([]byte("v"), 700<<10)
	revision := commit(t, stores[0], store.Put("/a", value), store.Put("/b", nil))
	e, err := stores[1].Get(t.Context(), "/a")
	if err != nil || e.ModRevision != revision || !bytes.Equal(e.Value, value) {
		t.Errorf("another member has /a with %d bytes at %d, %v; want %d at %d", len(e.Value), e.ModRevision, err, len(value), revision)
	}
	select {
	case b := <-batches:
		if b.Revision != revision || len(b.Events) != 2 {
			t.Errorf("a third member's watch gives revision %d with %d events", b.Revision, len(b.Events))
		}
	case <-time.After(10 * time.Second):
		t.Error("a third member's watch gives nothing")
	}

	for _, tc := range []struct {
		name   string
		config *tls.Config
		let    bool
	}{
		{"without a certificate", ca.clientTLS(t, nil), false},
		{"with another authority's certificate", ca.clientTLS(t, stranger), false},
		{"as a member", ca.clientTLS(t, ca), true},
	} {
		t.Run("a peer "+tc.name, func(t *testing.T) {
			if answer, err := askPeer(addresses[0], tc.config); (err == nil && strings.HasPrefix(answer, "HTTP/1.1 200")) != tc.let {
				t.Errorf("the peer listener answers %q, %v; to be let in: %v", answer, err, tc.let)
			}
		})
	}

	stores[0].Close() // perhaps the leader
	if err := commitInTime(t, stores[1]); err != nil {
		t.Errorf("with one of three members gone: %v", err)
	}
	stores[2].Close()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := stores[1].Commit(ctx, store.Txn{Then: []store.Op{store.Put("/c", nil)}}); err == nil {
		t.Error("with two of three members gone a commit is acknowledged")
	}
}

// TestGrow begins alone, becomes a cluster of one, and takes a second member in and out.
func TestGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two members")
	}
	dir := t.TempDir()
	s := openIn(t, Config{Dir: dir})
	revision := commit(t, s, store.Put("/a", []byte("alone")))
	s.Close()

	ca := newAuthority(t)
	addresses := freeAddresses(t, 2)
	first, second := "https://"+addresses[0], "https://"+addresses[1]
	member := func(dir, name string, existing bool, members map[string]string) Config {
		c := &Cluster{Name: name, Members: members, CAFile: ca.file, Existing: existing}
		c.CertFile, c.KeyFile = ca.issue(t)
		return Config{Dir: dir, Cluster: c}
	}
	s = openIn(t, member(dir, "first", false, map[string]string{"first": first}))
	if err := s.AddMember(t.Context(), "http://"+addresses[1]); fault.KindOf(err) != fault.Invalid {
		t.Errorf("AddMember without TLS: %v, want kind invalid", err)
	}
	if err := s.AddMember(t.Context(), second); err != nil {
		t.Fatalf("AddMember: %v", err)
	}
	other := openIn(t, member(t.TempDir(), "second", true, map[string]string{"first": first, "second": second}))
	if e, err := other.Get(t.Context(), "/a"); err != nil || e.ModRevision != revision || string(e.Value) != "alone" {
		t.Errorf("the new member has %+v, %v", e, err)
	}
	members, err := other.Members(t.Context())
	if want := fmt.Sprint([]Member{{"first", []string{first}}, {"second", []string{second}}}); err != nil || fmt.Sprint(members) != want {
		t.Errorf("Members = %v, %v; want %s", members, err, want)
	}
	if err := s.RemoveMember(t.Context(), "https://127.0.0.1:2"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("RemoveMember of nobody: %v, want kind not found", err)
	}
	// etcd wants to see the members connected for five seconds.
	err = s.RemoveMember(t.Context(), second)
	for end := time.Now().Add(20 * time.Second); fault.KindOf(err) == fault.Unavailable && time.Now().Before(end); {
		time.Sleep(200 * time.Millisecond)
		err = s.RemoveMember(t.Context(), second)
	}
	if err != nil {
		t.Fatalf("RemoveMember: %v", err)
	}
	other.Close()
	if err := commitInTime(t, s); err != nil {
		t.Errorf("after the second member left: %v", err)
	}
}

func TestNoQuorum(t *testing.T) {
	ca := newAuthority(t)
	addresses := freeAddresses(t, 2)
	c := &Cluster{Name: "a", Members: map[string]string{"a": "https://" + addresses[0], "b": "https://" + addresses[1]}, CAFile: ca.file}
	c.CertFile, c.KeyFile = ca.issue(t)
	_, err := Embedded(Config{Dir: t.TempDir(), Cluster: c, StartTimeout: 300 * time.Millisecond})
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fmt.Sprint(err), "was not ready") {
		t.Errorf("Embedded of one member of two: %v, want kind unavailable", err)
	}
}

// commitInTime commits as soon as there is a leader again.
func commitInTime(t *testing.T, s *Store) error {
	var err error
	for range 20 {
		if _, err = s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put("/c", nil)}}); fault.KindOf(err) != fault.Unavailable {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
	return err
}

// askPeer asks a peer listener for its version and returns the status line.
func askPeer(address string, config *tls.Config) (string, error) {
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", address, config)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "GET /version HTTP/1.1\r\nHost: peer\r\nConnection: close\r\n\r\n"); err != nil {
		return "", err
	}
	answer := make([]byte, 256)
	n, err := conn.Read(answer)
	return string(answer[:n]), err
}

// startForeign starts an etcd as others run it, with clients over mutual TLS,
// and returns its client address.
func startForeign(t *testing.T, ca *authority) string {
	t.Helper()
	address := freeAddresses(t, 1)[0]
	config, err := Config{Dir: t.TempDir(), Logger: testLog(t)}.etcd()
	if err != nil {
		t.Fatal(err)
	}
	u := url.URL{Scheme: "https", Host: address}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{u}, []url.URL{u}
	config.MaxRequestBytes = embed.DefaultMaxRequestBytes
	certFile, keyFile := ca.issue(t)
	config.ClientTLSInfo = transport.TLSInfo{CertFile: certFile, KeyFile: keyFile, TrustedCAFile: ca.file, ClientCertAuth: true}
	e, err := embed.StartEtcd(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	<-e.Server.ReadyNotify()
	return u.String()
}

// TestConnectContract runs the contract in an etcd of others, with its default
// limits, every test under a root of its own.
func TestConnectContract(t *testing.T) {
	ca := newAuthority(t)
	endpoint := startForeign(t, ca)
	n := 0
	connect := func(t *testing.T, root string) store.Store {
		t.Helper()
		s, err := Connect(t.Context(), ClientConfig{Endpoints: []string{endpoint}, TLS: ca.clientTLS(t, ca), Root: root, Logger: testLog(t)})
		if err != nil {
			t.Fatalf("Connect: %v", err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	storetest.Run(t, func(t *testing.T) store.Store {
		n++
		return connect(t, fmt.Sprint("/test/", n))
	})
	storetest.RunReopen(t,
		func(t *testing.T) store.Store { return connect(t, "/test/reopened") },
		func(t *testing.T, s store.Store) store.Store {
			s.Close()
			return connect(t, "/test/reopened")
		})
}

func TestConnectRefuses(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	endpoint := startForeign(t, ca)
	nobody := "https://" + freeAddresses(t, 1)[0]
	for _, tc := range []struct {
		name   string
		config ClientConfig
		want   fault.Kind
	}{
		{"no endpoint", ClientConfig{}, fault.Invalid},
		{"no URL", ClientConfig{Endpoints: []string{"::"}}, fault.Invalid},
		{"no scheme", ClientConfig{Endpoints: []string{"127.0.0.1:2379"}}, fault.Invalid},
		{"another scheme", ClientConfig{Endpoints: []string{"ftp://127.0.0.1:2379"}}, fault.Invalid},
		{"another machine without TLS", ClientConfig{Endpoints: []string{"http://192.0.2.1:2379"}}, fault.Invalid},
		{"a name without TLS", ClientConfig{Endpoints: []string{"http://etcd.example:2379"}}, fault.Invalid},
		{"some with TLS", ClientConfig{Endpoints: []string{endpoint, "http://127.0.0.1:2379"}}, fault.Invalid},
		{"nobody there", ClientConfig{Endpoints: []string{nobody}, TLS: ca.clientTLS(t, ca)}, fault.Unavailable},
		{"no client certificate", ClientConfig{Endpoints: []string{endpoint}, TLS: ca.clientTLS(t, nil)}, fault.Unavailable},
		{"a stranger's client certificate", ClientConfig{Endpoints: []string{endpoint}, TLS: ca.clientTLS(t, stranger)}, fault.Unavailable},
		{"an unknown authority", ClientConfig{Endpoints: []string{endpoint}, TLS: stranger.clientTLS(t, ca)}, fault.Unavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.config.DialTimeout = 500 * time.Millisecond
			s, err := Connect(t.Context(), tc.config)
			if fault.KindOf(err) != tc.want || err == nil {
				t.Errorf("Connect = %v, want kind %v", err, tc.want)
			}
			if s != nil {
				s.Close()
			}
		})
	}
}
