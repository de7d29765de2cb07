package gateway

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/testkit"
)

// seen is a pipeline that answers with the certificate and the fields that policies see.
func seen(in policy.Invocation) *message.Response {
	if in.Failed != nil {
		return withoutPipeline(in.Exchange, in.Failed)
	}
	text := "none"
	if p := in.Exchange.Peer(); p != nil {
		text = fmt.Sprintf("%s+%d", p.Leaf.Thumbprint(), len(p.Sent))
	}
	for _, f := range in.Exchange.Request.Header {
		if n := strings.ToLower(f.Name); strings.Contains(n, "cert") {
			text += " " + n
		}
	}
	return &message.Response{Status: 200, Body: message.NewStringBody(text)}
}

func escapedPEM(t testing.TB, c *testkit.Cert) string {
	return url.QueryEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Cert(t).Raw})))
}

// field is a header field of a request.
func field(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = append(r.Header[name], value) }
}

// TestForwardedCertificates shows who may forward certificates, and what becomes of the fields of others.
func TestForwardedCertificates(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	elsewhere := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	root := testkit.NewRoot(t, "root")
	client, own, proxy := root.NewClient(t, "client"), root.NewClient(t, "own"), root.NewClient(t, "proxy")
	proxySHA256, proxySHA1 := hexOf(proxy.Cert(t).SHA256[:]), hexOf(proxy.Cert(t).SHA1[:])
	thumb := client.Cert(t).Thumbprint()
	const name = "X-Client-Certificate"
	sent := field(name, escapedPEM(t, client))
	sf := func(c *testkit.Cert) string { return ":" + base64.StdEncoding.EncodeToString(c.Cert(t).Raw) + ":" }
	pemFrom := func(addresses []netip.Prefix, thumbprints ...string) *apim.ForwardedCertificate {
		return &apim.ForwardedCertificate{Format: apim.URLEncodedPEM, Header: name, Addresses: addresses, Thumbprints: thumbprints}
	}
	for _, c := range []struct {
		name      string
		config    *apim.ForwardedCertificate
		asks      bool
		presented *testkit.Cert
		edits     []func(*http.Request)
		status    int
		want      string
	}{
		{"not configured: an ordinary field", nil, true, own, []func(*http.Request){sent}, 200, own.Cert(t).Thumbprint() + "+0 x-client-certificate"},
		{"from a listed address", pemFrom(loopback), false, nil, []func(*http.Request){sent}, 200, thumb + "+0 x-client-certificate"},
		{"instead of the proxy's own", pemFrom(loopback), true, proxy, []func(*http.Request){sent}, 200, thumb + "+0 x-client-certificate"},
		{"the proxy's client has none", pemFrom(loopback), true, proxy, nil, 200, "none"},
		{"an empty field is none", pemFrom(loopback), true, proxy, []func(*http.Request){field(name, "")}, 200, "none x-client-certificate"},
		{"from another address", pemFrom(elsewhere), true, own, []func(*http.Request){sent}, 200, own.Cert(t).Thumbprint() + "+0"},
		{"from another address without a certificate", pemFrom(elsewhere), true, nil, []func(*http.Request){sent}, 200, "none"},
		{"aliases from anybody", pemFrom(elsewhere), true, nil, []func(*http.Request){field("X_Client_Certificate", "x"), field("x.client.certificate", "x"), field("X-Client_certificate", "x")}, 200, "none"},
		{"aliases beside a proxy's", pemFrom(loopback), false, nil, []func(*http.Request){sent, field("X_Client_Certificate", "x")}, 200, thumb + "+0 x-client-certificate"},
		{"by the proxy's SHA-256", pemFrom(nil, proxySHA256), true, proxy, []func(*http.Request){sent}, 200, thumb + "+0 x-client-certificate"},
		{"by the proxy's SHA-1", pemFrom(nil, proxySHA1), true, proxy, []func(*http.Request){sent}, 200, thumb + "+0 x-client-certificate"},
		{"by its certificate where clients are not asked", pemFrom(nil, proxySHA256), false, proxy, []func(*http.Request){sent}, 200, thumb + "+0 x-client-certificate"},
		{"another certificate than the proxy's", pemFrom(nil, proxySHA256), true, own, []func(*http.Request){sent}, 200, own.Cert(t).Thumbprint() + "+0"},
		{"another certificate where clients are not asked", pemFrom(nil, proxySHA256), false, own, []func(*http.Request){sent}, 200, "none"},
		{"no certificate where the proxy's is known", pemFrom(nil, proxySHA256), true, nil, []func(*http.Request){sent}, 200, "none"},
		{"malformed", pemFrom(loopback), true, own, []func(*http.Request){field(name, "garbage")}, 400, `{ "statusCode": 400, "message": "The forwarded client certificate cannot be read." }`},
		{"malformed from a stranger", pemFrom(elsewhere), true, own, []func(*http.Request){field(name, "garbage")}, 200, own.Cert(t).Thumbprint() + "+0"},
		{"PEM of something else", pemFrom(loopback), false, nil, []func(*http.Request){field(name, url.QueryEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))))}, 400, ""},
		{"twice", pemFrom(loopback), false, nil, []func(*http.Request){sent, sent}, 400, ""},
		{"RFC 9440", &apim.ForwardedCertificate{Format: apim.ClientCert, Header: "Client-Cert", Addresses: loopback}, false, nil,
			[]func(*http.Request){field("Client-Cert", sf(client)), field("Client-Cert-Chain", sf(root))}, 200, thumb + "+1 client-cert client-cert-chain"},
		{"RFC 9440 from a stranger", &apim.ForwardedCertificate{Format: apim.ClientCert, Header: "Client-Cert", Addresses: elsewhere}, false, nil,
			[]func(*http.Request){field("Client-Cert", sf(client)), field("Client-Cert-Chain", sf(root))}, 200, "none"},
		{"XFCC", &apim.ForwardedCertificate{Format: apim.XFCC, Header: "X-Forwarded-Client-Cert", Addresses: loopback}, false, nil,
			[]func(*http.Request){field("X-Forwarded-Client-Cert", `By=x;Cert="`+strings.ReplaceAll(escapedPEM(t, client), "+", "%20")+`"`)}, 200, thumb + "+0 x-forwarded-client-cert"},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/http2=%v", c.name, http2), func(t *testing.T) {
				f := newFixture(t, seen, func(f *fixture) {
					f.service.Hostnames[2].Forwarded, f.service.Hostnames[2].NegotiateClientCertificate = c.config, c.asks
				})
				calls := f.client(f.tls("mtls.example.com", c.presented), http2)
				for range 2 { // the second time with what was kept
					got := f.get(calls, "https://mtls.example.com/echo/", c.edits...)
					if got.status != c.status || c.want != "" && got.body != c.want {
						t.Errorf("got %d %s\nwant %d %s", got.status, got.body, c.status, c.want)
					}
				}
				if c.status == 400 && f.log.wait("INFO request", "status=400", "reason=ForwardedCertificateInvalid", "detail="+c.config.Header) == "" {
					t.Error("the access log does not say why")
				}
			})
		}
	}
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// TestRelayedProxyIsNoForwarder: a proxy that passes TLS through (PROXY protocol) does not write the requests, so that
// its address must not make the fields in them count; its client could write any.
func TestRelayedProxyIsNoForwarder(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	f := newFixture(t, seen, func(f *fixture) {
		f.config.Proxies = loopback
		f.service.Hostnames[2].Forwarded = &apim.ForwardedCertificate{Format: apim.URLEncodedPEM, Header: "X-Client-Certificate", Addresses: loopback}
	})
	request := "GET /echo/ HTTP/1.1\r\nHost: mtls.example.com\r\nConnection: close\r\nX-Client-Certificate: " + escapedPEM(t, f.root.NewClient(t, "victim")) + "\r\n\r\n"
	// PROXY, TCP over IPv4, from 127.0.0.1: even where the client is said to have a listed address.
	if got := f.rawAfter(f.tls("mtls.example.com", nil), "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\x30\x39\x20\xfb", request); got.body != "none" {
		t.Errorf("relayed: %d %s", got.status, got.body)
	}
	if got := f.rawAfter(f.tls("mtls.example.com", nil), "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00", request); !strings.Contains(got.body, "+0 x-client-certificate") {
		t.Errorf("the proxy for itself: %d %s", got.status, got.body)
	}
}

