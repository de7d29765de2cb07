// Package app wires Postern together: configuration to components to Run. It
// is the one package that knows them all.
package app

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/apply"
	"github.com/postern-gateway/postern/internal/arm"
	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/expiry"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/inspect"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store/etcdstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/token"
	"github.com/postern-gateway/postern/pki/cert"
)

// ErrConfig is in the tree of errors that are the configuration's, or of a file to apply that cannot be read.
var ErrConfig = errors.New("wrong configuration")

// caFile is the file of the development CA's server root in the data directory.
const caFile = "ca.pem"

// components are what Run builds, from the bottom up.
type components struct {
	cfg       config.Config
	log       *slog.Logger
	store     *etcdstore.Store
	sealer    *seal.Sealer
	ca        *devca.CA
	directory *identity.Directory
	serviceID resource.ID
	admin     config.Admin
	gateway   *gateway.Server
	policies  *policies
	courts    *courts
	builder   *builder
	ops       *ops
	dev       *development
	// ticketSecret is what the keys of session tickets are made from.
	ticketSecret []byte
	arm          *arm.Server
	portal       *portalFront
	vault        *vaultFront
	decisions    *inspect.Recorder
	references   *references
	events       *event.Bus
	expiry       *expiry.Watcher

	gatewayListener, managementListener, vaultListener, opsListener net.Listener
	// identityListener is nil where none is asked for.
	identityListener net.Listener
	tokens           *token.Server
	policyTokens     *policyTokens
	shared           *policy.Shared
}

// Run runs everything until ctx ends, then drains. Logs go to logs, the addresses to out.
func Run(ctx context.Context, cfg config.Config, logs, out io.Writer) (err error) {
	c := &components{cfg: cfg, log: newLogger(cfg, logs)}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, step := range []func(context.Context) error{c.openStore, c.openIdentities, c.openTickets, c.listen, c.listenIdentity, c.writeAdmin, c.buildVault, c.buildTokens, c.buildGateway, c.buildEvents, c.buildReferences, c.buildManagement} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return c.serve(ctx, out)
}

func newLogger(cfg config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func (c *components) openStore(ctx context.Context) (err error) {
	if err := os.MkdirAll(c.cfg.DataDir, 0o700); err != nil {
		return err
	}
	if c.sealer, err = openSealer(c.cfg); err != nil {
		return err
	}
	c.warnOfMasterKey()
	if c.store, err = etcdstore.Embedded(etcdstore.Config{Dir: storeDir(c.cfg), Logger: c.log.With(slog.String(logkey.Component, "etcd"))}); err != nil {
		return err
	}
	return refuseUnfinished(ctx, c.store, c.cfg)
}

func (c *components) openIdentities(ctx context.Context) (err error) {
	if c.serviceID, err = ensureService(ctx, c.store); err != nil {
		return err
	}
	if err := ensureServiceGroup(ctx, c); err != nil {
		return err
	}
	names := append(resource.BuiltIn(c.serviceID.RootName()), vaultNames...)
	if c.ca, err = devca.Open(ctx, c.store, c.sealer, names); err != nil {
		return err
	}
	c.directory = c.newDirectory()
	c.admin, err = ensureAdmin(ctx, c.cfg.DataDir, c.directory)
	return err
}

func (c *components) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	for _, l := range []struct {
		into    *net.Listener
		address string
		flag    string
	}{{&c.gatewayListener, c.cfg.GatewayListen, "gateway-listen"}, {&c.managementListener, c.cfg.ManagementListen, "management-listen"},
		{&c.vaultListener, c.cfg.VaultListen, "vault-listen"}, {&c.opsListener, c.cfg.OpsListen, "ops-listen"}} {
		if *l.into, err = lc.Listen(ctx, "tcp", l.address); err != nil {
			return fmt.Errorf("%w (--%s)", err, l.flag)
		}
	}
	return nil
}

// urlOf is the URL of a listener as a client on this machine writes it.
func urlOf(scheme string, l net.Listener) string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func (c *components) writeAdmin(context.Context) error {
	path, err := filepath.Abs(filepath.Join(c.cfg.DataDir, caFile))
	if err != nil {
		return err
	}
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.ca.ServerRoot().Raw})
	if err := os.WriteFile(path, root, 0o644); err != nil {
		return err
	}
	c.admin.CAFile = path
	c.admin.GatewayURL, c.admin.ManagementURL, c.admin.OpsURL = urlOf("https", c.gatewayListener), urlOf("https", c.managementListener), urlOf("http", c.opsListener)
	c.admin.VaultURL = c.vaultURL()
	c.admin.SubscriptionID, c.admin.ResourceGroup, c.admin.ServiceName = c.serviceID.Subscription, c.serviceID.Group, c.serviceID.RootName()
	c.nameIdentities()
	return c.admin.Write(c.cfg.DataDir)
}

