package keyvault_test

import (
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/pfx"
)

// der is base64 text of the answer, decoded.
func (a answer) der(t *testing.T, path string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(a.text(path))
	if err != nil || len(data) == 0 {
		t.Fatalf("%s is %q: %v", path, a.text(path), err)
	}
	return data
}

func TestSelfSignedCertificate(t *testing.T) {
	f := newFixture(t)
	op := f.do(202, "POST", "/certificates/web/create", `{"policy":{"issuer":{"name":"Self"},"key_props":{"kty":"EC","crv":"P-256"},
		"x509_props":{"subject":"CN=web.example.org, O=Example Ltd","sans":{"dns_names":["web.example.org"],"upns":["u@example.org"]},"key_usage":["digitalSignature"],"validity_months":6}},"tags":{"a":"b"}}`)
	if op.text("id") != f.url+"/certificates/web/pending" || op.text("status") != "completed" || op.text("target") != f.url+"/certificates/web" || op.text("request_id") == "" {
		t.Errorf("the operation is %s", op.raw)
	}
	got := f.do(200, "GET", "/certificates/web", "")
	raw := got.der(t, "cer")
	x, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.CheckSignatureFrom(x); err == nil {
		t.Error("a certificate of a vault may issue") // CheckSignatureFrom asks for a CA
	}
	if x.CheckSignature(x.SignatureAlgorithm, x.RawTBSCertificate, x.Signature) != nil || x.Subject.String() != "CN=web.example.org,O=Example Ltd" ||
		len(x.DNSNames) != 1 || x.KeyUsage != x509.KeyUsageDigitalSignature || x.NotAfter.Before(time.Now().AddDate(0, 5, 20)) {
		t.Errorf("the certificate is %v, %v, %v, until %v", x.Subject, x.DNSNames, x.KeyUsage, x.NotAfter)
	}
	if want := `"lifetime_actions":[{"trigger":{"lifetime_percentage":80},"action":{"action_type":"AutoRenew"}}]`; !strings.Contains(string(got.raw), want) {
		t.Errorf("no %s in %s", want, got.raw)
	}
	version := strings.TrimPrefix(got.text("id"), f.url+"/certificates/web/")
	digest := sha1.Sum(raw)
	for path, want := range map[string]any{
		"kid": f.url + "/keys/web/" + version, "sid": f.url + "/secrets/web/" + version, "x5t": base64.RawURLEncoding.EncodeToString(digest[:]),
		"attributes.exp": float64(x.NotAfter.Unix()), "attributes.nbf": float64(x.NotBefore.Unix()), "attributes.enabled": true,
		"policy.id": f.url + "/certificates/web/policy", "policy.issuer.name": "Self", "policy.secret_props.contentType": "application/x-pkcs12",
		"policy.key_props.exportable": true, "policy.key_props.reuse_key": false, "policy.key_props.key_size": float64(256), "policy.x509_props.validity_months": float64(6),
		"tags.a": "b", "pending.id": f.url + "/certificates/web/pending", "contentType": "application/x-pkcs12",
	} {
		if got.at(path) != want {
			t.Errorf("%s = %v, want %v", path, got.at(path), want)
		}
	}
	secret := f.do(200, "GET", "/secrets/web/", "")
	if secret.at("managed") != true || secret.text("kid") != got.text("kid") || secret.text("id") != got.text("sid") || secret.text("contentType") != "application/x-pkcs12" {
		t.Errorf("the secret is %v", secret.body)
	}
	key, leaf, err := pkcs12.Decode(secret.der(t, "value"), "")
	if err != nil || !leaf.Equal(x) || key == nil {
		t.Errorf("the secret's PFX: %v", err)
	}
	if late := f.do(200, "PATCH", "/certificates/web/pending", `{"cancellation_requested":true}`); late.text("status") != "completed" || late.at("cancellation_requested") != true {
		t.Errorf("cancelled too late: %s", late.raw)
	}
	again := f.do(202, "POST", "/certificates/web/create", `{}`)
	if again.text("status") != "completed" {
		t.Errorf("the second operation is %s", again.raw)
	}
	if n := len(f.do(200, "GET", "/certificates/web/versions", "").body["value"].([]any)); n != 2 {
		t.Errorf("%d versions, want 2", n)
	}
}

