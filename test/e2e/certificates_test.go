package e2e

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// ok is put behind the documented policy, so that no backend is needed: who is let in gets 200.
const ok = `<return-response><set-status code="200" reason="OK" /><set-body>in</set-body></return-response>`

// people are the clients of the matrix.
type people struct {
	host                                              *testkit.CRLHost
	root, intermediate, otherRoot                     *testkit.Cert
	right, wrongSubject, wrongIssuer, expired, future *testkit.Cert
	untrusted, revoked, selfSigned, noList            *testkit.Cert
}

func newPeople(t *testing.T) *people {
	h := testkit.NewCRLHost(t)
	p := &people{host: h}
	p.root = testkit.NewRoot(t, "Test Root")
	p.intermediate = p.root.NewIntermediate(t, "Test Issuing CA", testkit.CRL(h.URL+"/root"))
	other := p.root.NewIntermediate(t, "Another Issuing CA", testkit.CRL(h.URL+"/root"))
	p.otherRoot = testkit.NewRoot(t, "Test Issuing CA") // the right issuer's name, and no trust
	list, otherList := testkit.CRL(h.URL+"/issuing"), testkit.CRL(h.URL+"/other")
	p.right = p.intermediate.NewClient(t, "client-01", list)
	p.wrongSubject = p.intermediate.NewClient(t, "client-02", list)
	p.wrongIssuer = other.NewClient(t, "client-01", otherList)
	p.expired = p.intermediate.NewClient(t, "client-01", list, testkit.Expired)
	p.future = p.intermediate.NewClient(t, "client-01", list, testkit.NotYetValid)
	p.untrusted = p.otherRoot.NewClient(t, "client-01", list)
	p.revoked = p.intermediate.NewClient(t, "client-01", list)
	p.selfSigned = testkit.NewSelfSigned(t, "client-01")
	p.noList = p.intermediate.NewClient(t, "client-01", testkit.CRL(h.URL+"/none"))
	h.Put("/root", p.root.SignCRL(t))
	h.Put("/issuing", p.intermediate.SignCRL(t, p.revoked))
	h.Put("/other", other.SignCRL(t))
	return p
}

// seeds are the documented policies, with what they ask for.
func seeds(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "testdata", "conformance", "seed", "*.xml"))
	if err != nil || len(files) != 6 {
		t.Fatalf("seed policies: %v, %v", files, err)
	}
	documents := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		documents[strings.TrimSuffix(filepath.Base(f), ".xml")] = string(data)
	}
	return documents
}

// answered puts the answer of those let in behind the document's own inbound policies.
func answered(document string) string {
	return strings.Replace(document, "</inbound>", ok+"</inbound>", 1)
}

type way struct {
	version  uint16
	http2    bool
	resuming bool
	// unasked tells that the host does not ask for a certificate.
	unasked bool
}

func (w way) String() string {
	return fmt.Sprintf("%s,http2=%t,resumed=%t", strings.ReplaceAll(tls.VersionName(w.version), " ", ""), w.http2, w.resuming)
}

func ways() (all []way) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, http2 := range []bool{false, true} {
			for _, resuming := range []bool{false, true} {
				all = append(all, way{version: version, http2: http2, resuming: resuming})
			}
		}
	}
	return all
}

// ask calls path as the client in that way, and insists on the protocol and on the session being new or resumed.
func (p *process) ask(t *testing.T, w way, client *testkit.Cert, path string) reply {
	t.Helper()
	o := callerOptions{certificate: client, version: w.version, http2: w.http2, sessions: tls.NewLRUClientSessionCache(8)}
	r := p.caller(o).get(t, path)
	if w.resuming {
		// crypto/tls does not resume the session of a certificate that has expired
		expired := client != nil && !w.unasked && time.Now().After(client.X509.NotAfter)
		if r = p.caller(o).get(t, path); r.resumed == expired {
			t.Errorf("resumed: %t", r.resumed)
		}
	}
	if want := map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[w.http2]; r.proto != want {
		t.Errorf("protocol %s, want %s", r.proto, want)
	}
	return r
}

