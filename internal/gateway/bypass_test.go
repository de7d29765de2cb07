package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/chain"
)

// The ways in which client certificates were got around in other servers, each tried here.

// TestBypassResumptionAcrossHosts:
//
// CVE-2025-23419 (nginx): a TLS 1.3 session made at one virtual host was resumed at another that verifies client
// certificates, since tickets are opened before the host is known.
//
// CVE-2025-23048 (Apache httpd): a client trusted at one virtual host got into another, which trusts other clients, by
// resuming its session there.
func TestBypassResumptionAcrossHosts(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			f := newFixture(t, tell, func(f *fixture) {
				second := f.root.NewServer(t, "other.example.com")
				f.service.Hostnames = append(f.service.Hostnames, apim.Hostname{Name: "other.example.com", Identity: second.Identity(t), NegotiateClientCertificate: true})
			})
			client := f.root.NewClient(t, "client")
			cache := &oneSession{}
			call := func(host string, cert *testkit.Cert) string {
				cfg := f.tls(host, cert)
				cfg.MaxVersion, cfg.ClientSessionCache, cfg.InsecureSkipVerify = version, cache, true
				c := f.client(cfg, false)
				defer c.CloseIdleConnections()
				return f.get(c, "https://"+host+"/echo/").body
			}
			hosts := []string{"localhost", "mtls.example.com", "a.wild.example.com", "other.example.com"}
			for _, from := range hosts {
				for _, to := range hosts {
					if from == to {
						continue
					}
					cache.session = nil
					call(from, client)
					if cache.session == nil {
						t.Fatalf("%s gave no session", from)
					}
					if got := call(to, nil); !strings.Contains(got, "resumed=false") || !strings.Contains(got, "peer=none") {
						t.Errorf("a session of %s at %s: %s", from, to, got)
					}
				}
			}
		})
	}
}

// TestBypassVerdictOfTheFirstHandshake: crypto/tls does not call VerifyPeerCertificate on a resumed connection (its
// documentation says so), so that a server which verifies there lets a revoked client go on with its session.
func TestBypassVerdictOfTheFirstHandshake(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			backend := testkit.NewBackend(t, streams)
			f := newFixture(t, asking, func(f *fixture) {
				f.lists = listJudge{unknown: map[string]bool{"": true}}
				f.service.APIs[0].ServiceURL = backend.URL
			})
			client := f.root.NewClient(t, "client")
			cfg := f.tls("mtls.example.com", client)
			cfg.MaxVersion, cfg.ClientSessionCache = version, tls.NewLRUClientSessionCache(4)
			call := func() (int, bool) {
				c := f.client(cfg, false)
				defer c.CloseIdleConnections()
				r, _ := http.NewRequest("GET", "https://mtls.example.com/echo/?full", nil)
				resp, err := c.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				return resp.StatusCode, resp.TLS.DidResume
			}
			if status, _ := call(); status != 200 {
				t.Fatalf("a good client: %d", status)
			}
			if status, resumed := call(); status != 200 || !resumed {
				t.Fatalf("a good client again: %d, resumed %v", status, resumed)
			}
			f.lists = listJudge{revoked: set(t, client)}
			f.swap()
			if status, _ := call(); status != 403 {
				t.Errorf("the session of a revoked client: %d", status)
			}
		})
	}
}

// TestBypassChangedTrust:
//
// CVE-2025-68121 (Go crypto/tls): a session was resumed although ClientCAs had changed since its handshake, where the
// configuration came from Config.Clone or GetConfigForClient, which shared the ticket keys.
func TestBypassChangedTrust(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			f := newFixture(t, tell, func(f *fixture) { f.service.Roots = []*certificate{testkit.NewRoot(t, "old").Cert(t)} })
			cfg := f.tls("mtls.example.com", f.root.NewClient(t, "client"))
			cfg.MaxVersion, cfg.ClientSessionCache = version, tls.NewLRUClientSessionCache(4)
			call := func() string {
				c := f.client(cfg, false)
				defer c.CloseIdleConnections()
				return f.get(c, "https://mtls.example.com/echo/").body
			}
			call()
			if got := call(); !strings.Contains(got, "resumed=true") {
				t.Fatalf("before: %s", got)
			}
			f.service.Roots = nil
			f.swap()
			if got := call(); !strings.Contains(got, "resumed=false") {
				t.Errorf("with another trust: %s", got)
			}
		})
	}
	// A configuration that crypto/tls is handed by GetConfigForClient falls back to the ticket keys of the listener's, which
	// all hostnames share; ours must never use them.
	f := newFixture(t, tell, nil)
	for name, b := range f.server.Snapshot().exact {
		if b.config.WrapSession == nil || b.config.UnwrapSession == nil {
			t.Errorf("%s: tickets are made with keys that hostnames share", name)
		}
	}
}

