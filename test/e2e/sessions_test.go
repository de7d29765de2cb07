package e2e

import (
	"crypto/tls"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestSessionsOutliveARestart resumes a session at a process that was started anew on the same store, as at another node:
// the keys of tickets come from the store. The certificate of the session is judged there like any other.
func TestSessionsOutliveARestart(t *testing.T) {
	p := start(t)
	ca := testkit.NewRoot(t, "Root")
	client := ca.NewClient(t, "client-01")
	p.trust(true, []*testkit.Cert{ca}, nil)
	p.api("v", "v", "", "GET /")
	p.policy("v", `<policies><inbound><validate-client-certificate validate-revocation="false"><identities><identity common-name="client-01" /></identities></validate-client-certificate>`+ok+`</inbound></policies>`)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		sessions := tls.NewLRUClientSessionCache(4)
		o := callerOptions{certificate: client, version: version, sessions: sessions, serverName: "localhost"}
		if r := p.caller(o).get(t, "/v"); r.status != 200 || r.resumed {
			t.Fatalf("%s: %d %s, resumed %v", tls.VersionName(version), r.status, r.body, r.resumed)
		}
		p.kill()
		p = startIn(t, p.dir)
		if r := p.caller(o).get(t, "/v"); r.status != 200 || !r.resumed {
			t.Errorf("%s after the restart: %d %s, resumed %v", tls.VersionName(version), r.status, r.body, r.resumed)
		}
	}
}

// TestSessionsOfOneHostAtAnother has openssl, which offers any session to any host, carry one from a host that asks for a
// certificate to another (CVE-2025-23419, CVE-2025-23048): it is not resumed, and its certificate does not come along.
func TestSessionsOfOneHostAtAnother(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed (make deps)")
	}
	p := start(t)
	ca := testkit.NewRoot(t, "Root")
	client := ca.NewClient(t, "client-01")
	dir := t.TempDir()
	certificate := testkit.WriteFile(t, dir, "client.pem", append(client.PEM(), client.KeyPEM(t)...))
	p.patch("", properties(object{"hostnameConfigurations": []object{
		{"type": "Proxy", "hostName": "localhost", "negotiateClientCertificate": true},
		{"type": "Proxy", "hostName": "local.gateway.localhost", "negotiateClientCertificate": true},
	}}))
	p.api("v", "v", "", "GET /")
	p.policy("v", `<policies><inbound><return-response><set-body>@("peer=" + (context.Request.Certificate == null ? "none" : context.Request.Certificate.Subject))</set-body></return-response></inbound></policies>`)
	call := func(version, host string, args ...string) string {
		cmd := exec.Command("openssl", append([]string{"s_client", "-connect", "127.0.0.1:" + port(t, p.admin.GatewayURL), "-servername", host, version, "-ign_eof"}, args...)...)
		cmd.Stdin = strings.NewReader("GET /v HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
		out, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(string(out), "peer=") {
			t.Fatalf("openssl: %v\n%s", err, out)
		}
		return string(out)
	}
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		session := filepath.Join(dir, "session"+version)
		if out := call(version, "localhost", "-cert", certificate, "-sess_out", session); !strings.Contains(out, "peer=CN=client-01") {
			t.Fatalf("%s: no certificate was taken:\n%s", version, out)
		}
		if out := call(version, "localhost", "-sess_in", session); !strings.Contains(out, "Reused, ") || !strings.Contains(out, "peer=CN=client-01") {
			t.Errorf("%s at its own host: not resumed:\n%s", version, out)
		}
		if out := call(version, "local.gateway.localhost", "-sess_in", session); strings.Contains(out, "Reused, ") || !strings.Contains(out, "peer=none") {
			t.Errorf("%s at another host:\n%s", version, out)
		}
	}
}
