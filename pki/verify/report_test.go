package verify_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/verify"
)

func codes(list []verify.Finding) []string {
	out := []string{}
	for _, f := range list {
		out = append(out, f.Code)
	}
	return out
}

func crl(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://crl.example/a.crl"} }

// times sets the validity relative to now.
func times(from, until time.Duration) testkit.Template {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until)
	}
}

const day = 24 * time.Hour

func TestReportAuthorities(t *testing.T) {
	year := times(-day, 365*day)
	root := testkit.NewRoot(t, "Root", year)
	other := testkit.NewRoot(t, "Other", year)
	old := testkit.NewRoot(t, "Old", times(-2*day, -day))
	unsigning := testkit.NewRoot(t, "Unsigning", year, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign })
	good := root.NewIntermediate(t, "Good", year, crl)
	twin := testkit.NewRoot(t, "Root", year)
	in := func(c *testkit.Cert) verify.Authority { return verify.Authority{Certificate: c.Cert(t)} }
	top := func(c *testkit.Cert) verify.Authority { return verify.Authority{Certificate: c.Cert(t), Root: true} }
	for _, c := range []struct {
		name string
		// one is reported on, others are installed before it.
		one    verify.Authority
		others []verify.Authority
		want   []string
	}{
		{"a root", top(root), nil, nil},
		{"an intermediate below its root", in(good), []verify.Authority{top(root)}, nil},
		{"twice", top(root), []verify.Authority{top(other), top(root)}, []string{"duplicate"}},
		{"an expired root", top(old), nil, []string{"expired"}},
		{"a root of the future", top(testkit.NewRoot(t, "New", times(day, 400*day))), nil, []string{"not-yet-valid"}},
		{"a root that ends soon", top(testkit.NewRoot(t, "Soon", times(-day, 10*day))), nil, []string{"expires-soon"}},
		{"a root that signs no lists", top(unsigning), nil, []string{"no-crl-sign"}},
		{"a root in the other store", in(root), nil, []string{"wrong-store"}},
		{"an intermediate in the roots' store", top(good), []verify.Authority{top(root)}, []string{"wrong-store"}},
		{"a client's certificate as root", top(testkit.NewSelfSigned(t, "client", year)), nil, []string{"not-a-ca"}},
		{"a client's certificate as intermediate", in(root.NewClient(t, "client", year, crl)), []verify.Authority{top(root)}, []string{"not-a-ca"}},
		{"no address of a list", in(root.NewIntermediate(t, "No list", year)), []verify.Authority{top(root)}, []string{"no-crl-address"}},
		{"no issuer", in(good), []verify.Authority{top(other)}, []string{"issuer-missing"}},
		{"a twin of the issuer", in(good), []verify.Authority{top(twin)}, []string{"issuer-missing"}},
		{"an expired issuer", in(old.NewIntermediate(t, "Below old", year, crl)), []verify.Authority{top(old)}, []string{"broken-chain"}},
		{"an issuer that is trusted by nobody", in(good), []verify.Authority{in(root)}, []string{"broken-chain"}},
		{"a small key", top(rsaRoot(t, 1024)), nil, []string{"small-key"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := verify.NewAuthorities(append(c.others, c.one)).Report(time.Now())
			if got := codes(list[len(list)-1]); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("report = %v, want codes %v", list[len(list)-1], c.want)
			}
		})
	}
}

func rsaRoot(t *testing.T, bits int) *testkit.Cert {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Small"}, NotBefore: time.Now().Add(-day),
		NotAfter: time.Now().Add(365 * day), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &testkit.Cert{X509: parsed, Key: key}
}

func TestSignatureOfAnotherIssuer(t *testing.T) {
	// The issuer has the same name and key identifier, and another key.
	id := func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3, 4} }
	year := times(-day, 365*day)
	root, twin := testkit.NewRoot(t, "Root", year, id), testkit.NewRoot(t, "Root", year, id)
	list := verify.NewAuthorities([]verify.Authority{{Certificate: twin.Cert(t), Root: true},
		{Certificate: root.NewIntermediate(t, "I", year, crl).Cert(t)}}).Report(time.Now())
	if got := codes(list[1]); !slices.Equal(got, []string{"signature-invalid"}) {
		t.Errorf("report = %v, want signature-invalid", list[1])
	}
}

func TestReportClient(t *testing.T) {
	year := times(-day, 365*day)
	root := testkit.NewRoot(t, "Root", year)
	middle := root.NewIntermediate(t, "Middle", year, crl)
	authorities := verify.NewAuthorities([]verify.Authority{{Certificate: root.Cert(t), Root: true}})
	for _, c := range []struct {
		name string
		leaf *testkit.Cert
		sent []*testkit.Cert
		want []string
	}{
		{"good", root.NewClient(t, "c", year, crl), nil, nil},
		{"good with its file's intermediate", middle.NewClient(t, "c", year, crl), []*testkit.Cert{middle}, nil},
		{"without that", middle.NewClient(t, "c", year, crl), nil, []string{"no-path"}},
		{"self-signed", testkit.NewSelfSigned(t, "c", year), nil, []string{"no-path"}},
		{"no list", root.NewClient(t, "c", year), nil, []string{"no-crl-address"}},
		{"expired", root.NewClient(t, "c", times(-2*day, -day), crl), nil, []string{"expired"}},
		{"ends soon", root.NewClient(t, "c", times(-2*day, day), crl), nil, []string{"expires-soon"}},
		{"below an expired CA", root.NewIntermediate(t, "Old", times(-2*day, -day), crl).NewClient(t, "c", year, crl),
			[]*testkit.Cert{}, []string{"no-path"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sent []*cert.Certificate
			for _, s := range c.sent {
				sent = append(sent, s.Cert(t))
			}
			now := time.Now()
			got, until := authorities.ReportClient(c.leaf.Cert(t), sent, now)
			if !slices.Equal(codes(got), c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("report = %v, want codes %v", got, c.want)
			}
			if !until.After(now) || until.After(now.Add(2*time.Hour)) {
				t.Errorf("it holds until %v, at %v", until, now)
			}
		})
	}
}

// TestReportsComeWithCodes walks over the list of codes.
func TestReportsComeWithCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range verify.FindingCodes() {
		if seen[c.Code] || c.Meaning == "" {
			t.Errorf("code %q is there twice or without a meaning", c.Code)
		}
		seen[c.Code] = true
	}
}
