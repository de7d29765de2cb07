package e2e

import (
	"crypto/tls"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestDevelopmentCertificateIsRevoked issues a certificate, gets in with it, revokes it, and is refused: over a new connection
// and over the one that is open.
func TestDevelopmentCertificateIsRevoked(t *testing.T) {
	p := start(t, "--apply", filepath.Join(root, "examples", "quickstart"), "--access-log", "on")
	dir := t.TempDir()
	out, _ := run(t, 0, "", "dev", "issue", "--data-dir", p.dir, "--name", "client-01", "--out", dir, "--pfx-password", "x")
	if want := filepath.Join(dir, "client-01.pfx"); !strings.Contains(out, want) {
		t.Errorf("dev issue printed %q", out)
	}
	file := filepath.Join(dir, "client-01.pem")
	pair, err := tls.LoadX509KeyPair(file, filepath.Join(dir, "client-01.key"))
	if err != nil {
		t.Fatal(err)
	}
	dial := func() *caller {
		c := p.caller(callerOptions{})
		c.client.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{pair}
		return c
	}
	open := dial()
	if r := open.get(t, "/hello"); r.status != 200 || r.body != "Hello, CN=client-01\n" {
		t.Fatalf("before: %d %q", r.status, r.body)
	}
	run(t, 0, "", "dev", "revoke", "--data-dir", p.dir, file)
	for begin := time.Now(); ; {
		r1, r2 := open.get(t, "/hello"), dial().get(t, "/hello")
		if r1.status == 403 && r2.status == 403 {
			break
		}
		if time.Since(begin) > time.Second {
			t.Fatalf("a second after the revocation: %d over the open connection, %d over a new one", r1.status, r2.status)
		}
	}
	run(t, 1, "", "dev", "revoke", "--data-dir", p.dir, p.admin.CAFile)
	run(t, 2, "", "dev", "issue", "--data-dir", t.TempDir(), "--name", "x")
	run(t, 1, "", "dev", "issue", "--data-dir", p.dir, "--name", "x", "--days", "100000", "--out", dir)
	if log := p.logs.String(); !strings.Contains(log, "verdict=") || !strings.Contains(log, "revoked") {
		t.Errorf("the access log does not tell of the revocation:\n%s", log)
	}
}

// TestApplyIsRefusedWithItsPlace applies what is wrong.
func TestApplyIsRefusedWithItsPlace(t *testing.T) {
	p := start(t)
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text, says string
		exit       int
	}{
		"refused":      {"- type: Microsoft.ApiManagement/service/apis\n  name: local/x\n  properties: {displayName: x}\n", "refused.yaml:1: /subscriptions/", 1},
		"not a list":   {"a: b\n", "a list of resources is expected", 2},
		"unknown tag":  {"- id: /x\n  properties: {a: !secret b}\n", "there is no tag !secret", 2},
		"missing file": {"- id: /x\n  properties: {a: !file none.txt}\n", "none.txt", 2},
		"no name":      {"- properties: {}\n", "needs an id, or type and name", 2},
		"template":     {`{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","resources":[]}`, "ARM templates are not supported yet", 2},
	} {
		file := testkit.WriteFile(t, dir, strings.ReplaceAll(name, " ", "-")+".yaml", []byte(c.text))
		if _, errs := run(t, c.exit, "", "apply", "--data-dir", p.dir, file); !strings.Contains(errs, c.says) {
			t.Errorf("%s: %s does not say %q", name, errs, c.says)
		}
	}
}
