package etcdstore

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/fault"
)

// DefaultDialTimeout bounds how long Connect waits for the cluster's first answer.
const DefaultDialTimeout = 10 * time.Second

// keepAlive finds connections that died without a word.
const keepAlive = 10 * time.Second

// ClientConfig says where an existing etcd cluster is.
type ClientConfig struct {
	// Endpoints are the members' client URLs: https://host:port. Without TLS
	// (http) only addresses of this machine are taken, and unix sockets.
	Endpoints []string
	// TLS has the authorities that the cluster's certificates come from, and
	// the client certificate that it asks for; nil: the system's authorities.
	TLS *tls.Config
	// Username and Password where the cluster authenticates by them.
	Username, Password string
	// Root is the prefix of all that is stored; empty means DefaultRoot.
	Root string
	// DialTimeout bounds Connect; 0 means DefaultDialTimeout.
	DialTimeout time.Duration
	// Logger gets the client's warnings; nil: nobody does.
	Logger *slog.Logger
}

// Connect returns a store in an etcd cluster that already exists, once it has
// answered. The fault is of Kind Invalid for a configuration that cannot be,
// Unavailable when no member answers.
func Connect(ctx context.Context, config ClientConfig) (*Store, error) {
	secure, err := checkEndpoints(config.Endpoints)
	if err != nil {
		return nil, err
	}
	timeout := config.DialTimeout
	if timeout == 0 {
		timeout = DefaultDialTimeout
	}
	settings := clientv3.Config{
		Endpoints: config.Endpoints, Username: config.Username, Password: config.Password,
		DialTimeout: timeout, DialKeepAliveTime: keepAlive, DialKeepAliveTimeout: keepAlive,
		Logger: zapLogger(componentLogger(config.Logger)),
	}
	if secure {
		settings.TLS = config.TLS
		if settings.TLS == nil {
			settings.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
	}
	client, err := clientv3.New(settings)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the etcd cluster at %s cannot be reached", strings.Join(config.Endpoints, ", "))
	}
	s := newStore(client, config.Root, config.Logger)
	s.quorumWatch = true
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, err := client.Get(ctx, s.seq, clientv3.WithCountOnly()); err != nil {
		s.Close()
		return nil, fault.Wrap(fault.Unavailable, err, "the etcd cluster at %s does not answer", strings.Join(config.Endpoints, ", "))
	}
	s.startMaintenance()
	return s, nil
}

// checkEndpoints says whether the endpoints use TLS. All must, or none; none
// may only where nobody can listen in.
func checkEndpoints(endpoints []string) (secure bool, err error) {
	if len(endpoints) == 0 {
		return false, fault.New(fault.Invalid, "an etcd cluster needs at least one endpoint")
	}
	for i, endpoint := range endpoints {
		u, err := url.Parse(endpoint)
		if err != nil {
			return false, fault.Wrap(fault.Invalid, err, "the etcd endpoint %q is not a URL", endpoint)
		}
		withTLS := false
		switch u.Scheme {
		case "https", "unixs":
			withTLS = true
		case "http", "unix":
		default:
			return false, fault.New(fault.Invalid, "the etcd endpoint %q must be https://host:port", endpoint)
		}
		if i > 0 && withTLS != secure {
			return false, fault.New(fault.Invalid, "the etcd endpoints must all use TLS, or none")
		}
		secure = withTLS
		if u.Scheme == "http" && !isLoopback(u.Hostname()) {
			return false, fault.New(fault.Invalid, "the etcd endpoint %q is another machine: it must use https", endpoint)
		}
	}
	return secure, nil
}

// isLoopback takes addresses only, and localhost: what a name means may change.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
