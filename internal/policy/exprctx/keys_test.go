package exprctx_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
)

// signingPFX is the recorded signing certificate with its key as a PFX in base64.
func signingPFX(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(conformance, "certificates.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]struct{ Certificate, PrivateKey string }
	if err := json.Unmarshal(data, &files); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(files["signing"].Certificate))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode([]byte(files["signing"].PrivateKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := pkcs12.Modern.Encode(key, leaf, nil, "secret")
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pfx)
}

// Private keys work where they are, and there is no way to get them out: not by their own exports, not by those of the
// certificate, not through a serializer.
func TestPrivateKeysStay(t *testing.T) {
	s := loadScenario(t)
	for holder, certificate := range map[string]string{
		"of the deployment": `context.Deployment.Certificates["signing"]`,
		"of a file":         `new X509Certificate2(Convert.FromBase64String("` + signingPFX(t) + `"), "secret", X509KeyStorageFlags.Exportable)`,
		"of a copy":         `new X509Certificate2(context.Deployment.Certificates["signing"])`,
	} {
		run := func(src string) (text string, err error) {
			src = "@{ var c = " + certificate + "; RSA k = c.GetRSAPrivateKey(); " + src + " }"
			p, ds := csharp.Compile(src, exprctx.Env())
			if p == nil {
				t.Errorf("%s: %v", src, ds)
				return "", nil
			}
			thread, err := s.Thread(nil)
			if err != nil {
				t.Fatal(err)
			}
			thread.Start(exprctx.DefaultBudget)
			v, err := p.Run(thread)
			if err != nil {
				return "", err
			}
			_, text, err = csharp.Canonical(thread, v, p.Result())
			return text, err
		}
		t.Run(holder, func(t *testing.T) {
			for _, use := range []string{
				`var d = new byte[] { 1, 2 }; var h = HashAlgorithmName.SHA256; var p = RSASignaturePadding.Pkcs1; return c.GetRSAPublicKey().VerifyData(d, k.SignData(d, h, p), h, p);`,
				`var p = RSAEncryptionPadding.OaepSHA256; return k.Decrypt(c.GetRSAPublicKey().Encrypt(new byte[] { 7 }, p), p)[0] == 7;`,
				`return c.HasPrivateKey && c.Export(X509ContentType.Cert).SequenceEqual(c.RawData) && k.ExportParameters(false).D == null;`,
			} {
				if text, err := run(use); err != nil || !strings.EqualFold(text, "true") {
					t.Errorf("%s = %q, %v; want true", use, text, err)
				}
			}
			for _, export := range []string{
				`c.Export(X509ContentType.Pfx)`, `c.Export(X509ContentType.Pkcs12, "a")`, `k.ExportParameters(true)`, `k.ToXmlString(true)`,
				`k.ExportPkcs8PrivateKey()`, `k.ExportPkcs8PrivateKeyPem()`, `k.ExportRSAPrivateKey()`, `k.ExportRSAPrivateKeyPem()`,
				`((RSA)c.PrivateKey).ExportParameters(true)`, `c.PrivateKey.ToXmlString(true)`,
				`c.CopyWithPrivateKey(k).GetRSAPrivateKey().ExportParameters(true)`,
			} {
				_, err := run("return " + export + ";")
				if e, ok := err.(*types.Exception); !ok || !strings.HasSuffix(e.T.FullName(), "CryptographicException") && export[:6] != "c.Copy" {
					t.Errorf("%s: %v; want CryptographicException", export, err)
				}
			}
			for _, serialize := range []string{
				`JsonConvert.SerializeObject(c)`, `JsonConvert.SerializeObject(k)`, `JObject.FromObject(k).ToString()`, `c.ToString(true)`, `k.ToString()`,
				`JsonConvert.SerializeObject(new { c, k })`, `JsonConvert.SerializeObject(c.PrivateKey)`,
			} {
				text, err := run("return " + serialize + ";")
				if err == nil && (strings.Contains(text, `"D"`) || strings.Contains(text, `"P"`) || len(text) > 10_000 || strings.Contains(text, "PRIVATE")) {
					t.Errorf("%s = %s; want no key in it", serialize, text)
				}
			}
		})
	}
}
