package clr_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
)

// conformanceFile reads a file of recorded results.
func conformanceFile(t *testing.T, name string) []byte {
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "conformance", name))
	if err != nil {
		t.Skipf("no vectors: %v", err)
	}
	return b
}

// lines decodes JSON lines.
func lines[T any](t *testing.T, name string) []T {
	var out []T
	s := bufio.NewScanner(strings.NewReader(string(conformanceFile(t, name))))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// certificateOf is C# for the bytes of the first PEM block of a text.
func certificateOf(text string) string {
	block, _ := pem.Decode([]byte(text))
	return `Convert.FromBase64String("` + base64.StdEncoding.EncodeToString(block.Bytes) + `")`
}

// TestCertificateNames reads every recorded certificate through the members of X509Certificate2.
func TestCertificateNames(t *testing.T) {
	type want struct {
		Subject, Issuer, Thumbprint, SerialNumber, SignatureAlgorithm, KeyAlgorithm, PublicKeyOid, PublicKey, CertHash, SubjectName, IssuerName string
		NameInfoSimpleName, NameInfoEmailNameIssuer, NameInfoUpnName, NameInfoDnsName, NameInfoUrlName                                          string
		HashCode                                                                                                                                int
		NotBefore, NotAfter, Version, ToString, ToStringVerbose                                                                                 any
		Extensions                                                                                                                              []struct {
			Oid, Format string
			Name        *string
			Critical    bool
		}
	}
	for _, c := range lines[struct {
		ID, Pem string
		Want    want
	}](t, "names.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			w := c.Want
			check := func(src, want string) {
				t.Helper()
				if got := resultOf(`@{ var c = new X509Certificate2(` + certificateOf(c.Pem) + `); return ` + src + `; }`); got != want {
					t.Errorf("%s\n got  %q\n want %q", src, got, want)
				}
			}
			check(`string.Join("\t", c.Subject, c.Issuer, c.Thumbprint, c.SerialNumber, c.SignatureAlgorithm.FriendlyName + "|" + c.SignatureAlgorithm.Value, c.GetKeyAlgorithm(),
				c.PublicKey.Oid.FriendlyName + "|" + c.PublicKey.Oid.Value, c.GetPublicKeyString(), c.GetCertHashString(), c.SubjectName.Name, c.IssuerName.Name, c.GetHashCode())`,
				strings.Join([]string{w.Subject, w.Issuer, w.Thumbprint, w.SerialNumber, w.SignatureAlgorithm, w.KeyAlgorithm, w.PublicKeyOid, w.PublicKey, w.CertHash,
					w.SubjectName, w.IssuerName, strconv.Itoa(w.HashCode)}, "\t"))
			check(`string.Join("\t", c.GetNameInfo(X509NameType.SimpleName, false), c.GetNameInfo(X509NameType.EmailName, true), c.GetNameInfo(X509NameType.UpnName, false),
				c.GetNameInfo(X509NameType.DnsName, false), c.GetNameInfo(X509NameType.UrlName, false))`,
				strings.Join([]string{w.NameInfoSimpleName, w.NameInfoEmailNameIssuer, w.NameInfoUpnName, w.NameInfoDnsName, w.NameInfoUrlName}, "\t"))
			for _, p := range []struct {
				src  string
				want any
			}{{`c.ToString()`, w.ToString}, {`c.ToString(true)`, w.ToStringVerbose}, {`c.NotAfter.ToUniversalTime().ToString("o")`, w.NotAfter}, {`c.NotBefore.ToUniversalTime().ToString("o")`, w.NotBefore}, {`c.Version`, w.Version}} {
				switch want := p.want.(type) {
				case string:
					check(p.src, want)
				case float64:
					check(p.src, strconv.Itoa(int(want)))
				case map[string]any:
					check(`((Func<string>)(() => { try { return ""+`+p.src+`; } catch (Exception e) { return e.GetType().FullName; } }))()`, want["error"].(string))
				}
			}
			var list []string
			for _, x := range w.Extensions {
				name := ""
				if x.Name != nil {
					name = *x.Name
				}
				list = append(list, x.Oid+"|"+name+"|"+map[bool]string{true: "True", false: "False"}[x.Critical]+"|"+x.Format)
			}
			check(`string.Join("\t", c.Extensions.Cast<X509Extension>().Select(x => x.Oid.Value + "|" + x.Oid.FriendlyName + "|" + x.Critical + "|" + x.Format(false)))`, strings.Join(list, "\t"))
		})
	}
}