func (c *components) buildGateway(context.Context) error {
	c.policies = newPolicies(types.Budget{Steps: c.cfg.ExpressionSteps, Bytes: c.cfg.ExpressionBytes, Depth: c.cfg.ExpressionDepth, Time: c.cfg.ExpressionTimeout}, c.log)
	if err := c.openCourts(); err != nil {
		return err
	}
	var err error
	if c.policyTokens, err = c.newPolicyTokens(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	var access *slog.Logger
	if c.cfg.AccessLog {
		access = c.log.With(slog.String(logkey.Component, "access"))
	}
	c.decisions, c.shared = inspect.NewRecorder(), c.newShared()
	c.gateway = gateway.NewServer(gateway.ServerConfig{
		Observe: c.noteDecision, ObserveAlso: c.awaited,
		Logger: c.log, AccessLog: access, Proxies: c.cfg.ProxyProtocolFrom,
		Limits: engine.Limits{
			HeaderBytes: c.cfg.MaxHeaderBytes, HeaderCount: c.cfg.MaxHeaderCount, URLBytes: c.cfg.MaxURLBytes, BodyBytes: unlimited(c.cfg.MaxBodyBytes),
			ReadHeader: c.cfg.ReadHeaderTimeout, ReadBody: c.cfg.ReadTimeout, Idle: c.cfg.IdleTimeout,
		},
	})
	c.builder = newBuilder(c.store, resource.NewLoader(c.sealer), c.use, c.log)
	c.ops = newOps(c.ca, c.builder)
	return nil
}

// unlimited turns the setting's 0 into the engine's word for no limit.
func unlimited(n int64) int64 {
	if n == 0 {
		return -1
	}
	return n
}

// use makes a snapshot of the service and gives it to the gateway.
func (c *components) use(svc *apim.Service) error {
	compilation := c.policies.begin(svc)
	snapshot, err := gateway.NewSnapshot(svc, gateway.Options{
		Pipelines: compilation.pipeline, Judge: c.courts.judge(svc), BuiltIn: c.ca.Server(), TicketSecret: c.ticketSecret,
		OwnRoot: c.ca.ServerRoot(), Token: c.policyTokens.of(svc), Shared: c.shared,
		Logger: c.log.With(slog.String(logkey.Component, "gateway")),
	})
	if err != nil {
		return err
	}
	compilation.end()
	c.gateway.Swap(snapshot)
	c.expiry.Nudge()
	return nil
}

func (c *components) buildManagement(context.Context) error {
	c.dev = &development{ca: c.ca, directory: c.directory, crlURL: c.admin.OpsURL + devca.CRLPath, revoked: c.trustChanged}
	c.arm = arm.New(c.withDirectory(arm.Options{
		Store: c.store, Sealer: c.sealer, Policies: c.policies, Authenticate: c.directory.Authenticate, Live: c.builder.wait,
		GatewayURL: func() string { return c.admin.GatewayURL }, ManagementURL: func() string { return c.admin.ManagementURL },
		BuiltIn: resource.Identity{Certificate: c.ca.Server().Certificate.Raw}, References: c.references, Log: c.log,
	}))
	return nil
}

// server is an HTTP server of ours on a listener.
type server struct {
	*http.Server
	listener net.Listener
	tls      bool
}

func (c *components) servers() ([]server, error) {
	var err error
	if c.portal, err = c.newPortal(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/subscriptions/", c.arm)
	c.handleIdentities(mux)
	mux.Handle("/postern/v1/development/", c.dev.handler())
	mux.Handle("/postern/v1/store/", c.keeping().handler())
	c.handleEventGrid(mux)
	c.buildExpiry()
	new := func(h http.Handler) *http.Server {
		return &http.Server{Handler: ownHost(c.cfg.ManagementHosts, h), ReadHeaderTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
			MaxHeaderBytes: 1 << 17, ErrorLog: slog.NewLogLogger(c.log.With(slog.String(logkey.Component, "management")).Handler(), slog.LevelDebug)}
	}
	management := new(c.tokens.Or(c.portal.handler(mux)))
	management.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{tlsCertificate(c.ca.Server())}}
	vaults := new(c.vault.handler())
	vaults.TLSConfig = management.TLSConfig.Clone()
	all := []server{{management, c.managementListener, true}, {vaults, c.vaultListener, true}, {new(c.ops.handler()), c.opsListener, false}}
	return append(all, c.identityServers()...), nil
}

func tlsCertificate(i *cert.Identity) tls.Certificate {
	t := tls.Certificate{Certificate: [][]byte{i.Certificate.Raw}, PrivateKey: i.Key}
	for _, x := range i.Chain {
		t.Certificate = append(t.Certificate, x.Raw)
	}
	return t
}

// serve runs the servers until ctx ends or one of them fails, then drains them.
func (c *components) serve(ctx context.Context, out io.Writer) error {
	servers, err := c.servers()
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() { c.builder.run(work) })
	wg.Go(func() { c.runVault(work) })
	wg.Go(func() { c.courts.checker.Run(work) })
	wg.Go(func() { c.runReferences(ctx) }) // not while the vault is drained: it would seem to fail
	if c.events.Webhook != nil {
		wg.Go(func() { c.events.Webhook.Run(work) })
	}
	wg.Go(func() {
		c.ca.Keep(work, c.dev.revoked, func(err error) {
			c.log.LogAttrs(work, slog.LevelError, "the development CRL cannot be signed", slog.Any(logkey.Error, err))
		})
	})
	c.builder.wait(ctx, 1) // any revision: the first state
	if why := c.builder.stale(); why != "" {
		return fmt.Errorf("the stored configuration cannot be run: %s", why)
	}
	wg.Go(func() { c.expiry.Run(work) })
	failed := make(chan error, len(servers)+1)
	wg.Go(func() { failed <- c.gateway.ServeTLS(c.gatewayListener) })
	for _, s := range servers {
		wg.Go(func() { failed <- s.run() })
	}
	if err := c.applyFiles(ctx); err != nil {
		c.drain(servers)
		return err
	}
	c.ops.ready.Store(true)
	c.announce(out)
	select {
	case <-ctx.Done():
		c.log.LogAttrs(ctx, slog.LevelInfo, "draining")
	case err = <-failed:
	}
	c.ops.ready.Store(false)
	return errors.Join(err, c.drain(servers))
}

