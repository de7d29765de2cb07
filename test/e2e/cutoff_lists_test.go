package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestListsEndWhatIsOpen revokes a certificate by each means that an operator or a CA has while a WebSocket, an HTTP/1.1
// and an HTTP/2 stream and a kept connection are open under it. The time runs from the moment the file lies there, or the
// newer list was sent; a second is the promise, three are allowed here, since tests share their machine.
func TestListsEndWhatIsOpen(t *testing.T) {
	const allowed = 3 * time.Second
	for _, c := range []struct {
		name string
		args func(list, blocked, url string) []string
		// shrink revokes, and returns the moment from which the gateway can know.
		shrink func(t *testing.T, h *testkit.CRLHost, list, blocked string, root, mine *testkit.Cert) time.Time
	}{
		{"block list",
			func(_, blocked, _ string) []string { return []string{"--block-list", blocked} },
			func(t *testing.T, _ *testkit.CRLHost, _, blocked string, _, mine *testkit.Cert) time.Time {
				replaceFile(t, blocked, []byte(mine.Cert(t).Thumbprint()+" # lost\n"))
				return time.Now()
			}},
		{"file of the operator's",
			func(list, _, _ string) []string { return []string{"--crl", list} },
			func(t *testing.T, _ *testkit.CRLHost, list, _ string, root, mine *testkit.Cert) time.Time {
				replaceFile(t, list, root.SignCRL(t, mine))
				return time.Now()
			}},
		{"address of the operator's",
			func(_, _, url string) []string { return []string{"--crl", url, "--revocation-refresh", "300ms"} },
			newerList},
		{"list at the distribution point",
			func(_, _, _ string) []string { return []string{"--revocation-refresh", "300ms"} },
			newerList},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := testkit.NewCRLHost(t)
			root := testkit.NewRoot(t, "Open Root")
			mine, other := root.NewClient(t, "mine", testkit.CRL(h.URL+"/root")), root.NewClient(t, "other", testkit.CRL(h.URL+"/root"))
			first := root.SignCRL(t)
			h.Put("/root", first)
			list := testkit.WriteFile(t, t.TempDir(), "root.crl", first)
			blocked := testkit.WriteFile(t, t.TempDir(), "blocked", []byte("# nobody\n"))
			p := start(t, append(c.args(list, blocked, h.URL+"/root"), "--fetch-allow", "127.0.0.0/8")...)
			p.trust(true, []*testkit.Cert{root}, nil)
			p.liveAPI(t, `<policies><inbound><base/><choose><when condition="@(context.Request.Certificate == null || !context.Request.Certificate.Verify())"><return-response><set-status code="403" reason="no"/></return-response></when></choose></inbound><backend><base/></backend></policies>`)
			as := func(who *testkit.Cert, http2 bool) *caller {
				c := p.caller(callerOptions{certificate: who, http2: http2})
				c.client.Timeout = 0
				return c
			}
			kept := as(mine, false)
			if r := kept.get(t, "/live/x"); r.status != 200 {
				t.Fatalf("before: %d %s", r.status, r.body)
			}
			_, socket := p.webSocket(t, as(mine, false).client.Transport.(*http.Transport).TLSClientConfig)
			alive, _ := p.webSocket(t, as(other, false).client.Transport.(*http.Transport).TLSClientConfig)
			stream, stream2 := as(mine, false).stream(t), as(mine, true).stream(t)

			known := c.shrink(t, h, list, blocked, root, mine)
			for _, open := range []struct {
				name  string
				ended func() bool
			}{{"WebSocket", socket}, {"stream", stream}, {"HTTP/2 stream", stream2}} {
				if !open.ended() {
					t.Errorf("the %s is still open, or ended as if it were whole", open.name)
				}
				t.Logf("the %s is over %v after the revocation", open.name, time.Since(known).Round(time.Millisecond))
			}
			if d := time.Since(known); d > allowed {
				t.Errorf("it took %v", d)
			}
			if r := kept.get(t, "/live/x"); r.status != 403 {
				t.Errorf("over the kept connection: %d", r.status)
			}
			if !alive() {
				t.Error("the WebSocket of another client has ended")
			}
		})
	}
}

// newerList serves a list that revokes, and waits until it was sent.
func newerList(t *testing.T, h *testkit.CRLHost, _, _ string, root, mine *testkit.Cert) time.Time {
	h.Put("/root", root.SignCRL(t, mine))
	begun, sent := time.Now(), h.Fetches.Load()
	for h.Fetches.Load() == sent {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("the newer list was not asked for")
		}
		time.Sleep(time.Millisecond)
	}
	return time.Now()
}