// TestCertificateFiles loads every recorded file with its password.
func TestCertificateFiles(t *testing.T) {
	for _, f := range lines[struct {
		ID, Data string
		Password *string
		Want     struct {
			ContentType                         any
			Thumbprint, Subject, Error, Message string
			HasPrivateKey                       bool
		}
	}](t, "files.jsonl") {
		t.Run(f.ID, func(t *testing.T) {
			password := "null"
			if f.Password != nil {
				password = strconv.QuoteToASCII(*f.Password)
			}
			data := `Convert.FromBase64String("` + f.Data + `")`
			src := `@{ var c = new X509Certificate2(` + data + `, (string)` + password + `); return c.Thumbprint + "|" + c.Subject + "|" + c.HasPrivateKey; }`
			got := resultWithin(src, types.Budget{Steps: 20_000_000, Bytes: 64 << 20, Depth: 200})
			want := f.Want.Thumbprint + "|" + f.Want.Subject + "|" + map[bool]string{true: "True", false: "False"}[f.Want.HasPrivateKey]
			switch f.ID {
			case "ed25519", "bundle", "base64-no-markers": // loaded, where .NET refuses
				return
			}
			if f.Want.Error != "" {
				want = f.Want.Error + ": " + f.Want.Message
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			kind, ok := f.Want.ContentType.(string)
			if got := resultOf(`@(X509Certificate2.GetCertContentType(` + data + `))`); ok && got != kind {
				t.Errorf("content type: got %s, want %s", got, kind)
			}
		})
	}
}

func TestCertificate(t *testing.T) {
	var files map[string]struct{ Certificate string }
	if err := json.Unmarshal(conformanceFile(t, "certificates.json"), &files); err != nil {
		t.Fatal(err)
	}
	c := certificateOf(files["signing"].Certificate)
	with := func(src string) string { return `@{ var c = new X509Certificate2(` + c + `); return ` + src + `; }` }
	for _, e := range []expression{
		{"without a host, nothing verifies", with(`c.Verify()`), "False"},
		{"empty", `@(new X509Certificate2(new byte[0], "x"))`, "System.ArgumentException: Array may not be empty or null. (Parameter 'rawData')"},
		{"no certificate in it", `@(new X509Certificate2().Thumbprint)`, "System.Security.Cryptography.CryptographicException: m_safeCertContext is an invalid handle."},
		{"disposed of", `@{ X509Certificate2 d; using (var x = new X509Certificate2(` + c + `)) d = x; return d.Subject; }`, "System.Security.Cryptography.CryptographicException: m_safeCertContext is an invalid handle."},
		{"garbage", `@(new X509Certificate2(new byte[] { 1, 2, 3 }))`, "System.Security.Cryptography.CryptographicException: ASN1 corrupted data."},
		{"base class", `@(new X509Certificate(` + c + `).ToString() + "," + new X509Certificate(` + c + `).GetType().Name)`, "System.Security.Cryptography.X509Certificates.X509Certificate,X509Certificate"},
		{"equality", with(`c.Equals(new X509Certificate2(c)) && c.GetHashCode() == new X509Certificate2(c).GetHashCode() && c != new X509Certificate2(c)`), "True"},
		{"usages", with(`c.Extensions.Cast<X509Extension>().Count() >= 0`), "True"},
		{"local time", with(`c.NotAfter.Kind`), "Local"},
		{"hash by name", with(`c.GetCertHashString(HashAlgorithmName.SHA256).Length + "," + (c.GetCertHashString(HashAlgorithmName.SHA1) == c.Thumbprint)`), "64,True"},
		{"public key", with(`c.GetRSAPublicKey().KeySize + "," + c.HasPrivateKey + "," + (c.PrivateKey == null) + "," + c.PublicKey.Key.KeySize`), "2048,False,True,2048"},
		{"export of a PFX", with(`c.Export(X509ContentType.Pfx)`), "System.Security.Cryptography.CryptographicException: The requested operation is not supported."},
		{"name from text", `@{ var n = new X500DistinguishedName("CN=a, O=\"b, c\""); return n.Name + "|" + n.Decode(X500DistinguishedNameFlags.None) + "|" + n.RawData.Length; }`, `CN=a, O="b, c"|O="b, c", CN=a|29`},
		{"relative names", `@(new X500DistinguishedName("CN=a, O=b").EnumerateRelativeDistinguishedNames().Select(r => r.GetSingleElementType().Value + r.GetSingleElementValue() + r.HasMultipleElements))`, `["2.5.4.3aFalse","2.5.4.10bFalse"]`},
		{"another key", with(`c.CopyWithPrivateKey(RSA.Create(2048))`), "System.ArgumentException: The provided key does not match the public key for this certificate. (Parameter 'privateKey')"},
		{"no name", `@(new X500DistinguishedName("a"))`, "System.Security.Cryptography.CryptographicException: The string contains an invalid X500 name attribute key, oid, value or delimiter."},
		{"oid", `@(new Oid("1.2.840.113549.1.1.11").FriendlyName + "," + new Oid("sha256").Value + "," + (new Oid("1.2.3").FriendlyName == null))`, "sha256RSA,2.16.840.1.101.3.4.2.1,True"},
		{"file", `@(new X509Certificate2("a.pfx"))`, "System.Security.Cryptography.CryptographicException: error:10000080:BIO routines::no such file"},
	} {
		e.test(t)
	}
}