func TestDocumentedPoliciesUntouchedRefuseEverybody(t *testing.T) {
	p := start(t, "--fetch-allow", "127.0.0.0/8")
	who := newPeople(t)
	p.trust(true, []*testkit.Cert{who.root}, []*testkit.Cert{who.intermediate})
	for name, document := range seeds(t) {
		p.api(name, name, "", "GET /")
		p.policy(name, document)
		clients := []*testkit.Cert{nil, who.right, who.selfSigned}
		if strings.HasPrefix(name, "uploaded") {
			clients = append(clients, who.revoked) // the service holds no certificate yet
		}
		for _, client := range clients {
			r := p.ask(t, way{version: tls.VersionTLS13}, client, "/"+name)
			if r.status != 403 || r.reason != "Invalid client certificate" {
				t.Errorf("%s: %d %q, want 403 Invalid client certificate", name, r.status, r.reason)
			}
		}
	}
}

func TestDocumentedPolicies(t *testing.T) {
	p := start(t, "--fetch-allow", "127.0.0.0/8")
	who := newPeople(t)
	p.trust(true, []*testkit.Cert{who.root}, []*testkit.Cert{who.intermediate})
	for i, c := range []*testkit.Cert{who.right, who.expired, who.revoked, who.selfSigned, who.untrusted, who.noList} {
		p.put(fmt.Sprintf("/certificates/c%d", i), properties(object{"data": base64.StdEncoding.EncodeToString(c.X509.Raw)}))
	}
	replace := strings.NewReplacer("trusted-issuer", "CN=Test Issuing CA", "expected-subject-name", "CN=client-01",
		"DESIRED-THUMBPRINT-IN-UPPER-CASE", who.right.Cert(t).Thumbprint())
	documents := seeds(t)
	for name, document := range documents {
		p.api(name, name, "", "GET /")
		p.policy(name, answered(replace.Replace(document)))
	}
	clients := []struct {
		name   string
		client *testkit.Cert
		in     func(policy string) bool
	}{
		{"none", nil, never},
		{"right", who.right, always},
		{"wrong issuer", who.wrongIssuer, never},
		{"wrong subject", who.wrongSubject, never},
		{"expired", who.expired, never},
		{"not yet valid", who.future, never},
		{"untrusted", who.untrusted, never},
		{"self-signed", who.selfSigned, never},
		{"revoked", who.revoked, withoutRevocation},
		{"no revocation list", who.noList, withoutRevocation},
	}
	for _, w := range ways() {
		t.Run(w.String(), func(t *testing.T) {
			for _, c := range clients {
				for name := range documents {
					r := p.ask(t, w, c.client, "/"+name)
					want, body := 403, ""
					if c.in(name) {
						want, body = 200, "in"
					}
					if r.status != want || r.body != body {
						t.Errorf("%s, %s: %d %q, want %d %q", name, c.name, r.status, r.body, want, body)
					}
					if want == 403 && !w.http2 && r.reason != "Invalid client certificate" {
						t.Errorf("%s, %s: reason %q", name, c.name, r.reason)
					}
				}
			}
		})
	}
}

func never(string) bool  { return false }
func always(string) bool { return true }

// withoutRevocation is for certificates that are good but for their revocation: a thumbprint is another's.
func withoutRevocation(policy string) bool {
	return policy == "issuer-subject-no-revocation" || policy == "uploaded-no-revocation"
}

func TestWithoutNegotiationThereIsNoCertificate(t *testing.T) {
	p := start(t)
	who := newPeople(t)
	p.trust(false, []*testkit.Cert{who.root}, []*testkit.Cert{who.intermediate})
	p.api("null", "null", "", "GET /")
	p.policy("null", `<policies><inbound><return-response><set-body>@(context.Request.Certificate == null ? "null" : "there")</set-body></return-response></inbound></policies>`)
	for _, w := range ways() {
		w.unasked = true
		for _, client := range []*testkit.Cert{nil, who.right, who.expired, who.selfSigned} {
			if r := p.ask(t, w, client, "/null"); r.status != 200 || r.body != "null" {
				t.Errorf("%v: %d %q, want 200 null", w, r.status, r.body)
			}
		}
	}
}