func TestImportCertificate(t *testing.T) {
	root := testkit.NewRoot(t, "root")
	ca := root.NewIntermediate(t, "intermediate")
	client := ca.NewClientWithKey(t, "client", testkit.RSAKey(t, 0))
	password := "s3cret"
	b64 := base64.StdEncoding.EncodeToString
	pemText := string(client.KeyPEM(t)) + string(client.PEM()) + string(ca.PEM())
	for _, c := range []struct {
		name, value, pwd, policy string
		contentType              string
		wantKey                  bool
	}{
		{"a PFX", b64(client.PFX(t, password)), password, `null`, "application/x-pkcs12", true},
		{"PEM text", pemText, "", `null`, "application/x-pem-file", true},
		{"PEM in base64", b64([]byte(pemText)), "", `{"secret_props":{"contentType":"application/x-pem-file"}}`, "application/x-pem-file", true},
		{"not exportable, PFX", b64(client.PFX(t, password)), password, `{"key_props":{"exportable":false}}`, "application/x-pkcs12", false},
		{"not exportable, PEM", pemText, "", `{"key_props":{"exportable":false}}`, "application/x-pem-file", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			body := `{"value":` + mustJSON(t, c.value) + `,"pwd":` + mustJSON(t, c.pwd) + `,"policy":` + c.policy + `,"attributes":{"enabled":true}}`
			got := f.do(200, "POST", "/certificates/Client/import", body)
			if string(got.der(t, "cer")) != string(client.X509.Raw) || got.text("policy.x509_props.subject") != "CN=client" || got.text("policy.issuer.name") != "Unknown" ||
				got.at("policy.key_props.key_size") != float64(2048) || got.text("policy.secret_props.contentType") != c.contentType {
				t.Errorf("the answer is %s", got.raw)
			}
			if n := got.at("policy.x509_props.validity_months").(float64); client.X509.NotBefore.AddDate(0, int(n), 0).Before(client.X509.NotAfter) ||
				!client.X509.NotBefore.AddDate(0, int(n)-1, 0).Before(client.X509.NotAfter) {
				t.Errorf("a life from %v to %v has %v months", client.X509.NotBefore, client.X509.NotAfter, n)
			}
			secret := f.do(200, "GET", "/secrets/client", "")
			if secret.text("contentType") != c.contentType {
				t.Errorf("the secret's content type is %q", secret.text("contentType"))
			}
			data := []byte(secret.text("value"))
			load := pfx.LoadPEM
			if c.contentType == "application/x-pkcs12" {
				data, load = secret.der(t, "value"), pfx.Load
			}
			empty := ""
			id, err := load(data, &empty)
			if err != nil {
				t.Fatal(err)
			}
			if (id.Key != nil) != c.wantKey || c.wantKey && (string(id.Certificate.Raw) != string(client.X509.Raw) || !id.KeyMatches()) {
				t.Errorf("the secret has a key: %v, want %v", id.Key != nil, c.wantKey)
			}
			if len(id.Chain) != 1 {
				t.Errorf("the chain has %d certificates, want 1", len(id.Chain))
			}
		})
	}
}

