package gateway

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/testkit"
)

// TestHandshakes walks versions, protocols, negotiation and resumption.
func TestHandshakes(t *testing.T) {
	f := newFixture(t, tell, nil)
	client := f.root.NewClient(t, "client")
	thumbprint := client.Cert(t).Thumbprint()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, http2 := range []bool{false, true} {
			for _, host := range []string{"localhost", "mtls.example.com"} {
				for _, with := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s h2=%v %s certificate=%v", tls.VersionName(version), http2, host, with), func(t *testing.T) {
						cfg := f.tls("", nil)
						if with {
							cfg = f.tls("", client)
						}
						cfg.MinVersion, cfg.MaxVersion = version, version
						cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
						peer := "none"
						if with && host == "mtls.example.com" {
							peer = thumbprint
						}
						for _, resumed := range []bool{false, true} {
							c := f.client(cfg, http2)
							got := f.get(c, "https://"+host+"/echo/")
							want := fmt.Sprintf("api=echo op=root suffix=/ parameters=map[] peer=%s resumed=%v hostname=%s", peer, resumed, host)
							if got.status != 200 || got.body != want || (got.proto == "HTTP/2.0") != http2 {
								t.Errorf("got %d %s by %s, want %s", got.status, got.body, got.proto, want)
							}
							c.CloseIdleConnections()
						}
					})
				}
			}
		}
	}
	f.judge.mu.Lock()
	defer f.judge.mu.Unlock()
	if n := len(f.judge.begun); n != 8 || f.judge.begun[0] != thumbprint {
		t.Errorf("the judge was told of %d handshakes with a certificate, want 8: %q", n, f.judge.begun)
	}
}

// TestAnyCertificatePassesTheHandshake shows that the handshake judges nothing.
func TestAnyCertificatePassesTheHandshake(t *testing.T) {
	f := newFixture(t, tell, nil)
	stranger := testkit.NewRoot(t, "stranger")
	for name, c := range map[string]*testkit.Cert{
		"expired": stranger.NewClient(t, "a", testkit.Expired), "self-signed": testkit.NewSelfSigned(t, "b"),
		"server": stranger.NewServer(t, "c"), "rsa": stranger.NewClientWithKey(t, "d", testkit.RSAKey(t, 0)),
		"chain": stranger.NewIntermediate(t, "i").NewClient(t, "e"),
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			cfg := f.tls("", c)
			cfg.MaxVersion = version
			got := f.get(f.client(cfg, false), "https://mtls.example.com/echo/")
			if !strings.Contains(got.body, "peer="+c.Cert(t).Thumbprint()) {
				t.Errorf("%s, %s: %d %s", name, tls.VersionName(version), got.status, got.body)
			}
		}
	}
	// A certificate without its key does not pass.
	stolen := f.root.NewClient(t, "victim").TLS()
	stolen.PrivateKey = f.root.NewClient(t, "thief").Key
	cfg := f.tls("mtls.example.com", nil)
	cfg.Certificates = []tls.Certificate{stolen}
	if got := f.get(f.client(cfg, false), "https://mtls.example.com/echo/"); got.status != 0 {
		t.Errorf("a certificate without its key: %d %s", got.status, got.body)
	}
}

// TestUnreadableCertificate ends the handshake, and the log says why.
func TestUnreadableCertificate(t *testing.T) {
	f := newFixture(t, tell, nil)
	broken := f.root.NewClient(t, "x").TLS()
	broken.Certificate[0] = append(slices.Clone(broken.Certificate[0]), 0)
	cfg := f.tls("mtls.example.com", nil)
	cfg.Certificates = []tls.Certificate{broken}
	if got := f.get(f.client(cfg, false), "https://mtls.example.com/echo/"); got.status != 0 {
		t.Errorf("answered %d %s", got.status, got.body)
	}
	if f.log.wait("tls handshake failed", "certificate") == "" {
		t.Errorf("the log does not say why: %q", f.log.lines)
	}
}

