package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
)

// sending is a forwarder without an exchange with a client, over a service that trusts the roots.
func sending(t testing.TB, log *recorder, roots ...*testkit.Cert) *forwarder {
	t.Helper()
	svc := &apim.Service{Name: "local"}
	for _, r := range roots {
		svc.Roots = append(svc.Roots, r.Cert(t))
	}
	snap, err := NewSnapshot(svc, Options{Logger: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(snap.backends.closeIdle)
	return &forwarder{snapshot: snap, exchange: &message.Exchange{Context: t.Context(), Conn: &message.Conn{}}}
}

func outgoingTo(t testing.TB, method, url, body string) *message.Request {
	t.Helper()
	u, err := message.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return &message.Request{Method: method, URL: u, Host: u.Authority(), Body: message.NewStringBody(body)}
}

// whoCalls answers with the name in the client's certificate.
func whoCalls(w http.ResponseWriter, r *http.Request) {
	name := "nobody"
	if len(r.TLS.PeerCertificates) > 0 {
		name = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	_, _ = io.WriteString(w, name)
}

// failedFor is the reason of a transport's error.
func failedFor(err error) string {
	if e, ok := errors.AsType[*message.TransportError](err); ok {
		return e.Reason
	}
	return ""
}

func TestClientCertificatesHaveTheirOwnConnections(t *testing.T) {
	root := testkit.NewRoot(t, "root")
	backend := testkit.NewMutualTLSBackend(t, root.NewServer(t, "127.0.0.1"), root, whoCalls)
	f := sending(t, &recorder{}, root)
	a, b := root.NewClient(t, "a").Identity(t), root.NewClient(t, "b").Identity(t)
	ask := func(id *cert.Identity) string {
		resp, err := f.Send(t.Context(), outgoingTo(t, "GET", backend.URL, ""), policy.SendOptions{Certificate: id, Timeout: 5 * time.Second})
		if err != nil {
			return failedFor(err)
		}
		data, _ := resp.Body.Bytes()
		return string(data)
	}
	f.based = true
	forwarded := func(id *cert.Identity) string {
		resp, err := f.Forward(t.Context(), outgoingTo(t, "GET", backend.URL, ""), policy.ForwardOptions{Certificate: id})
		if err != nil {
			return failedFor(err)
		}
		data, err := resp.Body.Buffer(0)
		if err != nil {
			t.Error(err)
		}
		_ = resp.Body.Close()
		return string(data)
	}
	for round := range 3 {
		for _, one := range []struct {
			id   *cert.Identity
			want string
		}{{a, "a"}, {b, "b"}, {nil, reasonBackend}, {a, "a"}} {
			if got := ask(one.id); got != one.want {
				t.Errorf("round %d: Send with %s's certificate: %q", round, one.want, got)
			}
			if got := forwarded(one.id); got != one.want {
				t.Errorf("round %d: Forward with %s's certificate: %q", round, one.want, got)
			}
		}
	}
	// two connections with certificates, kept; those without are refused each time
	if n := backend.Connections.Load(); n < 2 || n > 2+6 {
		t.Errorf("%d connections; want one for each certificate", n)
	}
	if n := len(f.snapshot.backends.certified.open); n != 2 {
		t.Errorf("%d transports with certificates; want 2", n)
	}
}

func TestCertificateIsPresentedWhateverTheBackendNames(t *testing.T) {
	root, named := testkit.NewRoot(t, "root"), testkit.NewRoot(t, "named")
	backend := httptest.NewUnstartedServer(http.HandlerFunc(whoCalls))
	backend.TLS = testkit.ServerTLS(root.NewServer(t, "127.0.0.1"))
	// it names an authority that did not issue the certificate, and looks at the thumbprint
	backend.TLS.ClientAuth, backend.TLS.ClientCAs = tls.RequireAnyClientCert, named.Pool()
	backend.StartTLS()
	t.Cleanup(backend.Close)
	f := sending(t, &recorder{}, root)
	resp, err := f.Send(t.Context(), outgoingTo(t, "GET", backend.URL, ""), policy.SendOptions{Certificate: testkit.NewSelfSigned(t, "pinned").Identity(t)})
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := resp.Body.Bytes(); string(data) != "pinned" {
		t.Errorf("the backend saw %q", data)
	}
	f.snapshot.backends.closeIdle()
}

// TestRedirectionsElsewhereGoWithoutTheCertificate has a backend send us to another one, which trusts our certificate.
func TestRedirectionsElsewhereGoWithoutTheCertificate(t *testing.T) {
	root := testkit.NewRoot(t, "root")
	other := testkit.NewMutualTLSBackend(t, root.NewServer(t, "127.0.0.1"), root, whoCalls)
	backend := testkit.NewMutualTLSBackend(t, root.NewServer(t, "127.0.0.1"), root, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL+"/", http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		default:
			whoCalls(w, r)
		}
	})
	f := sending(t, &recorder{}, root)
	f.based = true
	o := policy.ForwardOptions{Certificate: root.NewClient(t, "a").Identity(t), FollowRedirects: true}
	if resp, err := f.Forward(t.Context(), outgoingTo(t, "GET", backend.URL+"/here", ""), o); err != nil || resp.Status != 200 {
		t.Errorf("redirected at the same backend: %v, %v", resp, err)
	} else {
		_ = resp.Body.Close()
	}
	if _, err := f.Forward(t.Context(), outgoingTo(t, "GET", backend.URL+"/away", ""), o); failedFor(err) != reasonBackend || other.Requests.Load() != 0 {
		t.Errorf("redirected to another: %v, and %d requests there", err, other.Requests.Load())
	}
}

func TestTransportsWithCertificatesAreBounded(t *testing.T) {
	root := testkit.NewRoot(t, "root")
	b := sending(t, &recorder{}, root).snapshot.backends
	id := root.NewClient(t, "a").Identity(t)
	first := b.transportFor("1", 0, id)
	for i := range maxCertified + 5 {
		b.transportFor("1", time.Duration(i+1), id)
		if b.transportFor("1", 0, id) != first {
			t.Fatalf("the one in use was given up after %d others", i)
		}
	}
	if n := len(b.certified.open); n != maxCertified {
		t.Errorf("%d transports; want %d", n, maxCertified)
	}
}

func TestSendFailures(t *testing.T) {
	root, stranger := testkit.NewRoot(t, "root"), testkit.NewRoot(t, "stranger")
	release := make(chan struct{})
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-release
		case "/slowbody":
			w.WriteHeader(200)
			_ = http.NewResponseController(w).Flush()
			<-release
		case "/large":
			_, _ = w.Write(make([]byte, 4096))
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}
	good := testkit.NewTLSBackend(t, root.NewServer(t, "127.0.0.1"), handler)
	unknown := testkit.NewTLSBackend(t, stranger.NewServer(t, "127.0.0.1"), handler)
	misnamed := testkit.NewTLSBackend(t, root.NewServer(t, "other.example.com"), handler)
	t.Cleanup(func() { close(release) }) // before the servers end, which wait for it
	log := &recorder{}
	f := sending(t, log, root)
	for name, tt := range map[string]struct{ url, want string }{
		"no head in time":     {good.URL + "/slow", reasonTimeout},
		"no body in time":     {good.URL + "/slowbody", reasonTimeout},
		"body too large":      {good.URL + "/large", reasonBackend},
		"unknown authority":   {unknown.URL + "/", reasonBackend},
		"another's name":      {misnamed.URL + "/", reasonBackend},
		"nobody listens":      {"http://127.0.0.1:1/", reasonBackend},
		"redirection is kept": {good.URL + "/redirect", ""},
	} {
		t.Run(name, func(t *testing.T) {
			limit := 5 * time.Second
			if tt.want == reasonTimeout {
				limit = 30 * time.Millisecond
			}
			resp, err := f.Send(t.Context(), outgoingTo(t, "GET", tt.url, ""), policy.SendOptions{Timeout: limit, MaxBodyBytes: 1024})
			if failedFor(err) != tt.want || tt.want == "" && (err != nil || resp.Status != 302) {
				t.Errorf("Send = %v, %v; want %q", resp, err, tt.want)
			}
		})
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := f.Send(gone, outgoingTo(t, "GET", good.URL+"/slow", ""), policy.SendOptions{}); failedFor(err) != "ClientConnectionFailure" {
		t.Errorf("a client that has gone: %v", err)
	}
	if l := log.find("no answer from the backend", reasonTimeout); l == "" {
		t.Error("the log does not tell of a time limit")
	}
}

func TestOneWayRequestsOutliveTheirExchange(t *testing.T) {
	arrived := make(chan string, 8)
	backend := testkit.NewBackend(t, func(_ http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		arrived <- r.Method + " " + string(data)
	})
	log := &recorder{}
	f := sending(t, log)
	ctx, end := context.WithCancel(t.Context())
	f.exchange.Context = ctx
	end() // the client has its answer
	if err := f.SendAway(outgoingTo(t, "POST", backend.URL, "news"), policy.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := f.SendAway(outgoingTo(t, "POST", "http://127.0.0.1:1/", "x"), policy.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := f.snapshot.outgoing.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-arrived; got != "POST news" {
		t.Errorf("arrived: %q", got)
	}
	if l := log.find("no answer from the backend", "127.0.0.1:1"); l == "" {
		t.Error("the log does not tell of the one that failed")
	}
	if err := f.SendAway(outgoingTo(t, "POST", backend.URL, "more"), policy.SendOptions{}); err == nil {
		t.Error("one more than may be under way was taken")
	}
	if err := f.snapshot.outgoing.wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting beyond the time allowed: %v", err)
	}
}

func TestConcurrencyIsCountedAcrossSnapshots(t *testing.T) {
	log := &recorder{}
	before, after := sending(t, log), sending(t, log)
	after.snapshot.adopt(before.snapshot)
	leave, ok := before.Enter("k", 1)
	if !ok {
		t.Fatal("the first is not let in")
	}
	if _, ok := after.Enter("k", 1); ok {
		t.Error("a second one is let in by the next snapshot")
	}
	if other, ok := after.Enter("other", 1); !ok {
		t.Error("another key is counted together")
	} else {
		other()
	}
	leave()
	if n := len(before.snapshot.outgoing.held); n != 0 {
		t.Errorf("%d keys are kept", n)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var most, now int
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if leave, ok := after.Enter("k", 3); ok {
					mu.Lock()
					now++
					most = max(most, now)
					mu.Unlock()
					mu.Lock()
					now--
					mu.Unlock()
					leave()
				}
			}
		})
	}
	wg.Wait()
	if most > 3 {
		t.Errorf("%d were inside at a time; want 3 at most", most)
	}
}

