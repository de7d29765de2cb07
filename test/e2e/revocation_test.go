package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// verified lets in who Verify() holds for.
const verified = `<policies><inbound><choose><when condition="@(context.Request.Certificate == null || !context.Request.Certificate.Verify())"><return-response><set-status code="403" reason="Invalid client certificate" /></return-response></when></choose>` + ok + `</inbound></policies>`

// replace puts a file in the place of another at once.
func replaceFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// soon insists that a call is answered with a status within a time.
func soon(t *testing.T, c *caller, status int, within time.Duration, what string) {
	t.Helper()
	begun := time.Now()
	for {
		r := c.get(t, "/verified")
		if r.status == status {
			return
		}
		if time.Since(begun) > within {
			t.Fatalf("%s: %d after %v, want %d", what, r.status, within, status)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestRevocationIsLiveAndLasting revokes by a newer list and by the block list, over connections that are open, and then
// restarts the gateway with the host of the lists gone.
func TestRevocationIsLiveAndLasting(t *testing.T) {
	h := testkit.NewCRLHost(t)
	root := testkit.NewRoot(t, "Lasting Root")
	list := testkit.CRL(h.URL + "/root")
	first, second, third := root.NewClient(t, "first", list), root.NewClient(t, "second", list), root.NewClient(t, "third", list)
	h.Put("/root", root.SignCRL(t))
	blocked := testkit.WriteFile(t, t.TempDir(), "blocked", []byte("# nobody\n"))
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"--fetch-allow", "127.0.0.0/8", "--revocation-refresh", "500ms", "--block-list", blocked}
	p := startIn(t, dir, args...)
	p.trust(true, []*testkit.Cert{root}, nil)
	p.api("verified", "verified", "", "GET /")
	p.policy("verified", verified)
	one, two, three := p.caller(callerOptions{certificate: first}), p.caller(callerOptions{certificate: second}), p.caller(callerOptions{certificate: third})
	for _, c := range []*caller{one, two, three} {
		soon(t, c, 200, 5*time.Second, "at first")
	}

	h.Put("/root", root.SignCRL(t, first))
	soon(t, one, 403, 5*time.Second, "after a newer list")
	replaceFile(t, blocked, []byte(second.Cert(t).Thumbprint()+" # lost\n"))
	soon(t, two, 403, 5*time.Second, "after the block list was changed")
	if r := three.get(t, "/verified"); r.status != 200 {
		t.Errorf("the third: %d, want 200", r.status)
	}
	p.kill()

	h.Put("/root", nil)
	files, err := filepath.Glob(filepath.Join(dir, "revocation", "*.got"))
	if err != nil || len(files) != 1 {
		t.Errorf("kept files: %v, %v; want one list", files, err)
	}
	p = startIn(t, dir, args...)
	for status, c := range map[int][]*testkit.Cert{200: {third}, 403: {first, second}} {
		for _, x := range c {
			if r := p.caller(callerOptions{certificate: x}).get(t, "/verified"); r.status != status {
				t.Errorf("after a restart without the host, %s: %d, want %d", x.X509.Subject, r.status, status)
			}
		}
	}
}

// TestListsOfTheOperators gives the gateway a list that it may not fetch itself.
func TestListsOfTheOperators(t *testing.T) {
	h := testkit.NewCRLHost(t)
	root := testkit.NewRoot(t, "Named Root")
	list := testkit.CRL(h.URL + "/root")
	good, revoked := root.NewClient(t, "good", list), root.NewClient(t, "revoked", list)
	h.Put("/root", root.SignCRL(t, revoked))
	file := testkit.WriteFile(t, t.TempDir(), "root.crl", root.SignCRL(t, revoked))
	for name, args := range map[string][]string{"a file": {"--crl", file}, "an address": {"--crl", h.URL + "/root"}, "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			p := start(t, args...)
			p.trust(true, []*testkit.Cert{root}, nil)
			p.api("verified", "verified", "", "GET /")
			p.policy("verified", verified)
			want := 200
			if args == nil {
				want = 403
			}
			for _, c := range []struct {
				client *testkit.Cert
				want   int
			}{{good, want}, {revoked, 403}} {
				if r := p.caller(callerOptions{certificate: c.client}).get(t, "/verified"); r.status != c.want {
					t.Errorf("%s: %d, want %d", c.client.X509.Subject, r.status, c.want)
				}
			}
			if log := p.logs.String(); args == nil && !strings.Contains(log, "--fetch-allow") {
				t.Errorf("the log does not tell what would allow the fetch:\n%s", log)
			}
		})
	}
	for _, flag := range []string{"--crl", "--block-list"} {
		garbage := testkit.WriteFile(t, t.TempDir(), "garbage", []byte("garbage"))
		if _, errs := run(t, 2, "", "serve", "--data-dir", filepath.Join(t.TempDir(), "data"), "--gateway-listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0",
			"--vault-listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", flag, garbage); !strings.Contains(errs, garbage) || !strings.Contains(errs, flag) {
			t.Errorf("%s garbage: %s does not name the file and the flag", flag, errs)
		}
	}
}