// TestServerNames shows which certificate answers which name, and which Host is served under it.
func TestServerNames(t *testing.T) {
	f := newFixture(t, tell, nil)
	for _, c := range []struct {
		sni, host, served string
		status            int
	}{
		{"localhost", "localhost", "localhost", 200},
		{"LocalHost", "LOCALHOST:8443", "localhost", 200},
		{"local.gateway.localhost", "local.gateway.localhost", "localhost", 200},
		{"mtls.example.com", "mtls.example.com", "mtls.example.com", 200},
		{"a.wild.example.com", "a.wild.example.com", "*.wild.example.com", 200},
		{"a.wild.example.com", "b.wild.example.com", "*.wild.example.com", 200},
		{"a.b.wild.example.com", "a.b.wild.example.com", "localhost", 404},
		{"wild.example.com", "wild.example.com", "localhost", 404},
		{"", "localhost", "localhost", 200},
		{"", "mtls.example.com", "localhost", 421},
		{"localhost", "mtls.example.com", "localhost", 421},
		{"mtls.example.com", "localhost", "mtls.example.com", 421},
		{"localhost", "local.gateway.localhost", "localhost", 421},
		{"unknown.example.com", "localhost", "localhost", 200},
		{"unknown.example.com", "unknown.example.com", "localhost", 404},
		{"localhost", "127.0.0.1:8443", "localhost", 404},
	} {
		t.Run(c.sni+" "+c.host, func(t *testing.T) {
			served := ""
			cfg := &tls.Config{ServerName: c.sni, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
				served = s.PeerCertificates[0].Subject.CommonName
				return nil
			}}
			got := f.raw(cfg, "GET /echo/ HTTP/1.1\r\nHost: "+c.host+"\r\n\r\n")
			if got.status != c.status || served != c.served {
				t.Errorf("%d %s under the certificate of %s, want %d under %s", got.status, got.body, served, c.status, c.served)
			}
			if c.status == 404 && got.body != `{ "statusCode": 404, "message": "Resource not found" }` {
				t.Errorf("body %s", got.body)
			}
		})
	}
}

// TestDefaultBinding shows who answers clients without SNI.
func TestDefaultBinding(t *testing.T) {
	host := func(name string, builtIn, standard bool) apim.Hostname {
		return apim.Hostname{Name: name, BuiltIn: builtIn, DefaultSSLBinding: standard}
	}
	for name, c := range map[string]struct {
		list []apim.Hostname
		want string
	}{
		"only built-in":               {[]apim.Hostname{host("localhost", true, false), host("local.gateway.localhost", true, false)}, "localhost"},
		"one custom":                  {[]apim.Hostname{host("localhost", true, false), host("a", false, false)}, "a"},
		"several custom":              {[]apim.Hostname{host("localhost", true, false), host("a", false, false), host("b", false, false)}, "localhost"},
		"several custom, one default": {[]apim.Hostname{host("localhost", true, false), host("a", false, false), host("b", false, true)}, "b"},
		"built-in default":            {[]apim.Hostname{host("localhost", true, false), host("l", true, true), host("a", false, false)}, "l"},
	} {
		if got := c.list[defaultHostname(c.list)].Name; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if defaultHostname(nil) != -1 {
		t.Error("no host has a default")
	}
}

// TestTickets shows that a session is resumed only under the hostname and the trust it was made with.
func TestTickets(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			f := newFixture(t, tell, nil)
			client := f.root.NewClient(t, "client")
			cache := &oneSession{}
			call := func(host string) string {
				cfg := f.tls(host, client)
				cfg.MaxVersion, cfg.ClientSessionCache = version, cache
				// A careful client does not offer a session to a host that its certificate is not for; this one does.
				cfg.InsecureSkipVerify = true
				c := f.client(cfg, false)
				defer c.CloseIdleConnections()
				return f.get(c, "https://"+host+"/echo/").body
			}
			call("mtls.example.com")
			if got := call("mtls.example.com"); !strings.Contains(got, "resumed=true") || !strings.Contains(got, client.Cert(t).Thumbprint()) {
				t.Errorf("same host: %s", got)
			}
			f.swap()
			if got := call("mtls.example.com"); !strings.Contains(got, "resumed=true") {
				t.Errorf("after a swap without a change: %s", got)
			}
			// The client offers the other host's ticket: its keys are others.
			for _, host := range []string{"a.wild.example.com", "mtls.example.com"} {
				if got := call(host); !strings.Contains(got, "resumed=false") {
					t.Errorf("with another host's ticket at %s: %s", host, got)
				}
			}
			f.service.Roots = []*certificate{testkit.NewRoot(t, "new").Cert(t)}
			f.swap()
			if got := call("mtls.example.com"); !strings.Contains(got, "resumed=false") {
				t.Errorf("with other roots: %s", got)
			}
			if got := call("mtls.example.com"); !strings.Contains(got, "resumed=true") {
				t.Errorf("with a ticket of the new roots: %s", got)
			}
		})
	}
}