// fragmenting is a client's connection that cuts the ClientHello into many TLS records, or into many writes.
type fragmenting struct {
	net.Conn
	records bool
	size    int
	done    bool
}

func (c *fragmenting) Write(p []byte) (int, error) {
	if c.done {
		return c.Conn.Write(p)
	}
	c.done = true
	if !c.records {
		for rest := p; len(rest) > 0; {
			n := min(c.size, len(rest))
			if _, err := c.Conn.Write(rest[:n]); err != nil {
				return 0, err
			}
			rest = rest[n:]
			time.Sleep(100 * time.Microsecond) // so that the parts are not sent as one segment
		}
		return len(p), nil
	}
	var out bytes.Buffer
	for rest := p[5:]; len(rest) > 0; {
		n := min(c.size, len(rest))
		out.Write(p[:3])
		_ = binary.Write(&out, binary.BigEndian, uint16(n))
		out.Write(rest[:n])
		rest = rest[n:]
	}
	_, err := c.Conn.Write(out.Bytes())
	return len(p), err
}

// TestBypassFragmentedClientHello:
//
// CVE-2026-32305 (Traefik): a ClientHello cut into several TLS records hid its server name from the sniffer, and the
// connection got the default options, without client certificates.
//
// CVE-2026-75595 (Netty): a handshake header that spans records made the SNI handler choose the default context.
func TestBypassFragmentedClientHello(t *testing.T) {
	f := newFixture(t, tell, nil)
	client := f.root.NewClient(t, "client")
	for _, records := range []bool{false, true} {
		for _, size := range []int{1, 2, 3, 5, 50, 200} {
			t.Run(fmt.Sprintf("records=%v/size=%d", records, size), func(t *testing.T) {
				if !records && size < 50 {
					size *= 16 // one write a byte takes long
				}
				c := f.client(f.tls("mtls.example.com", client), false)
				tr := c.Transport.(*http.Transport)
				dial := tr.DialContext
				tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := dial(ctx, network, addr)
					return &fragmenting{Conn: conn, records: records, size: size}, err
				}
				got := f.get(c, "https://mtls.example.com/echo/")
				if got.status != 200 || !strings.Contains(got.body, "hostname=mtls.example.com") || !strings.Contains(got.body, client.Cert(t).Thumbprint()) {
					t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
	}
}

// TestBypassDomainFronting:
//
// CVE-2026-48491 (Traefik): the check that Host and server name have the same TLS options knew exact names only, so that
// a Host under a wildcard with client certificates was reached by the handshake of a name without.
//
// CVE-2022-23632 (Traefik): a server name with a final dot, or one that differs from Host, got the default TLS options.
//
// CVE-2026-53622 (Traefik): wildcards and names in mixed case were not found, and got the default options.
func TestBypassDomainFronting(t *testing.T) {
	f := newFixture(t, tell, func(f *fixture) { f.service.Hostnames[3].NegotiateClientCertificate = true })
	client := f.root.NewClient(t, "client")
	thumb := client.Cert(t).Thumbprint()
	request := func(host string) string {
		return "GET /echo/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"
	}
	for _, c := range []struct {
		name, sni, host string
		status          int
		body            string
	}{
		{"the same", "mtls.example.com", "mtls.example.com", 200, thumb},
		{"wildcard Host, other name", "localhost", "a.wild.example.com", 421, ""},
		{"exact Host, other name", "localhost", "mtls.example.com", 421, ""},
		{"exact Host, no name", "", "mtls.example.com", 421, ""},
		{"exact Host, unknown name", "unknown.example.org", "mtls.example.com", 421, ""},
		{"exact Host, a wildcard's name", "a.wild.example.com", "mtls.example.com", 421, ""},
		{"Host in mixed case", "localhost", "MTLS.example.COM", 421, ""},
		{"Host with a final dot", "localhost", "mtls.example.com.", 421, ""},
		{"Host with a port", "localhost", "mtls.example.com:443", 421, ""},
		{"name in mixed case", "mTLS.Example.com", "mtls.example.com", 200, thumb},
		{"wildcard's name in mixed case", "A.Wild.Example.com", "a.wild.example.com", 200, thumb},
		{"two names of one wildcard", "a.wild.example.com", "b.wild.example.com", 200, thumb},
		{"a label too many for the wildcard", "localhost", "a.b.wild.example.com", 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := f.tls(c.sni, client)
			cfg.InsecureSkipVerify = true
			got := f.raw(cfg, request(c.host))
			if got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, c.status, c.body)
			}
		})
	}
	// HTTP/2 clients use one connection for several hosts (RFC 9113 section 9.1.1).
	c := f.client(f.tls("localhost", client), true)
	if got := f.get(c, "https://localhost/echo/", func(r *http.Request) { r.Host = "mtls.example.com" }); got.status != 421 {
		t.Errorf("HTTP/2: %d %s", got.status, got.body)
	}
}

