package e2e

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// rotationLoad is the rate of TestRotationUnderLoad's long form, in requests a second; make soak has it 1,000.
var rotationLoad = flag.Int("rotation-load", 0, "requests a second during TestRotationUnderLoad, for half a minute and more; 0: a few seconds at any rate")

// rotations is how often the server certificate and a client reference rotate.
const rotations = 10

// TestRotationUnderLoad rotates the server certificate and a client reference ten times while clients with certificates
// call: no request fails, and a new version is served soon.
func TestRotationUnderLoad(t *testing.T) {
	p := start(t)
	root := testkit.NewRoot(t, "Root")
	server := func(i int) *testkit.Cert { return root.NewServer(t, fmt.Sprintf("server-%d", i), "localhost") }
	client := func(i int) *testkit.Cert { return root.NewClient(t, fmt.Sprintf("reference-%d", i)) }
	p.importInto("server", server(0))
	p.importInto("client", client(0))
	p.permit(p.systemIdentity(), "get", "list")
	p.patch("", properties(object{
		"hostnameConfigurations": []object{{"type": "Proxy", "hostName": "localhost", "negotiateClientCertificate": true, "keyVaultId": p.admin.VaultURL + "/secrets/server"}},
		"certificates":           []object{{"storeName": "Root", "encodedCertificate": base64.StdEncoding.EncodeToString(root.X509.Raw)}},
	}))
	p.put("/certificates/c", properties(object{"keyVault": object{"secretIdentifier": p.admin.VaultURL + "/secrets/client"}}))
	p.api("a", "a", "", "GET /")
	p.policy("a", `<policies><inbound><return-response><set-body>@(context.Request.Certificate.VerifyNoRevocation() + context.Deployment.Certificates["c"].Subject)</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>`)

	l := startLoad(t, p.admin.GatewayURL+"/a", root, *rotationLoad)
	var times []time.Duration
	for i := 1; i <= rotations; i++ {
		if *rotationLoad > 0 {
			time.Sleep(2 * time.Second)
		}
		want := fmt.Sprintf("server-%d", i)
		began := time.Now()
		p.importInto("server", server(i))
		within(t, 30*time.Second, "a handshake with "+want, func() bool { return p.served(t) == want })
		times = append(times, time.Since(began).Round(time.Millisecond))
		reference := fmt.Sprintf("reference-%d", i)
		p.importInto("client", client(i))
		within(t, 30*time.Second, "a policy that sees "+reference, func() bool { return l.sees(reference) })
	}
	requests, connections, lasted := l.stop()
	rate := float64(requests) / lasted.Seconds()
	t.Logf("%d requests in %v over %d connections: %.0f a second, %d failed; from a new version to the first handshake with it: %v",
		requests, lasted.Round(time.Millisecond), connections, rate, l.failed.Load(), times)
	if requests < 100 || rate < 0.9*float64(*rotationLoad) {
		t.Errorf("only %d requests were made, %.0f a second", requests, rate)
	}
}

// load are clients that call with certificates until they are stopped: most over kept connections of HTTP/2, some each time
// over a new one.
type load struct {
	t       *testing.T
	url     string
	root    *testkit.Cert
	caller  *testkit.Cert
	pace    chan struct{} // has a token for each request to make; nil: they call one after the other
	began   time.Time
	cancel  context.CancelFunc
	clients sync.WaitGroup

	requests, connections, failed atomic.Int64
	last                          atomic.Pointer[string] // what was answered last
}

// startLoad starts them, at a rate in requests a second or, with 0, at any.
func startLoad(t *testing.T, url string, root *testkit.Cert, rate int) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{t: t, url: url, root: root, caller: root.NewClient(t, "caller"), began: time.Now(), cancel: cancel}
	n := 8
	if rate > 0 {
		n, l.pace = 32, make(chan struct{}, rate)
		l.clients.Go(func() { l.give(ctx, rate) })
	}
	for i := range n {
		l.clients.Go(func() { l.call(ctx, i%8 != 0) })
	}
	t.Cleanup(func() { cancel(); l.clients.Wait() })
	return l
}

// give lets the clients make rate requests a second; what they do not keep up with is made up for later.
func (l *load) give(ctx context.Context, rate int) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for given := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for due := int(time.Since(l.began).Seconds() * float64(rate)); given < due; given++ {
			select {
			case <-ctx.Done():
				return
			case l.pace <- struct{}{}:
			}
		}
	}
}

// call makes requests until ctx ends.
func (l *load) call(ctx context.Context, keep bool) {
	pair := l.caller.TLS()
	transport := &http.Transport{DisableKeepAlives: !keep, ForceAttemptHTTP2: keep, TLSClientConfig: &tls.Config{RootCAs: l.root.Pool(),
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { l.connections.Add(1); return &pair, nil }}}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	for ctx.Err() == nil {
		switch {
		case l.pace != nil:
			select {
			case <-ctx.Done():
				return
			case <-l.pace:
			}
		case !keep:
			time.Sleep(20 * time.Millisecond) // or it does nothing but handshakes
		}
		resp, err := c.Get(l.url)
		if err != nil {
			l.failed.Add(1)
			l.t.Errorf("a request failed: %v", err)
			return
		}
		text := readAll(l.t, resp)
		if resp.StatusCode != 200 || !strings.HasPrefix(text, "TrueCN=reference-") {
			l.failed.Add(1)
			l.t.Errorf("a request was answered %d %q", resp.StatusCode, text)
			return
		}
		l.last.Store(&text)
		l.requests.Add(1)
	}
}

// sees tells whether the clients were answered with the text last.
func (l *load) sees(text string) bool {
	last := l.last.Load()
	return last != nil && strings.HasSuffix(*last, text)
}

// stop ends the clients.
func (l *load) stop() (requests, connections int64, lasted time.Duration) {
	requests, lasted = l.requests.Load(), time.Since(l.began)
	l.cancel()
	l.clients.Wait()
	return requests, l.connections.Load(), lasted
}

// TestInFlightGoesOn: a request that is being answered while the server certificate rotates gets its answer whole, over the
// connection that it came by.
func TestInFlightGoesOn(t *testing.T) {
	begun, release := make(chan bool, 2), make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "first half, ")
		_ = http.NewResponseController(w).Flush() // the client would miss it
		begun <- true
		<-release
		fmt.Fprint(w, "second half")
	}))
	defer backend.Close()
	p := start(t)
	root := testkit.NewRoot(t, "Root")
	p.importInto("server", root.NewServer(t, "server-0", "localhost"))
	p.permit(p.systemIdentity(), "get", "list")
	p.patch("", properties(object{"hostnameConfigurations": []object{{"type": "Proxy", "hostName": "localhost", "keyVaultId": p.admin.VaultURL + "/secrets/server"}}}))
	p.api("a", "a", backend.URL, "GET /")
	answers := make(chan string, 2)
	for _, h2 := range []bool{false, true} {
		c := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: h2, TLSClientConfig: &tls.Config{RootCAs: root.Pool()}}}
		go func() {
			resp, err := c.Get(p.admin.GatewayURL + "/a")
			if err != nil {
				answers <- err.Error()
				return
			}
			answers <- fmt.Sprint(resp.StatusCode, " ", readAll(t, resp))
		}()
	}
	<-begun
	<-begun
	p.importInto("server", root.NewServer(t, "server-1", "localhost"))
	within(t, 20*time.Second, "a handshake with the new certificate", func() bool { return p.served(t) == "server-1" })
	close(release)
	for range 2 {
		if got := <-answers; got != "200 first half, second half" {
			t.Errorf("a request in flight was answered %q", got)
		}
	}
}