func TestImportIsRefused(t *testing.T) {
	client := testkit.NewRoot(t, "root").NewClientWithKey(t, "client", testkit.RSAKey(t, 0))
	good := base64.StdEncoding.EncodeToString(client.PFX(t, "right"))
	f := newFixture(t)
	for _, c := range []struct{ name, body string }{
		{"wrong password", `{"value":` + mustJSON(t, good) + `,"pwd":"wrong"}`},
		{"no base64", `{"value":"!!!"}`},
		{"a PFX said to be PEM", `{"value":` + mustJSON(t, good) + `,"pwd":"right","policy":{"secret_props":{"contentType":"application/x-pem-file"}}}`},
		{"no private key", `{"value":` + mustJSON(t, string(client.PEM())) + `}`},
		{"no value", `{}`},
		{"a list", `[]`},
		{"a number for a value", `{"value":5}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := f.do(400, "POST", "/certificates/c/import", c.body); a.text("error.code") != "BadParameter" || a.text("error.message") == "" {
				t.Errorf("the error is %s", a.raw)
			}
		})
	}
	if a := f.do(404, "GET", "/certificates/c", ""); a.text("error.code") != "CertificateNotFound" {
		t.Errorf("the error is %s", a.raw)
	}
}

func TestMergeCertificate(t *testing.T) {
	f := newFixture(t)
	ca := testkit.NewRoot(t, "corporate CA")
	create := `{"policy":{"issuer":{"name":"Unknown"},"key_props":{"kty":"EC"},"secret_props":{"contentType":"application/x-pem-file"},"x509_props":{"subject":"CN=merged","sans":{"dns_names":["merged.example.org"]}}}}`
	op := f.do(202, "POST", "/certificates/merged/create", create)
	if op.text("status") != "inProgress" || op.at("cancellation_requested") != false {
		t.Fatalf("the operation is %s", op.raw)
	}
	if got := op.header.Get("Location"); got != f.url+"/certificates/merged/pending?api-version=7.4&request_id="+op.text("request_id") {
		t.Errorf("Location is %q", got)
	}
	f.do(200, "GET", op.header.Get("Location"), "")
	f.do(404, "GET", "/certificates/merged/pending?request_id=another", "")
	f.do(404, "DELETE", "/certificates/merged/pending?request_id=another", "")
	if a := f.do(409, "POST", "/certificates/merged/create", create); a.text("error.code") != "Conflict" {
		t.Errorf("a second request: %s", a.raw)
	}
	csr, err := x509.ParseCertificateRequest(op.der(t, "csr"))
	if err != nil || csr.CheckSignature() != nil || csr.Subject.String() != "CN=merged" || len(csr.DNSNames) != 1 {
		t.Fatalf("the CSR: %v", err)
	}
	before := f.do(200, "GET", "/certificates/merged", "")
	if before.at("attributes.enabled") != false || before.at("cer") != nil || before.at("sid") != nil || before.text("pending.id") != f.url+"/certificates/merged/pending" ||
		before.at("policy.lifetime_actions") == nil || before.at("attributes.exp") == nil {
		t.Errorf("before the merge: %s", before.raw)
	}
	f.do(404, "GET", "/secrets/merged", "")
	f.do(404, "GET", "/keys/merged", "")
	if a := f.do(200, "PATCH", "/certificates/merged", `{"attributes":{"enabled":true},"tags":{"asked":"yes"}}`); a.at("attributes.enabled") != false || a.at("tags.asked") != "yes" {
		t.Errorf("changed before the merge: %s", a.raw)
	}
	signed, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: csr.Subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, ca.X509, csr.PublicKey, ca.Key)
	if err != nil {
		t.Fatal(err)
	}
	stranger := ca.NewClient(t, "stranger")
	if a := f.do(400, "POST", "/certificates/merged/pending/merge", mustJSON(t, map[string]any{"x5c": [][]byte{stranger.X509.Raw}})); a.text("error.code") != "BadParameter" {
		t.Errorf("a certificate of another key: %s", a.raw)
	}
	// One as DER, one as the samples of Azure's SDKs for Python and JavaScript send it.
	twice := []byte(base64.StdEncoding.EncodeToString(signed))
	merged := f.do(201, "POST", "/certificates/merged/pending/merge", mustJSON(t, map[string]any{"x5c": [][]byte{ca.X509.Raw, twice}}))
	if string(merged.der(t, "cer")) != string(signed) {
		t.Error("the merged certificate is another one")
	}
	if merged.text("id") != before.text("id") || merged.at("tags.asked") != "yes" || merged.at("attributes.enabled") != true {
		t.Errorf("the merged version: %s", merged.raw)
	}
	if done := f.do(200, "GET", "/certificates/merged/pending", ""); done.text("status") != "completed" {
		t.Errorf("the operation is %s", done.raw)
	}
	text := f.do(200, "GET", "/secrets/merged", "").text("value")
	if block, rest := pem.Decode([]byte(text)); block == nil || block.Type != "PRIVATE KEY" || strings.Count(string(rest), "BEGIN CERTIFICATE") != 2 {
		t.Errorf("the secret is %q", text)
	}
}

func TestPendingOperations(t *testing.T) {
	f := newFixture(t)
	create := `{"policy":{"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=p"}}}` // no issuer: Unknown
	f.do(202, "POST", "/certificates/p/create", create)
	if n := len(f.do(200, "GET", "/certificates?includePending=true", "").body["value"].([]any)); n != 1 {
		t.Errorf("with pending: %d certificates", n)
	}
	if n := len(f.do(200, "GET", "/certificates", "").body["value"].([]any)); n != 0 {
		t.Errorf("without pending: %d certificates", n)
	}
	if a := f.do(200, "PATCH", "/certificates/p/pending", `{"cancellation_requested":true}`); a.at("cancellation_requested") != true || a.text("status") != "cancelled" {
		t.Errorf("cancelled: %s", a.raw)
	}
	if a := f.do(409, "POST", "/certificates/p/pending/merge", `{"x5c":["MAA="]}`); a.text("error.code") != "Conflict" {
		t.Errorf("merging: %s", a.raw)
	}
	if a := f.do(403, "PATCH", "/certificates/p/pending", `{"cancellation_requested":true}`); a.text("error.message") != "Pending status must be in progress to allow update." {
		t.Errorf("cancelled again: %s", a.raw)
	}
	f.do(200, "DELETE", "/certificates/p/pending", "")
	if a := f.do(404, "GET", "/certificates/p/pending", ""); a.text("error.code") != "PendingCertificateNotFound" || a.text("error.message") != "Pending certificate not found: p" {
		t.Errorf("after the deletion: %s", a.raw)
	}
	f.do(200, "GET", "/certificates/p", "") // it stays until it is deleted itself
	f.do(202, "POST", "/certificates/p/create", create)
	f.do(200, "DELETE", "/certificates/p", "")
	if a := f.do(200, "GET", "/deletedcertificates/p", ""); a.at("attributes.enabled") != false {
		t.Errorf("deleted: %s", a.raw)
	}
	f.do(404, "GET", "/deletedsecrets/p", "")
}