// TestPinnedProxyResumes: a proxy known by its certificate is known on a resumed session too.
func TestPinnedProxyResumes(t *testing.T) {
	root := testkit.NewRoot(t, "proxies")
	proxy := root.NewClient(t, "proxy")
	f := newFixture(t, seen, func(f *fixture) {
		f.service.Hostnames[2].NegotiateClientCertificate = false
		f.service.Hostnames[2].Forwarded = &apim.ForwardedCertificate{Format: apim.URLEncodedPEM, Header: "X-Client-Certificate", Thumbprints: []string{hexOf(proxy.Cert(t).SHA256[:])}}
	})
	cfg := f.tls("mtls.example.com", proxy)
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	client := f.root.NewClient(t, "client")
	for i := range 2 {
		c := f.client(cfg, false)
		got := f.get(c, "https://mtls.example.com/echo/", field("X-Client-Certificate", escapedPEM(t, client)))
		if !strings.HasPrefix(got.body, client.Cert(t).Thumbprint()) {
			t.Errorf("call %d: %d %s", i, got.status, got.body)
		}
		c.CloseIdleConnections()
	}
}

// TestForwardedTrailer: a certificate after the body reaches no backend, which might take trailer fields for header fields.
func TestForwardedTrailer(t *testing.T) {
	got := make(chan http.Header, 2)
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got <- r.Trailer
	})
	f := newFixture(t, forward, func(f *fixture) {
		f.service.APIs[0].ServiceURL = backend.URL
		f.service.Hostnames[2].Forwarded = &apim.ForwardedCertificate{Format: apim.URLEncodedPEM, Header: "X-Client-Certificate",
			Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	})
	for _, name := range []string{"X-Checksum", "X_Client_Certificate"} {
		f.raw(f.tls("mtls.example.com", nil), "POST /echo/x HTTP/1.1\r\nHost: mtls.example.com\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: "+name+
			"\r\n\r\n1\r\nx\r\n0\r\n"+name+": 1\r\n\r\n")
		select {
		case trailer := <-got:
			if kept := len(trailer) > 0; kept != (name == "X-Checksum") {
				t.Errorf("%s: the backend got %v", name, trailer)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: nothing reached the backend", name)
		}
	}
}