func TestPoliciesCallTheServersOfThisMachineByName(t *testing.T) {
	own := testkit.NewRoot(t, "own")
	server := testkit.NewTLSBackend(t, own.NewServer(t, "default.vault.localhost"), func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	log := &recorder{}
	url := strings.Replace(server.URL, "127.0.0.1", "default.vault.localhost", 1)
	for _, trusted := range []bool{true, false} {
		o := Options{Logger: slog.New(log)}
		if trusted {
			o.OwnRoot = own.Cert(t)
		}
		snap, err := NewSnapshot(&apim.Service{Name: "local"}, o)
		if err != nil {
			t.Fatal(err)
		}
		f := &forwarder{snapshot: snap, exchange: &message.Exchange{Context: t.Context(), Conn: &message.Conn{}}}
		_, err = f.Send(t.Context(), outgoingTo(t, "GET", url, ""), policy.SendOptions{Timeout: 5 * time.Second})
		if (err == nil) != trusted {
			t.Errorf("own root %v: %v", trusted, err)
		}
		snap.backends.closeIdle()
	}
}

func TestTokensAreNotLogged(t *testing.T) {
	log := &recorder{}
	f := sending(t, log)
	if _, err := f.Token(t.Context(), "https://vault.azure.net", ""); err == nil {
		t.Error("a gateway without identities gave a token")
	}
	f.snapshot.options.Token = func(_ context.Context, resource, clientID string) (string, error) {
		if clientID == "none" {
			return "", errors.New("no such identity")
		}
		return "the-token", nil
	}
	if got, err := f.Token(t.Context(), "r", ""); got != "the-token" || err != nil {
		t.Errorf("Token = %q, %v", got, err)
	}
	if _, err := f.Token(t.Context(), "r", "none"); err == nil || log.find("no access token", "no such identity") == "" {
		t.Errorf("a token that is not to be had: %v; %v", err, log.lines)
	}
	if slices.ContainsFunc(log.lines, func(l string) bool { return strings.Contains(l, "the-token") }) {
		t.Error("the log has the token")
	}
}