func TestValidateClientCertificate(t *testing.T) {
	p := start(t, "--fetch-allow", "127.0.0.0/8")
	who := newPeople(t)
	p.trust(true, []*testkit.Cert{who.root}, []*testkit.Cert{who.intermediate})
	reasons := `<on-error><set-header name="X-Reason" exists-action="override"><value>@(context.LastError.Source + " " + context.LastError.Reason)</value></set-header></on-error>`
	p.api("v", "v", "", "GET /")
	p.policy("v", `<policies><inbound><validate-client-certificate>
		<identities><identity subject="CN=client-01" issuer-subject="CN=Test Issuing CA" /></identities>
		</validate-client-certificate>`+ok+`</inbound>`+reasons+`</policies>`)
	for name, c := range map[string]struct {
		client *testkit.Cert
		status int
		reason string
		body   string
	}{
		"none":          {nil, 401, "ClientCertificateNotFound", `{ "statusCode": 401, "message": "Client certificate missing" }`},
		"right":         {who.right, 200, "", "in"},
		"wrong subject": {who.wrongSubject, 401, "ClientCertificateIdentityNotMatched", `{ "statusCode": 401, "message": "Invalid client certificate" }`},
		"expired":       {who.expired, 401, "ClientCertificateExpired", `{ "statusCode": 401, "message": "Invalid client certificate" }`},
		"future":        {who.future, 401, "ClientCertificateNotYetValid", `{ "statusCode": 401, "message": "Invalid client certificate" }`},
		"untrusted":     {who.untrusted, 401, "ClientCertificateNotTrusted", `{ "statusCode": 401, "message": "Invalid client certificate" }`},
		"revoked":       {who.revoked, 401, "ClientCertificateRevoked", `{ "statusCode": 401, "message": "Invalid client certificate" }`},
	} {
		r := p.ask(t, way{version: tls.VersionTLS13, http2: true}, c.client, "/v")
		reason := strings.TrimPrefix(r.header.Get("X-Reason"), "validate-client-certificate ")
		if r.status != c.status || reason != c.reason || r.body != c.body {
			t.Errorf("%s: %d %q %q, want %d %q %q", name, r.status, reason, r.body, c.status, c.reason, c.body)
		}
	}
}

// TestDistinguishedNameOfTheDocumentation has the page's own example, quotes inside the attribute included.
func TestDistinguishedNameOfTheDocumentation(t *testing.T) {
	p := start(t)
	ca := testkit.NewRoot(t, "Root")
	client := ca.NewClient(t, "*.contoso.com", testkit.Subject(pkix.Name{Country: []string{"US"}, Province: []string{"Illinois"},
		Locality: []string{"Chicago"}, Organization: []string{"Contoso, Inc."}, CommonName: "*.contoso.com"}))
	p.trust(true, []*testkit.Cert{ca}, nil)
	p.api("v", "v", "", "GET /")
	p.policy("v", `<policies><inbound><validate-client-certificate validate-revocation="false">
		<identities><identity subject="C=US, ST=Illinois, L=Chicago, O="Contoso, Inc.", CN=*.contoso.com" /></identities>
		</validate-client-certificate>`+ok+`</inbound></policies>`)
	if r := p.ask(t, way{version: tls.VersionTLS13}, client, "/v"); r.status != 200 {
		t.Errorf("%d %s, want 200", r.status, r.body)
	}
	if r := p.ask(t, way{version: tls.VersionTLS13}, ca.NewClient(t, "*.contoso.com"), "/v"); r.status != 401 {
		t.Errorf("%d %s, want 401", r.status, r.body)
	}
}
