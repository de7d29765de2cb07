package revocation

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
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

// fixedDNS is a resolver that answers every A query with one address and every other with nothing.
func fixedDNS(t *testing.T, answer netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // test
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			conn.WriteTo(dnsReply(buf[:n], answer), from) //nolint:errcheck // test
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// dnsReply answers a query for one name (RFC 1035 section 4.1).
func dnsReply(query []byte, answer netip.Addr) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	question := query[12 : end+5]
	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if binary.BigEndian.Uint16(question[len(question)-4:]) == 1 {
		reply[7] = 1
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
		reply = append(reply, answer.AsSlice()...)
	}
	return reply
}

func serverPort(t *testing.T, s *httptest.Server) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func TestFetchRefusesInsideAddresses(t *testing.T) {
	var hits atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer inside.Close()
	port := serverPort(t, inside)
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "[::1]"} {
		f := NewFetcher(FetchOptions{Timeout: 2 * time.Second})
		_, err := f.get("http://"+host+":"+port+"/x.crl", 100)
		if fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), "--fetch-allow") {
			t.Errorf("get from %s = %v, want a refusal by name", host, err)
		}
	}
	if hits.Load() != 0 {
		t.Error("an inside server was reached")
	}
}

func TestFetchRefusesANameThatResolvesInside(t *testing.T) {
	for address, word := range map[string]string{"127.0.0.1": "loopback", "10.9.8.7": "private", "169.254.169.254": "metadata"} {
		f := NewFetcher(FetchOptions{Timeout: 2 * time.Second, Resolver: fixedDNS(t, netip.MustParseAddr(address))})
		_, err := f.get("http://crl.example.com/x.crl", 100)
		if fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), word) {
			t.Errorf("get of a name at %s = %v, want a refusal with %q", address, err, word)
		}
	}
}

func TestFetchLooksAtRedirects(t *testing.T) {
	target := ""
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target, http.StatusFound)
	}))
	defer outside.Close()
	f := NewFetcher(FetchOptions{Timeout: 2 * time.Second, Resolve: map[string]string{"pki.test:80": outside.Listener.Addr().String()}})
	for to, word := range map[string]string{
		"http://169.254.169.254/latest/meta-data/": "metadata",
		"http://127.0.0.1:9/":                      "loopback",
		"http://[::ffff:a00:1]/":                   "private",
		"https://example.com/":                     "scheme",
		"file:///etc/passwd":                       "scheme",
	} {
		target = to
		if _, err := f.get("http://pki.test/", 100); fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), word) {
			t.Errorf("redirect to %s = %v, want a refusal with %q", to, err, word)
		}
	}
	target = "http://pki.test/"
	if _, err := f.get("http://pki.test/", 100); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("a redirect to itself = %v, want an error about redirects", err)
	}
}

func TestFetchLimits(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			io.Copy(w, io.LimitReader(zeros{}, 1<<20)) //nolint:errcheck // the client hangs up
		case "/slow":
			<-release
		case "/404":
			http.NotFound(w, r)
		default:
			fmt.Fprint(w, "ok")
		}
	}))
	defer s.Close()
	defer close(release)
	f := NewFetcher(FetchOptions{Timeout: 300 * time.Millisecond, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer f.Close()
	if data, err := f.get(s.URL+"/fine", 100); err != nil || string(data) != "ok" {
		t.Errorf("get = %q, %v", data, err)
	}
	for path, want := range map[string]fault.Kind{"/big": fault.TooLarge, "/slow": fault.Unavailable, "/404": fault.Unavailable} {
		if _, err := f.get(s.URL+path, 1000); fault.KindOf(err) != want {
			t.Errorf("get of %s = %v, want %v", path, err, want)
		}
	}
	for _, bad := range []string{"https://example.com/", "ftp://example.com/", "/relative", "http://", "http://%zz/", "http://h/" + strings.Repeat("x", maxURLBytes)} {
		if _, err := f.get(bad, 100); fault.KindOf(err) != fault.Invalid {
			t.Errorf("get(%.40q) = %v, want fault.Invalid", bad, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
