package revocation

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
)

// TestAProxyIsUsedAndDoesNotReachTheInside has a proxy on loopback answer for every name.
func TestAProxyIsUsedAndDoesNotReachTheInside(t *testing.T) {
	var asked atomic.Pointer[string]
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.URL.String()
		asked.Store(&target)
		if r.URL.Host == "redirects.test" {
			http.Redirect(w, r, "http://10.1.2.3/x", http.StatusFound)
			return
		}
		w.Write([]byte("by proxy")) //nolint:errcheck // the client says so
	}))
	defer proxy.Close()
	address, err := ParseProxy(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	public, inside := netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("10.1.2.3")
	for _, tt := range []struct {
		name, url string
		resolves  netip.Addr
		allow     string
		want      string // a word of the refusal; empty if it is fetched
	}{
		{"a public name", "http://crl.test/a.crl", public, "", ""},
		{"a name inside", "http://crl.test/a.crl", inside, "", "private"},
		{"a name inside that is allowed", "http://crl.test/a.crl", inside, "10.0.0.0/8", ""},
		{"an address inside", "http://10.1.2.3/a.crl", public, "", "private"},
		{"a redirect to the inside", "http://redirects.test/a.crl", public, "", "private"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := FetchOptions{Proxy: address, Resolver: fixedDNS(t, tt.resolves), Timeout: 5 * time.Second}
			if tt.allow != "" {
				o.Allow = []netip.Prefix{netip.MustParsePrefix(tt.allow)}
			}
			f := NewFetcher(o)
			defer f.Close()
			data, err := f.get(tt.url, 100)
			if tt.want == "" {
				if err != nil || string(data) != "by proxy" || *asked.Load() != tt.url {
					t.Errorf("get = %q, %v", data, err)
				}
				return
			}
			if fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "--fetch-allow") {
				t.Errorf("get = %q, %v; want a refusal with %q", data, err, tt.want)
			}
		})
	}
}

func TestParseProxy(t *testing.T) {
	for text, want := range map[string]string{"": "", "http://proxy.test:3128": "proxy.test:3128", "https://u:p@proxy.test/": "proxy.test:443"} {
		u, err := ParseProxy(text)
		if err != nil || (u == nil) != (want == "") || (u != nil && hostPort(u) != want) {
			t.Errorf("ParseProxy(%q) = %v, %v", text, u, err)
		}
	}
	for _, bad := range []string{"proxy.test:3128", "socks5://proxy.test", "http://", "http://proxy.test/path", "http://proxy.test?x"} {
		if _, err := ParseProxy(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseProxy(%q) = %v, want fault.Invalid", bad, err)
		}
	}
}

// TestTransportIsForOthersToo uses the transport as importers of documents do.
func TestTransportIsForOthersToo(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("inside")) })) //nolint:errcheck // test
	defer s.Close()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]FetchOptions{
		"":        {},
		"allowed": {Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		"named":   {Named: []string{u.Host}},
	} {
		client := &http.Client{Transport: NewTransport(o)}
		resp, err := client.Get(s.URL)
		if (err == nil) != (name != "") {
			t.Errorf("options %q: err = %v", name, err)
		}
		if err == nil {
			_ = resp.Body.Close()
		} else if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("err = %v, want a fault.Forbidden in its tree", err)
		}
		client.CloseIdleConnections()
	}
}
