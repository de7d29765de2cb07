package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// browser is a client with the portal's cookie, as a page of the portal has it.
type browser struct {
	t    testing.TB
	p    *process
	http *http.Client
	csrf string
}

// open signs in with a link that the command portal prints.
func (p *process) open(t testing.TB) *browser {
	t.Helper()
	out, err := exec.Command(binary, "portal", "--data-dir", p.dir).Output()
	if err != nil {
		t.Fatalf("postern portal: %v", err)
	}
	link, err := url.Parse(strings.TrimSpace(string(out)))
	if err != nil || !strings.HasPrefix(link.String(), p.admin.ManagementURL+"/#code=") {
		t.Fatalf("postern portal printed %q: %v", out, err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, p: p, http: &http.Client{Transport: p.client.Transport, Jar: jar}}
	var session struct {
		Principal struct{ ID, Name string }
		CSRFToken string
		URLs      struct{ Gateway, Management string }
		Service   struct{ ID, SKU string }
	}
	body := object{"code": strings.TrimPrefix(link.Fragment, "code=")}
	if status := b.call("POST", "/postern/v1/session", body, &session); status != 200 {
		t.Fatalf("sign in: %d", status)
	}
	if session.Principal.Name == "" || session.URLs.Gateway != p.admin.GatewayURL || session.Service.ID != p.admin.ServiceID() || session.Service.SKU == "" {
		t.Errorf("session %+v", session)
	}
	b.csrf = session.CSRFToken
	if status := b.call("POST", "/postern/v1/session", body, nil); status != 401 {
		t.Errorf("the link again: %d", status)
	}
	return b
}

// call sends a request as the portal's page does, and decodes the answer into out.
func (b *browser) call(method, path string, body, out any, header ...string) int {
	b.t.Helper()
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		payload = bytes.NewReader(data)
	}
	r, err := http.NewRequest(method, b.p.admin.ManagementURL+path, payload)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Origin", b.p.admin.ManagementURL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	if b.csrf != "" && method != "GET" {
		r.Header.Set("X-Postern-CSRF", b.csrf)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			b.t.Fatalf("%s %s = %d: %v in %s", method, path, resp.StatusCode, err, data)
		}
	}
	return resp.StatusCode
}

func TestPortalSession(t *testing.T) {
	p := start(t)
	b := p.open(t)
	const api = "?api-version=2024-05-01"
	id := p.admin.ServiceID()
	value := object{"properties": object{"displayName": "greeting", "value": "hello"}}
	for _, c := range []struct {
		name, method, path string
		body               any
		header             []string
		want               int
	}{
		{"the service is read", "GET", id + api, nil, nil, 200},
		{"a change needs the CSRF token", "PUT", id + "/namedValues/greeting" + api, value, []string{"X-Postern-CSRF", ""}, 403},
		{"with it it is made", "PUT", id + "/namedValues/greeting" + api, value, nil, 201},
		{"not from another origin", "DELETE", id + "/namedValues/greeting" + api, nil, []string{"Origin", "https://localhost:3000"}, 403},
		{"not from another port", "GET", id + api, nil, []string{"Origin", "", "Sec-Fetch-Site", "same-site"}, 403},
		{"the development CA", "GET", "/postern/v1/development/roots/client", nil, nil, 200},
		{"the diagnostics", "GET", "/postern/v1/policies/elements", nil, nil, 200},
		{"the session", "GET", "/postern/v1/session", nil, nil, 200},
		{"signing out", "DELETE", "/postern/v1/session", nil, nil, 204},
		{"nothing is left of it", "GET", "/postern/v1/session", nil, nil, 401},
		{"and nothing is read", "GET", id + api, nil, nil, 401},
	} {
		if got := b.call(c.method, c.path, c.body, nil, c.header...); got != c.want {
			t.Errorf("%s: %s %s = %d, want %d", c.name, c.method, c.path, got, c.want)
		}
	}
}

func TestPortalPage(t *testing.T) {
	p := start(t)
	resp, err := p.client.Get(p.admin.ManagementURL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	policy := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != 200 || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(string(body), "__CSP_NONCE__") {
		t.Errorf("%d, policy %q: %s", resp.StatusCode, policy, body)
	}
}
