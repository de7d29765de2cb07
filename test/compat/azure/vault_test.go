package azure

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azcertificates"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

// code is the error code of an answer.
func code(t *testing.T, err error, status int) string {
	t.Helper()
	e, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok || e.StatusCode != status {
		t.Fatalf("the error is %v, want status %d", err, status)
	}
	return e.ErrorCode
}

// eventually waits for what Key Vault does later, such as deletion.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	ctx := timeout(t)
	c := must(azsecrets.NewClient(postern.VaultURL, secretCredential(t), nil))(t)
	if _, err := c.GetSecret(ctx, "none", "", nil); code(t, err, http.StatusNotFound) != "SecretNotFound" {
		t.Errorf("a secret that is not there: %v", err)
	}
	first := must(c.SetSecret(ctx, "greeting", azsecrets.SetSecretParameters{Value: ptr("hello"), ContentType: ptr("text/plain"), Tags: map[string]*string{"a": ptr("b")}}, nil))(t)
	second := must(c.SetSecret(ctx, "greeting", azsecrets.SetSecretParameters{Value: ptr("hi")}, nil))(t)
	if got := must(c.GetSecret(ctx, "greeting", "", nil))(t); *got.Value != "hi" || got.ID.Version() != second.ID.Version() {
		t.Errorf("the newest version is %q", *got.Value)
	}
	if got := must(c.GetSecret(ctx, "greeting", first.ID.Version(), nil))(t); *got.Value != "hello" || *got.ContentType != "text/plain" || *got.Tags["a"] != "b" {
		t.Errorf("the first version is %+v", got.Secret)
	}
	must(c.UpdateSecretProperties(ctx, "greeting", first.ID.Version(), azsecrets.UpdateSecretPropertiesParameters{SecretAttributes: &azsecrets.SecretAttributes{Enabled: ptr(false)}}, nil))(t)
	if _, err := c.GetSecret(ctx, "greeting", first.ID.Version(), nil); code(t, err, http.StatusForbidden) != "Forbidden" {
		t.Errorf("a disabled version: %v", err)
	}
	versions := 0
	for p := c.NewListSecretPropertiesVersionsPager("greeting", nil); p.More(); {
		versions += len(must(p.NextPage(ctx))(t).Value)
	}
	if versions != 2 {
		t.Errorf("%d versions are listed", versions)
	}
	for i := range 30 {
		must(c.SetSecret(ctx, "many-"+string(rune('a'+i%26))+string(rune('a'+i/26)), azsecrets.SetSecretParameters{Value: ptr("x")}, nil))(t)
	}
	names, pages := 0, 0
	for p := c.NewListSecretPropertiesPager(nil); p.More(); pages++ {
		names += len(must(p.NextPage(ctx))(t).Value)
	}
	if names < 31 || pages < 2 {
		t.Errorf("%d secrets on %d pages", names, pages)
	}
	backup := must(c.BackupSecret(ctx, "greeting", nil))(t)
	must(c.DeleteSecret(ctx, "greeting", nil))(t)
	eventually(t, "the deletion", func() error { _, err := c.GetDeletedSecret(ctx, "greeting", nil); return err })
	if _, err := c.GetSecret(ctx, "greeting", "", nil); code(t, err, http.StatusNotFound) != "SecretNotFound" {
		t.Errorf("a deleted secret: %v", err)
	}
	if _, err := c.SetSecret(ctx, "greeting", azsecrets.SetSecretParameters{Value: ptr("x")}, nil); code(t, err, http.StatusConflict) != "Conflict" {
		t.Errorf("setting a deleted secret: %v", err)
	}
	must(c.RecoverDeletedSecret(ctx, "greeting", nil))(t)
	eventually(t, "the recovery", func() error { _, err := c.GetSecret(ctx, "greeting", "", nil); return err })
	must(c.DeleteSecret(ctx, "greeting", nil))(t)
	eventually(t, "the purge", func() error { _, err := c.PurgeDeletedSecret(ctx, "greeting", nil); return err })
	eventually(t, "the restore", func() error {
		_, err := c.RestoreSecret(ctx, azsecrets.RestoreSecretParameters{SecretBackup: backup.Value}, nil)
		return err
	})
	if got := must(c.GetSecret(ctx, "greeting", "", nil))(t); *got.Value != "hi" {
		t.Errorf("restored is %q", *got.Value)
	}
}

// selfSigned asks for a certificate of the vault's own making.
func selfSigned(subject, issuer string) azcertificates.CreateCertificateParameters {
	return azcertificates.CreateCertificateParameters{CertificatePolicy: &azcertificates.CertificatePolicy{
		IssuerParameters:          &azcertificates.IssuerParameters{Name: ptr(issuer)},
		KeyProperties:             &azcertificates.KeyProperties{Exportable: ptr(true), KeyType: ptr(azcertificates.KeyTypeEC), Curve: ptr(azcertificates.CurveNameP256), ReuseKey: ptr(false)},
		SecretProperties:          &azcertificates.SecretProperties{ContentType: ptr("application/x-pkcs12")},
		X509CertificateProperties: &azcertificates.X509CertificateProperties{Subject: ptr(subject), ValidityInMonths: ptr(int32(12)), EnhancedKeyUsage: []*string{ptr("1.3.6.1.5.5.7.3.2")}},
	}}
}

func finished(t *testing.T, c *azcertificates.Client, name string) {
	t.Helper()
	ctx := timeout(t)
	eventually(t, "the certificate "+name, func() error {
		op, err := c.GetCertificateOperation(ctx, name, nil)
		if err == nil && (op.Status == nil || *op.Status != "completed") {
			err = errors.New("it is not completed")
		}
		return err
	})
}

