package gateway

import (
	"crypto/sha256"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
)

// The places where a subscription key is looked for if the API names none.
const (
	defaultKeyHeader = "Ocp-Apim-Subscription-Key"
	defaultKeyQuery  = "subscription-key"
)

// Snapshot is a service compiled for serving. It is immutable once it was given to a Server.
type Snapshot struct {
	service    *apim.Service
	options    Options
	judge      Judge
	deployment *policy.Deployment
	// global answers what matches no API; may be nil.
	global Pipeline
	routes router

	exact    map[string]*binding
	wildcard map[string]*binding // by what follows the star: ".example.com"
	standard *binding            // for clients without SNI, or with one that is unknown

	// epoch names the trust: the CA certificates of both stores.
	epoch    [32]byte
	backends *backends
	// outgoing is what requests that policies make up have in common; it goes from snapshot to snapshot.
	outgoing *outgoing

	// secrets are what logs and decisions may not show.
	secrets []string

	// live is where the server that serves the snapshot keeps the present one.
	live *atomic.Pointer[Snapshot]
}

// present is the snapshot that is served now.
func (s *Snapshot) present() *Snapshot {
	if s.live == nil {
		return s
	}
	return s.live.Load()
}

// NewSnapshot compiles a service. Errors say what of the service cannot be served; they are fault.Invalid where the
// configuration is at fault.
func NewSnapshot(svc *apim.Service, o Options) (*Snapshot, error) {
	s := &Snapshot{service: svc, options: o, judge: o.Judge, deployment: o.Deployment, epoch: trustEpoch(svc), secrets: secretsOf(svc)}
	if s.judge == nil {
		s.judge = noJudge{}
	}
	if s.deployment == nil {
		s.deployment = newDeployment(svc)
	}
	if err := s.bind(); err != nil {
		return nil, err
	}
	compile := o.Pipelines
	if compile == nil {
		compile = func(*apim.API, *apim.Operation) (Pipeline, error) { return nil, nil }
	}
	var err error
	if s.global, err = compile(nil, nil); err != nil {
		return nil, err
	}
	for i := range svc.APIs {
		if err := s.routes.add(&svc.APIs[i], compile); err != nil {
			return nil, err
		}
	}
	s.backends = newBackends(svc, s.epoch, o.OwnRoot, o.logger())
	s.outgoing = newOutgoing()
	return s, nil
}

// newDeployment is context.Deployment of a service.
func newDeployment(svc *apim.Service) *policy.Deployment {
	return &policy.Deployment{
		ServiceName: svc.Name, ServiceID: svc.Name, Region: svc.Location, GatewayID: "managed", Certificates: svc.Certificates,
	}
}

// trustEpoch is a digest of the CA certificates, store by store.
func trustEpoch(svc *apim.Service) [32]byte {
	h := sha256.New()
	for _, store := range [][]*cert.Certificate{svc.Roots, svc.Intermediates} {
		for _, c := range store {
			h.Write(c.SHA256[:])
		}
		h.Write([]byte{0})
	}
	return [32]byte(h.Sum(nil))
}

// bind compiles the hostname configurations and chooses the default one.
func (s *Snapshot) bind() error {
	s.exact, s.wildcard = map[string]*binding{}, map[string]*binding{}
	list := make([]*binding, 0, len(s.service.Hostnames))
	for i := range s.service.Hostnames {
		h := &s.service.Hostnames[i]
		b, err := newBinding(s.service, h, s.options.BuiltIn, s.options.TicketSecret)
		if err != nil {
			return err
		}
		b.epoch.Store(&s.epoch)
		list = append(list, b)
		table, key := s.exact, b.name
		if rest, ok := strings.CutPrefix(b.name, "*."); ok {
			table, key = s.wildcard, "."+rest
		}
		if table[key] != nil {
			return fault.New(fault.Invalid, "host name %q is configured twice", h.Name)
		}
		table[key] = b
	}
	if i := defaultHostname(s.service.Hostnames); i >= 0 {
		s.standard = list[i]
	}
	return nil
}

// defaultHostname is the index of the configuration that serves clients without SNI: the one that says so, else the
// only custom one, else the first built-in one; -1 if there is none at all.
func defaultHostname(list []apim.Hostname) int {
	custom, customs, builtIn := -1, 0, -1
	for i := range list {
		h := &list[i]
		switch {
		case h.DefaultSSLBinding:
			return i
		case !h.BuiltIn:
			custom = i
			customs++
		case builtIn < 0:
			builtIn = i
		}
	}
	if customs == 1 || builtIn < 0 {
		return custom
	}
	return builtIn
}

// host is the binding of a host name in lower case: the exact one, else a wildcard over its first label, else nil.
func (s *Snapshot) host(name string) *binding {
	if b := s.exact[name]; b != nil {
		return b
	}
	if dot := strings.IndexByte(name, '.'); dot > 0 {
		return s.wildcard[name[dot:]]
	}
	return nil
}

// maxBefore is how many certificates ago a connection may have been made.
const maxBefore = 8

// adopt takes over from the snapshot before what has not changed, and reports the bindings that are no more.
func (s *Snapshot) adopt(old *Snapshot) (gone []*binding) {
	carry := func(table, before map[string]*binding) {
		for key, was := range before {
			now := table[key]
			if now == nil || now.terms != was.terms {
				gone = append(append(gone, was.before...), was)
				continue
			}
			if now.digest != was.digest { // another certificate
				now.before = append(slices.Clone(was.before), was)
				if n := len(now.before) - maxBefore; n > 0 {
					gone = append(gone, now.before[:n]...)
					now.before = now.before[n:]
				}
				continue
			}
			if s.standard == now {
				s.standard = was
			}
			table[key] = was
			was.epoch.Store(&s.epoch)
		}
	}
	carry(s.exact, old.exact)
	carry(s.wildcard, old.wildcard)
	s.outgoing = old.outgoing
	if s.backends.same(old.backends) {
		s.backends = old.backends
	}
	return gone
}

// Service is what the snapshot was made of.
func (s *Snapshot) Service() *apim.Service { return s.service }

// LogValue shows a snapshot in a log.
func (s *Snapshot) LogValue() slog.Value {
	return slog.GroupValue(slog.String("service", s.service.Name), slog.Int("hostnames", len(s.exact)+len(s.wildcard)),
		slog.Int("apis", len(s.service.APIs)))
}