func (s server) run() error {
	var err error
	if s.tls {
		err = s.ServeTLS(s.listener, "", "")
	} else {
		err = s.Serve(s.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// drain lets requests end, the gateway's first, for as long as is allowed.
func (c *components) drain(servers []server) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.DrainTimeout)
	defer cancel()
	err := c.gateway.Shutdown(ctx)
	for _, s := range servers {
		if s.Shutdown(ctx) != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}

// applyFiles puts the files of --apply through the management API, in this process.
func (c *components) applyFiles(ctx context.Context) error {
	if len(c.cfg.Apply) == 0 {
		return nil
	}
	resources, err := c.dev.reader(c.admin.ServiceID()).Read(c.cfg.Apply...)
	if err != nil {
		return fmt.Errorf("%w: --apply: %w", ErrConfig, err)
	}
	client := &apply.Client{HTTP: &http.Client{Transport: inProcess{c.arm}}, URL: c.admin.ManagementURL, Token: c.admin.BearerToken}
	return client.Apply(ctx, resources, func(r apply.Resource, _ bool) {
		c.log.LogAttrs(ctx, slog.LevelInfo, "applied", slog.String(logkey.Resource, r.ID))
	})
}

func (c *components) announce(out io.Writer) {
	a := c.admin
	fmt.Fprintf(out, "postern is ready\n  gateway     %s\n  management  %s\n  operations  %s\n  credential  %s\n  CA          %s\n",
		a.GatewayURL, a.ManagementURL, a.OpsURL, filepath.Join(c.cfg.DataDir, config.AdminFile), a.CAFile)
	c.announceVault(out)
	c.portal.announce(out, a.ManagementURL, a.BearerToken)
	local := strings.ToLower(c.serviceID.RootName()) + ".gateway.localhost"
	if _, err := net.LookupHost(local); err != nil {
		fmt.Fprintf(out, "  %s does not resolve here; to use it, add to /etc/hosts:\n    127.0.0.1 %s\n", local, local)
	}
}

func (c *components) close() error {
	for _, l := range []net.Listener{c.gatewayListener, c.managementListener, c.vaultListener, c.opsListener, c.identityListener} {
		if l != nil {
			_ = l.Close() // closed already by its server where that ran
		}
	}
	if c.store != nil {
		return c.store.Close()
	}
	return nil
}