// oneSession is a client's cache that offers the newest session to every host.
type oneSession struct{ session *tls.ClientSessionState }

func (o *oneSession) Get(string) (*tls.ClientSessionState, bool) { return o.session, o.session != nil }

func (o *oneSession) Put(_ string, s *tls.ClientSessionState) {
	if s != nil {
		o.session = s
	}
}

// TestSwitches reads the service's customProperties and tiers.
func TestSwitches(t *testing.T) {
	for name, c := range map[string]struct {
		svc   apim.Service
		host  apim.Hostname
		asks  bool
		min   uint16
		http2 bool
	}{
		"nothing":                    {min: tls.VersionTLS12, http2: true},
		"negotiate":                  {host: apim.Hostname{NegotiateClientCertificate: true}, asks: true, min: tls.VersionTLS12, http2: true},
		"classic switch":             {svc: apim.Service{SKU: "Premium", EnableClientCertificate: true}, min: tls.VersionTLS12, http2: true},
		"consumption switch":         {svc: apim.Service{SKU: "Consumption", EnableClientCertificate: true}, asks: true, min: tls.VersionTLS12, http2: true},
		"v2 switch":                  {svc: apim.Service{SKU: "BasicV2", EnableClientCertificate: true}, asks: true, min: tls.VersionTLS12, http2: true},
		"v2 without":                 {svc: apim.Service{SKU: "StandardV2"}, min: tls.VersionTLS12, http2: true},
		"no HTTP/2, key in any case": {svc: apim.Service{CustomProperties: map[string]string{strings.ToLower(propertyHTTP2): "False"}}, min: tls.VersionTLS12},
		"TLS 1.0":                    {svc: apim.Service{CustomProperties: map[string]string{propertyTLS10: "True"}}, min: tls.VersionTLS10, http2: true},
		"TLS 1.1":                    {svc: apim.Service{CustomProperties: map[string]string{propertyTLS11: "true", propertyTLS10: "false"}}, min: tls.VersionTLS11, http2: true},
	} {
		c.host.Name = "h"
		id := testkit.NewRoot(t, "r").NewServer(t, "h").Identity(t)
		b, err := newBinding(&c.svc, &c.host, id, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b.asks != c.asks || b.config.MinVersion != c.min || slices.Contains(b.config.NextProtos, "h2") != c.http2 ||
			(b.config.ClientAuth == tls.RequestClientCert) != c.asks {
			t.Errorf("%s: asks %v, from %x, %v", name, b.asks, b.config.MinVersion, b.config.NextProtos)
		}
	}
}

// TestSnapshotRefuses shows that a service that cannot be served as it says is refused as a whole.
func TestSnapshotRefuses(t *testing.T) {
	root := testkit.NewRoot(t, "r")
	good, other := root.NewServer(t, "h").Identity(t), root.NewServer(t, "o").Identity(t)
	bare, mixed := *good, *good
	bare.Key, mixed.Key = nil, other.Key
	for name, list := range map[string][]apim.Hostname{
		"no certificate": {{Name: "h"}},
		"no key":         {{Name: "h", Identity: &bare}},
		"another's key":  {{Name: "h", Identity: &mixed}},
		"twice":          {{Name: "h", Identity: good}, {Name: "H", Identity: good}},
	} {
		if _, err := NewSnapshot(&apim.Service{Hostnames: list}, Options{}); err == nil || !strings.Contains(strings.ToLower(err.Error()), `"h"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestServerChain sends the intermediates in order, whatever the file's order, without the root.
func TestServerChain(t *testing.T) {
	root := testkit.NewRoot(t, "r")
	one := root.NewIntermediate(t, "one")
	two := one.NewIntermediate(t, "two")
	id := two.NewServer(t, "h").Identity(t)
	id.Chain = []*certificate{root.Cert(t), one.Cert(t), two.Cert(t)}
	c, err := serverCertificate(id)
	if err != nil || len(c.Certificate) != 3 {
		t.Fatalf("%d certificates, %v", len(c.Certificate), err)
	}
	for i, want := range []string{"h", "two", "one"} {
		parsed, err := x509.ParseCertificate(c.Certificate[i])
		if err != nil || parsed.Subject.CommonName != want {
			t.Errorf("certificate %d is %v, want %s", i, parsed.Subject, want)
		}
	}
}