func TestCertificates(t *testing.T) {
	ctx := timeout(t)
	c := must(azcertificates.NewClient(postern.VaultURL, secretCredential(t), nil))(t)
	secrets := must(azsecrets.NewClient(postern.VaultURL, secretCredential(t), nil))(t)
	must(c.CreateCertificate(ctx, "self", selfSigned("CN=self", "Self"), nil))(t)
	finished(t, c, "self")
	got := must(c.GetCertificate(ctx, "self", "", nil))(t)
	leaf := must(x509.ParseCertificate(got.CER))(t)
	if leaf.Subject.CommonName != "self" || *got.Policy.IssuerParameters.Name != "Self" || len(got.X509Thumbprint) != 20 || got.SID == nil || got.KID == nil {
		t.Errorf("the certificate is %s, %+v", leaf.Subject, got.Certificate)
	}
	if s := must(secrets.GetSecret(ctx, "self", "", nil))(t); *s.ContentType != "application/x-pkcs12" || *s.Managed != true {
		t.Errorf("its secret is %+v", s.Secret)
	}
	must(c.CreateCertificate(ctx, "self", selfSigned("CN=self-2", "Self"), nil))(t)
	finished(t, c, "self")
	versions := 0
	for p := c.NewListCertificatePropertiesVersionsPager("self", nil); p.More(); {
		versions += len(must(p.NextPage(ctx))(t).Value)
	}
	if versions != 2 {
		t.Errorf("%d versions are listed", versions)
	}
	must(c.UpdateCertificate(ctx, "self", "", azcertificates.UpdateCertificateParameters{Tags: map[string]*string{"k": ptr("v")}}, nil))(t)
	policy := must(c.GetCertificatePolicy(ctx, "self", nil))(t)
	policy.LifetimeActions = []*azcertificates.LifetimeAction{{Action: &azcertificates.LifetimeActionType{ActionType: ptr(azcertificates.CertificatePolicyActionAutoRenew)}, Trigger: &azcertificates.LifetimeActionTrigger{DaysBeforeExpiry: ptr(int32(30))}}}
	if p := must(c.UpdateCertificatePolicy(ctx, "self", policy.CertificatePolicy, nil))(t); *p.LifetimeActions[0].Trigger.DaysBeforeExpiry != 30 {
		t.Errorf("the policy is %+v", p.CertificatePolicy)
	}
	must(c.CreateCertificate(ctx, "dev", selfSigned("CN=dev", "Development"), nil))(t)
	finished(t, c, "dev")
	if leaf := must(x509.ParseCertificate(must(c.GetCertificate(ctx, "dev", "", nil))(t).CER))(t); leaf.Issuer.String() == leaf.Subject.String() {
		t.Error("the development CA's certificate signs itself")
	}
	importAndBackup(t, c)
	must(c.SetContacts(ctx, azcertificates.Contacts{ContactList: []*azcertificates.Contact{{Email: ptr("a@contoso.com")}}}, nil))(t)
	if got := must(c.GetContacts(ctx, nil))(t); *got.ContactList[0].Email != "a@contoso.com" {
		t.Errorf("contacts %+v", got)
	}
}

func importAndBackup(t *testing.T, c *azcertificates.Client) {
	t.Helper()
	ctx := timeout(t)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "imported"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))(t)
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(key))(t)
	text := "-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString(pkcs8) + "\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(der) + "\n-----END CERTIFICATE-----\n"
	must(c.ImportCertificate(ctx, "imported", azcertificates.ImportCertificateParameters{Base64EncodedCertificate: &text,
		CertificatePolicy: &azcertificates.CertificatePolicy{SecretProperties: &azcertificates.SecretProperties{ContentType: ptr("application/x-pem-file")}}}, nil))(t)
	if got := must(c.GetCertificate(ctx, "imported", "", nil))(t); string(got.CER) != string(der) {
		t.Error("the imported certificate is another one")
	}
	if _, err := c.ImportCertificate(ctx, "broken", azcertificates.ImportCertificateParameters{Base64EncodedCertificate: ptr("AAAA")}, nil); code(t, err, http.StatusBadRequest) != "BadParameter" {
		t.Errorf("importing what is no certificate: %v", err)
	}
	backup := must(c.BackupCertificate(ctx, "imported", nil))(t)
	must(c.DeleteCertificate(ctx, "imported", nil))(t)
	eventually(t, "the deletion", func() error { _, err := c.GetDeletedCertificate(ctx, "imported", nil); return err })
	eventually(t, "the purge", func() error { _, err := c.PurgeDeletedCertificate(ctx, "imported", nil); return err })
	eventually(t, "the restore", func() error {
		_, err := c.RestoreCertificate(ctx, azcertificates.RestoreCertificateParameters{CertificateBackup: backup.Value}, nil)
		return err
	})
}

// TestRequestAndMerge has a certificate signed elsewhere.
func TestRequestAndMerge(t *testing.T) {
	ctx := timeout(t)
	c := must(azcertificates.NewClient(postern.VaultURL, secretCredential(t), nil))(t)
	op := must(c.CreateCertificate(ctx, "merged", selfSigned("CN=merged", "Unknown"), nil))(t)
	csr := must(x509.ParseCertificateRequest(op.CSR))(t)
	caKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: csr.Subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, leaf, ca, csr.PublicKey, caKey))(t)
	must(c.MergeCertificate(ctx, "merged", azcertificates.MergeCertificateParameters{X509Certificates: [][]byte{der}}, nil))(t)
	if got := must(c.GetCertificate(ctx, "merged", "", nil))(t); string(got.CER) != string(der) {
		t.Error("the merged certificate is another one")
	}
}
