package e2e

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestSettingsOfTheService sets the service's own settings and looks at who gets in.
func TestSettingsOfTheService(t *testing.T) {
	p := start(t, "--access-log", "on")
	ca := testkit.NewRoot(t, "Settings Root")
	client := ca.NewClient(t, "client-01") // it names no list: nothing can be proved of it
	server := ca.NewServer(t, "server-01")
	p.trust(true, []*testkit.Cert{ca}, nil)
	p.api("a", "a", "", "GET /")
	policy := func(attributes, identity string) {
		p.policy("a", `<policies><inbound><validate-client-certificate `+attributes+`><identities><identity `+identity+` /></identities></validate-client-certificate>`+
			ok+`</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`)
	}
	set := func(key, value string) {
		t.Helper()
		p.patch("", properties(object{"customProperties": object{key: value}}))
	}
	want := func(status int, who *testkit.Cert, when string) {
		t.Helper()
		if r := p.caller(callerOptions{certificate: who, http2: true}).get(t, "/a/"); r.status != status {
			t.Errorf("%s: %d %s, want %d", when, r.status, r.body, status)
		}
	}
	digest := sha256.Sum256(client.X509.RawSubjectPublicKeyInfo)
	policy("", `common-name="client-01" spki-sha256="`+hex.EncodeToString(digest[:])+`"`)
	want(401, client, "closed by default")
	for _, part := range []string{"reason=ClientCertificateRevocationStatusUnknown", "verdict_reason=revocation-unknown", "client-01", "paths=\"client-01 <- "} {
		if !strings.Contains(p.logs.String(), part) {
			t.Errorf("the access log lacks %q", part)
		}
	}
	set("Postern.Revocation.Mode", "FailOpen")
	want(200, client, "FailOpen")
	want(401, ca.NewClient(t, "client-01"), "another key")
	policy(`revocation-mode="FailClosed"`, `common-name="client-01"`)
	want(401, client, "a policy that closes")
	set("Postern.Revocation.Mode", "FailOpenUntil=PT24H")
	policy(`revocation-mode="FailOpen"`, `common-name="client-01"`)
	want(200, client, "a policy that opens")

	policy(`validate-revocation="false"`, `common-name="server-01"`)
	want(200, server, "another purpose, as .NET")
	set("Postern.Trust.Strict", "True")
	want(401, server, "another purpose, strict")

	for key, value := range map[string]string{"Postern.Trust.Everybody": "True", "Postern.Revocation.Mode": "Open", "Postern.Limits": "10"} {
		status, text := p.arm("PATCH", "", properties(object{"customProperties": object{key: value}}))
		if status != 400 || !strings.Contains(text, key) {
			t.Errorf("%s=%s: %d %s, want 400 with the key", key, value, status, text)
		}
	}
}

// TestReportsOnUploads uploads CA certificates and entities with something wrong, which are taken and reported on.
func TestReportsOnUploads(t *testing.T) {
	p := start(t)
	ca := testkit.NewRoot(t, "Report Root", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(90 * 24 * time.Hour) })
	old := testkit.NewRoot(t, "Old Root", testkit.Expired)
	p.trust(true, []*testkit.Cert{ca}, []*testkit.Cert{old})
	status, text := p.arm("GET", "", nil)
	var service struct {
		Properties struct {
			Certificates []struct {
				Report []struct{ Code, Severity, Message string } `json:"report"`
			} `json:"certificates"`
		} `json:"properties"`
	}
	if err := json.Unmarshal([]byte(text), &service); err != nil || status != 200 || len(service.Properties.Certificates) != 2 {
		t.Fatalf("GET of the service: %d %v %s", status, err, text)
	}
	codes := ""
	for _, f := range service.Properties.Certificates[1].Report {
		codes += f.Code + " "
	}
	if len(service.Properties.Certificates[0].Report) != 0 || !strings.Contains(codes, "expired") || !strings.Contains(codes, "wrong-store") {
		t.Errorf("reports: %+v", service.Properties.Certificates)
	}
}

// TestVerifyExplains prints every path with its failing check, and what revocation was judged by.
func TestVerifyExplains(t *testing.T) {
	dir, host := t.TempDir(), testkit.NewCRLHost(t)
	write := func(name string, c *testkit.Cert) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.PEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := testkit.NewRoot(t, "Explained Root")
	twin := testkit.NewRoot(t, "Explained Root", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(48 * time.Hour) })
	client := ca.NewClient(t, "client-01", testkit.CRL(host.URL+"/list"))
	host.Put("/list", ca.SignCRL(t, client))
	out, _ := run(t, 1, "", "cert", "verify", "--json", "--fetch-allow", "127.0.0.0/8", "--root", write("twin.pem", twin), "--root", write("root.pem", ca), write("leaf.pem", client))
	var d struct {
		Explanation struct {
			Reason, Summary string
			Paths           []struct {
				Certificates, Thumbprints []string
				Trusted                   bool
				Reason, Flag              string
				Failures                  []struct{ At int }
				Revocation                []struct {
					Status   string
					Evidence []struct{ Kind, Address, Number, ThisUpdate string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	e := d.Explanation
	if e.Reason != "revoked" || len(e.Paths) == 0 {
		t.Fatalf("explanation: %s", out)
	}
	first := e.Paths[0]
	if !first.Trusted || first.Reason != "revoked" || first.Flag != "Revoked" || len(first.Thumbprints) != 2 || len(first.Failures) != 1 || len(first.Revocation) != 1 {
		t.Fatalf("first path: %+v", first)
	}
	if r := first.Revocation[0]; r.Status != "revoked" || len(r.Evidence) != 1 || r.Evidence[0].Kind != "crl" || r.Evidence[0].Number == "" ||
		r.Evidence[0].ThisUpdate == "" || r.Evidence[0].Address != host.URL+"/list" {
		t.Errorf("evidence: %+v", r)
	}
}
