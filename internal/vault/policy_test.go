package vault_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/vault"
	"github.com/postern-gateway/postern/pki/cert"
)

// TestPoliciesRefused: each part of a policy that cannot be is refused by name, and nothing is made.
func TestPoliciesRefused(t *testing.T) {
	yes := true
	for name, change := range map[string]func(p *vault.Policy){
		"key type":              func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "oct"} },
		"key size":              func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "RSA", Size: 1024} },
		"curve of RSA":          func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "RSA", Curve: "P-256"} },
		"curve":                 func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "EC", Curve: "P-192"} },
		"curve we cannot make":  func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "EC", Curve: "P-256K"} },
		"size of another curve": func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "EC", Curve: "P-384", Size: 256} },
		"content type":          func(p *vault.Policy) { p.Secret = &vault.SecretProperties{ContentType: "text/plain"} },
		"validity":              func(p *vault.Policy) { p.X509.ValidityMonths = -1 },
		"long validity":         func(p *vault.Policy) { p.X509.ValidityMonths = 1201 },
		"subject":               func(p *vault.Policy) { p.X509.Subject = "no name" },
		"no name at all":        func(p *vault.Policy) { p.X509.Subject = "" },
		"key usage":             func(p *vault.Policy) { p.X509.KeyUsage = []string{"everything"} },
		"extended key usage":    func(p *vault.Policy) { p.X509.EKUs = []string{"serverAuth"} },
		"DNS name":              func(p *vault.Policy) { p.X509.SANs = &vault.AlternativeNames{DNSNames: []string{"a b"}} },
		"DNS name beyond ASCII": func(p *vault.Policy) { p.X509.SANs = &vault.AlternativeNames{DNSNames: []string{"bücher.example"}} },
		"mail address":          func(p *vault.Policy) { p.X509.SANs = &vault.AlternativeNames{Emails: []string{"not one"}} },
		"unknown issuer":        func(p *vault.Policy) { p.Issuer = &vault.IssuerParameters{Name: "DigiCert", Transparency: &yes} },
		"both triggers":         actions(vault.Trigger{LifetimePercentage: 10, DaysBeforeExpiry: 5}, vault.AutoRenew),
		"no trigger":            actions(vault.Trigger{}, vault.AutoRenew),
		"percentage":            actions(vault.Trigger{LifetimePercentage: 100}, vault.AutoRenew),
		"negative percentage":   actions(vault.Trigger{LifetimePercentage: -1}, vault.AutoRenew),
		"more days than it has": actions(vault.Trigger{DaysBeforeExpiry: 271}, vault.AutoRenew),
		"action":                actions(vault.Trigger{DaysBeforeExpiry: 1}, "Explode"),
		"half an action": func(p *vault.Policy) {
			p.LifetimeActions = []vault.LifetimeAction{{Action: &vault.Action{Type: vault.AutoRenew}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			p := elliptic("Self", "CN=x")
			change(p)
			_, err := f.open("default").CreateCertificate(context.Background(), "c", vault.CertificateInput{Policy: p})
			if kind := fault.KindOf(err); err == nil || kind != fault.Invalid && kind != fault.NotFound {
				t.Errorf("CreateCertificate = %v", err)
			}
			if entries, _, _ := f.store.List(context.Background(), "/vault/"); len(entries) != 0 {
				t.Errorf("%d records were made", len(entries))
			}
		})
	}
}

func actions(trigger vault.Trigger, action string) func(*vault.Policy) {
	return func(p *vault.Policy) {
		p.LifetimeActions = []vault.LifetimeAction{{Trigger: &trigger, Action: &vault.Action{Type: action}}}
	}
}