// TestBypassMissingTrust:
//
// CVE-2026-27586 (Caddy): where the file of the client CA was missing or malformed, the error was swallowed and every
// certificate of a root that the system trusts got in.
//
// CVE-2022-46153 (Traefik): with TLS options that could not be read, a wrong CA file for one, the router was served
// without them.
func TestBypassMissingTrust(t *testing.T) {
	client := testkit.NewRoot(t, "root").NewClient(t, "client")
	peer := &message.Peer{Leaf: client.Cert(t)}
	empty := NewJudge(chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(nil), Intermediates: chain.NewPool(nil)}), chain.NewCache(0))
	for name, judge := range map[string]Judge{"no judge": noJudge{}, "no roots": empty} {
		for _, revocation := range []bool{false, true} {
			if v := judge.VerifyPeer(t.Context(), peer, revocation); v.OK || v.Explanation == "" {
				t.Errorf("%s: %+v", name, v)
			}
			if v := judge.VerifyCertificate(t.Context(), peer.Leaf, revocation); v.OK {
				t.Errorf("%s: %+v", name, v)
			}
		}
	}
	// Who may forward certificates is refused as a whole where a part of it cannot be read.
	svc := &apim.Service{Name: "s", Hostnames: []apim.Hostname{{Name: "localhost", BuiltIn: true, Forwarded: &apim.ForwardedCertificate{
		Format: apim.URLEncodedPEM, Header: "X-Client-Certificate", Thumbprints: []string{"not hex"}}}}}
	builtIn := testkit.NewRoot(t, "r").NewServer(t, "localhost").Identity(t)
	if _, err := NewSnapshot(svc, Options{BuiltIn: builtIn}); err == nil {
		t.Error("a forwarding that cannot be read is served")
	}
}

// TestBypassFieldAliases: CVE-2026-39858, CVE-2026-54763 and CVE-2026-88011 (Traefik): fields that the proxy sets for
// backends were spoofed by clients with "_" or "." in the place of "-", which many backends take for the same name.
// TestForwardedCertificates has the cases by HTTP; this one is about all spellings.
func TestBypassFieldAliases(t *testing.T) {
	f := &forwarding{header: "X-Client-Certificate"}
	for name, kept := range map[string]bool{
		"X-Client-Certificate": false, "x-client-certificate": false, "X_Client_Certificate": false, "x.CLIENT.certificate": false,
		"X-Client_Certificate": false, "X-Client-Certificates": true, "XClientCertificate": true, "X+Client+Certificate": true, "": true,
	} {
		h := message.Header{{Name: "A", Value: "1"}, {Name: name, Value: "x"}, {Name: "B", Value: "2"}}
		if f.strip(&h, false); h.Has("A") != true || h.Has("B") != true || (len(h) == 3) != kept {
			t.Errorf("%q: %v", name, h)
		}
	}
}
