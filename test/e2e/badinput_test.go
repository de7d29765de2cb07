package e2e

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

const interrupt = syscall.SIGTERM

// blanks is a reader of n blanks.
func blanks(n int64) io.Reader { return io.LimitReader(blankReader{}, n) }

type blankReader struct{}

func (blankReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// TestBadInput gives the management API what is wrong: a clear error each time, nothing stored, the process alive.
func TestBadInput(t *testing.T) {
	p := start(t)
	p.api("a", "a", "", "GET /")
	ca := testkit.NewRoot(t, "CA")
	pfx := ca.NewClient(t, "c").PFX(t, "right")
	der := ca.X509.Raw
	encode := base64.StdEncoding.EncodeToString
	deep := "<policies>" + strings.Repeat("<inbound>", 10_000) + strings.Repeat("</inbound>", 10_000) + "</policies>"
	document := func(text string) object { return properties(object{"format": "rawxml", "value": text}) }
	for _, c := range []struct {
		name, path string
		body       any
		status     int
		says       string
	}{
		{"malformed PFX", "/certificates/x", properties(object{"data": encode(pfx[:len(pfx)/2]), "password": "right"}), 400, "could not be loaded"},
		{"wrong password", "/certificates/x", properties(object{"data": encode(pfx), "password": "wrong"}), 400, "password"},
		{"truncated DER", "/certificates/x", properties(object{"data": encode(der[:100])}), 400, "could not be loaded"},
		{"100 MiB body", "/certificates/x", blanks(100 << 20), 413, "larger than"},
		{"10,000-deep XML", "/apis/a/policies/policy", document(deep), 400, "line 1"},
		{"not XML", "/apis/a/policies/policy", document("policies"), 400, "line 1"},
		{"bad expression", "/apis/a/policies/policy", document("<policies>\n<inbound>\n<set-body>@(1 + )</set-body></inbound></policies>"), 400, "line 3"},
		{"unknown element", "/apis/a/policies/policy", document("<policies><inbound>\n  <set-headr /></inbound></policies>"), 400, "line 2, column 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, text := p.arm("PUT", c.path, c.body)
			if status != c.status || !strings.Contains(text, c.says) {
				t.Errorf("%d %.600s, want %d that says %q", status, text, c.status, c.says)
			}
			if status, _ := p.arm("GET", c.path, nil); status != 404 {
				t.Errorf("GET %s = %d: something was stored", c.path, status)
			}
		})
	}
	if r := p.caller(callerOptions{}).get(t, "/status-0123456789abcdef"); r.status != 200 || r.body != "" {
		t.Errorf("the gateway's status is %d %q", r.status, r.body)
	}
}

// TestEndlessExpression is stopped by its budget; the others go on meanwhile.
func TestEndlessExpression(t *testing.T) {
	p := start(t, "--expression-timeout", "300ms", "--expression-max-bytes", "100000")
	p.api("memory", "memory", "", "GET /")
	p.policy("memory", `<policies><inbound><set-body>@(new string('x', 60000) + new string('y', 60000))</set-body></inbound></policies>`)
	if r := p.caller(callerOptions{}).get(t, "/memory"); r.status != 500 {
		t.Errorf("more memory than is allowed: %d", r.status)
	}
	p.api("a", "a", "", "GET /")
	p.policy("a", `<policies><inbound><set-body>@{ while (true) { } return ""; }</set-body></inbound></policies>`)
	p.api("b", "b", "", "GET /")
	p.policy("b", `<policies><inbound><return-response /></inbound></policies>`)
	done := make(chan reply, 1)
	go func() { done <- p.caller(callerOptions{}).get(t, "/a") }()
	for range 10 {
		if r := p.caller(callerOptions{}).get(t, "/b"); r.status != 200 {
			t.Errorf("another request: %d", r.status)
		}
	}
	select {
	case r := <-done:
		if r.status != 500 || !strings.Contains(r.body, `"statusCode": 500`) {
			t.Errorf("the endless one: %d %s", r.status, r.body)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the endless expression was not stopped")
	}
}

func TestForeignHostsAndStrangersAreRefused(t *testing.T) {
	p := start(t)
	for name, url := range map[string]string{"management": p.admin.ManagementURL + p.admin.ServiceID() + "?api-version=2024-05-01", "operations": p.admin.OpsURL + "/healthz"} {
		r, err := http.NewRequest("GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "attacker.example"
		resp, err := p.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s answers a foreign Host with %d", name, resp.StatusCode)
		}
	}
	if status, text := p.arm("GET", "", nil, "Authorization", "Bearer guess"); status != 401 || !strings.Contains(text, "InvalidAuthenticationToken") {
		t.Errorf("a wrong token: %d %s", status, text)
	}
}