// TestWhatIsIssued holds that a certificate and its CSR say what the policy says.
func TestWhatIsIssued(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *vault.Policy)
		check  func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest)
	}{
		{"defaults", func(*vault.Policy) {}, func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest) {
			if x.KeyUsage != x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment || len(x.ExtKeyUsage) != 2 || x.IsCA || !x.BasicConstraintsValid || x.Version != 3 {
				t.Errorf("usages %v %v", x.KeyUsage, x.ExtKeyUsage)
			}
			if len(r.Extensions) != 3 {
				t.Errorf("the CSR has %d extensions, want key usage, extended key usage and basic constraints", len(r.Extensions))
			}
		}},
		{"every usage", func(p *vault.Policy) {
			p.X509.KeyUsage = []string{"decipherOnly", "cRLSign", "nonRepudiation", "keyCertSign", "digitalSignature", "keyAgreement", "encipherOnly", "dataEncipherment", "keyEncipherment"}
			p.X509.EKUs = []string{"1.3.6.1.5.5.7.3.2", "1.2.3.4.5"}
		}, func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest) {
			if x.KeyUsage != 0x1ff || len(x.UnknownExtKeyUsage) != 1 || len(x.ExtKeyUsage) != 1 {
				t.Errorf("usages %b %v %v", x.KeyUsage, x.ExtKeyUsage, x.UnknownExtKeyUsage)
			}
		}},
		{"all names", func(p *vault.Policy) {
			p.X509.SANs = &vault.AlternativeNames{DNSNames: []string{"a.example.org", "*.example.org"}, Emails: []string{"m@example.org"}, UPNs: []string{"u@corp.example.org"}}
		}, func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest) {
			if len(x.DNSNames) != 2 || len(x.EmailAddresses) != 1 || len(r.DNSNames) != 2 || len(r.EmailAddresses) != 1 {
				t.Errorf("names %v %v", x.DNSNames, x.EmailAddresses)
			}
			c, err := cert.Parse(x.Raw)
			if err != nil || c.NameInfo(cert.UPNName, false) != "u@corp.example.org" {
				t.Errorf("the user principal name is %q, %v", c.NameInfo(cert.UPNName, false), err)
			}
		}},
		{"no subject", func(p *vault.Policy) {
			p.X509.Subject, p.X509.SANs = "", &vault.AlternativeNames{DNSNames: []string{"a.example.org"}}
		}, func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest) {
			if len(x.Subject.Names) != 0 || len(x.DNSNames) != 1 {
				t.Errorf("subject %v, names %v", x.Subject, x.DNSNames)
			}
		}},
		{"an odd subject", func(p *vault.Policy) { p.X509.Subject = `CN="Müller, Ltd", OU=a + OU=b, C=DE, DC=example` }, func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest) {
			c, err := cert.Parse(x.Raw)
			if err != nil || c.SubjectName() != `CN="Müller, Ltd", OU=a + OU=b, C=DE, DC=example` {
				t.Errorf("the subject is %s, %v", c.SubjectName(), err)
			}
			if !bytes.Equal(r.RawSubject, x.RawSubject) {
				t.Error("the CSR has another subject")
			}
			if country := x.Subject.Country; len(country) != 1 || country[0] != "DE" {
				t.Errorf("the country is %v", country)
			}
		}},
		{"P-521", func(p *vault.Policy) { p.Key = &vault.KeyProperties{Type: "EC-HSM", Size: 521} }, func(t *testing.T, x *x509.Certificate, r *x509.CertificateRequest) {
			if x.SignatureAlgorithm != x509.ECDSAWithSHA512 {
				t.Errorf("signed with %v", x.SignatureAlgorithm)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ctx := newFixture(t), context.Background()
			v := f.open("default")
			p := elliptic("Self", "CN=x")
			c.change(p)
			op := must[vault.Operation](t)(v.CreateCertificate(ctx, "c", vault.CertificateInput{Policy: p}))
			r := must[*x509.CertificateRequest](t)(x509.ParseCertificateRequest(op.CSR))
			if err := r.CheckSignature(); err != nil {
				t.Error(err)
			}
			got := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", ""))
			x := must[*x509.Certificate](t)(x509.ParseCertificate(got.DER))
			if id, _, err := must[*cert.Certificate](t)(cert.Parse(got.DER)).SubjectKeyID(); err != nil || len(id) != 20 || !bytes.Equal(x.AuthorityKeyId, id) {
				t.Errorf("key identifiers %x, %x, %v", id, x.AuthorityKeyId, err)
			}
			if x.NotAfter.Sub(f.clock()) < 300*day || !x.NotBefore.Before(f.clock()) || x.SerialNumber.Sign() <= 0 {
				t.Errorf("from %v to %v, number %v", x.NotBefore, x.NotAfter, x.SerialNumber)
			}
			c.check(t, x, r)
		})
	}
}

// TestForms: the secret can be had in the other form, and a key that is not exportable stays inside for good.
func TestForms(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("default")
	must[vault.Operation](t)(v.CreateCertificate(ctx, "out", vault.CertificateInput{Policy: elliptic("Development", "CN=out")}))
	text := must[vault.Secret](t)(v.GetSecret(ctx, "out", "", vault.ContentPEM)).Value
	if block, _ := pem.Decode([]byte(text)); block == nil || block.Type != "PRIVATE KEY" || strings.Count(text, "BEGIN CERTIFICATE") != 2 {
		t.Errorf("as PEM: %s", text)
	}
	inside := elliptic("Self", "CN=inside")
	no, yes := false, true
	inside.Key.Exportable, inside.Key.Reuse = &no, &yes
	must[vault.Operation](t)(v.CreateCertificate(ctx, "in", vault.CertificateInput{Policy: inside}))
	first := must[vault.Certificate](t)(v.GetCertificate(ctx, "in", ""))
	key := must[vault.Key](t)(v.GetKey(ctx, "in", ""))
	inside.Key.Exportable = &yes
	must[vault.Policy](t)(v.SetPolicy(ctx, "in", vault.Policy{Key: inside.Key}))
	for _, form := range []string{"", vault.ContentPEM} {
		s := must[vault.Secret](t)(v.GetSecret(ctx, "in", first.Version, form))
		if form == vault.ContentPEM && strings.Contains(s.Value, "PRIVATE KEY") {
			t.Error("a later policy let the key out")
		}
	}
	must[vault.Operation](t)(v.CreateCertificate(ctx, "in", vault.CertificateInput{}))
	next := must[vault.Key](t)(v.GetKey(ctx, "in", ""))
	if key.Exportable || !next.Exportable || bytes.Equal(spki(t, key), spki(t, next)) {
		t.Error("the key that was not exportable was used again in a version that is")
	}
	must[vault.Secret](t)(v.SetSecret(ctx, "plain", "v", vault.Change{}))
	if _, err := v.GetSecret(ctx, "plain", "", vault.ContentPEM); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a secret that is no certificate: %v", err)
	}
	if _, err := v.GetSecret(ctx, "out", "", "text/plain"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an unknown form: %v", err)
	}
	if len(decode64(t, must[vault.Secret](t)(v.GetSecret(ctx, "in", first.Version, "")).Value)) == 0 {
		t.Error("there is no PFX without the key")
	}
}

func spki(t *testing.T, k vault.Key) []byte {
	t.Helper()
	return must[[]byte](t)(x509.MarshalPKIXPublicKey(k.Public))
}
