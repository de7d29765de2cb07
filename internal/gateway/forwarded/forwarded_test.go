package forwarded

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// escaped is PEM as a proxy encodes it: everything but letters, digits and "-._~".
func escaped(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func pemOf(c *testkit.Cert, t testing.TB) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Cert(t).Raw}))
}

func sf(c *testkit.Cert, t testing.TB) string {
	return ":" + base64.StdEncoding.EncodeToString(c.Cert(t).Raw) + ":"
}

func TestRead(t *testing.T) {
	root := testkit.NewRoot(t, "root")
	leaf, other := root.NewClient(t, "leaf"), root.NewClient(t, "other")
	forger := root.NewClient(t, "forger", func(c *x509.Certificate) {
		u, _ := url.Parse("spiffe://x")
		u.Opaque = "//x,Cert=1"
		c.URIs = []*url.URL{u}
	})
	leafPEM, rootPEM := pemOf(leaf, t), pemOf(root, t)
	sum := sha256.Sum256(leaf.Cert(t).Raw)
	hash := hex.EncodeToString(sum[:])
	certOf := func(c *testkit.Cert) string { return `Cert="` + escaped(pemOf(c, t)) + `"` }
	const pemHeader, cc, chain, xfcc = "X-Client-Certificate", "Client-Cert", "Client-Cert-Chain", "X-Forwarded-Client-Cert"
	for _, c := range []struct {
		name   string
		format apim.ForwardedFormat
		header message.Header
		want   string // leaf, leaf+root, other or none
		wrong  string
	}{
		{"no field", apim.URLEncodedPEM, nil, "none", ""},
		{"empty field", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: " "}}, "none", ""},
		{"PEM", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM)}}, "leaf", ""},
		{"PEM in another case", apim.URLEncodedPEM, message.Header{{Name: "x-client-certificate", Value: strings.ToLower(escaped("\n")) + escaped(leafPEM)}}, "leaf", ""},
		{"base64's own signs left alone", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=").Replace(escaped(leafPEM))}}, "leaf", ""},
		{"form encoding", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: url.QueryEscape(leafPEM)}}, "leaf", ""},
		{"CRLF", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(strings.ReplaceAll(leafPEM, "\n", "\r\n"))}}, "leaf", ""},
		{"PEM with its issuer", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM + rootPEM)}}, "leaf+root", ""},
		{"encoded white space", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: "%0A"}}, "", "white space"},
		{"twice", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM)}, {Name: pemHeader, Value: escaped(leafPEM)}}, "", "2 times"},
		{"not PEM", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: "MIIB"}}, "", "not a URL-encoded PEM"},
		{"text before", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: "x%0A" + escaped(leafPEM)}}, "", "not a URL-encoded PEM"},
		{"text after", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM) + "x"}}, "", "not a URL-encoded PEM"},
		{"a key", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(strings.ReplaceAll(leafPEM, "CERTIFICATE", "PRIVATE KEY"))}}, "", "not a URL-encoded PEM"},
		{"cut", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM)[:200]}}, "", "malformed"},
		{"first cut, second whole", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM[:100] + "\n" + rootPEM)}}, "", "malformed"},
		{"bad percent", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(leafPEM) + "%0"}}, "", "ends too soon"},
		{"bad hex", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: "%zz" + escaped(leafPEM)}}, "", "malformed at offset 0"},
		{"many", apim.URLEncodedPEM, message.Header{{Name: pemHeader, Value: escaped(strings.Repeat(leafPEM, 17))}}, "", "more than 16"},

		{"byte sequence", apim.ClientCert, message.Header{{Name: cc, Value: sf(leaf, t)}}, "leaf", ""},
		{"without padding", apim.ClientCert, message.Header{{Name: cc, Value: strings.ReplaceAll(sf(leaf, t), "=", "")}}, "leaf", ""},
		{"with chain", apim.ClientCert, message.Header{{Name: cc, Value: sf(leaf, t)}, {Name: chain, Value: sf(root, t)}}, "leaf+root", ""},
		{"chain of several lines", apim.ClientCert, message.Header{{Name: chain, Value: sf(root, t) + " , " + sf(root, t)}, {Name: cc, Value: sf(leaf, t)}, {Name: chain, Value: sf(root, t)}}, "leaf+root", ""},
		{"chain alone", apim.ClientCert, message.Header{{Name: chain, Value: sf(root, t)}}, "", "without it"},
		{"item twice", apim.ClientCert, message.Header{{Name: cc, Value: sf(leaf, t)}, {Name: cc, Value: sf(other, t)}}, "", "2 times"},
		{"a list", apim.ClientCert, message.Header{{Name: cc, Value: sf(leaf, t) + "," + sf(other, t)}}, "", "malformed"},
		{"bare base64", apim.ClientCert, message.Header{{Name: cc, Value: strings.Trim(sf(leaf, t), ":")}}, "", "not a byte sequence"},
		{"empty bytes", apim.ClientCert, message.Header{{Name: cc, Value: "::"}}, "", "empty"},
		{"one colon", apim.ClientCert, message.Header{{Name: cc, Value: ":"}}, "", "not a byte sequence"},
		{"bad base64", apim.ClientCert, message.Header{{Name: cc, Value: ":AA*A:"}}, "", "malformed"},
		{"bad chain", apim.ClientCert, message.Header{{Name: cc, Value: sf(leaf, t)}, {Name: chain, Value: sf(root, t) + ","}}, "", "Client-Cert-Chain"},

		{"XFCC", apim.XFCC, message.Header{{Name: xfcc, Value: "By=http://frontend;Hash=" + hash + ";" + certOf(leaf) + `;Subject="C=US,CN=\"leaf\"";URI=;DNS=a.example;DNS=b.example`}}, "leaf", ""},
		{"XFCC with chain", apim.XFCC, message.Header{{Name: xfcc, Value: "hash=" + strings.ToUpper(hash) + `;Chain="` + escaped(leafPEM+rootPEM) + `";` + certOf(leaf)}}, "leaf+root", ""},
		{"the last of several", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(other) + "," + certOf(leaf)}}, "leaf", ""},
		{"the last of several lines", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(leaf)}, {Name: xfcc, Value: certOf(other)}}, "other", ""},
		{"separators in quotes", apim.XFCC, message.Header{{Name: xfcc, Value: `Subject="CN=a\",Cert=\"x;y,z=";` + certOf(leaf)}}, "leaf", ""},
		{"no Cert", apim.XFCC, message.Header{{Name: xfcc, Value: "Hash=" + hash}}, "", "no Cert"},
		{"last without Cert", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(leaf) + ",Hash=" + hash}}, "", "no Cert"},
		{"another's hash", apim.XFCC, message.Header{{Name: xfcc, Value: "Hash=" + hash + ";" + certOf(other)}}, "", "Hash is not"},
		{"Cert and Chain differ", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(leaf) + `;Chain="` + escaped(rootPEM) + `"`}}, "", "different"},
		{"two Certs", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(leaf) + ";" + certOf(other)}}, "", "twice"},
		{"unquoted Cert", apim.XFCC, message.Header{{Name: xfcc, Value: "Cert=" + escaped(leafPEM)}}, "leaf", ""},
		{"open quote", apim.XFCC, message.Header{{Name: xfcc, Value: `Cert="` + escaped(leafPEM)}}, "", "does not end"},
		{"text after the quote", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(leaf) + "x"}}, "", "no separator"},
		{"no pairs", apim.XFCC, message.Header{{Name: xfcc, Value: "x,y"}}, "", "no key=value"},
		{"empty element", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(leaf) + ","}}, "", "no key=value"},
		{"an element written by a name", apim.XFCC, message.Header{{Name: xfcc, Value: certOf(forger) + ";URI=spiffe://x," + certOf(other)}}, "", "separator"},
		{"empty XFCC", apim.XFCC, message.Header{{Name: xfcc, Value: ""}}, "none", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := Read(c.format, c.format.DefaultHeader(), c.header)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || len(raw) > 0 {
					t.Errorf("error %v, want %q", err, c.wrong)
				}
				return
			}
			got := "none"
			for i, der := range raw {
				switch {
				case i == 0 && string(der) == string(leaf.Cert(t).Raw):
					got = "leaf"
				case i == 0 && string(der) == string(other.Cert(t).Raw):
					got = "other"
				case i > 0 && string(der) == string(root.Cert(t).Raw) && !strings.HasSuffix(got, "+root"):
					got += "+root"
				}
			}
			if err != nil || got != c.want {
				t.Errorf("%s, %v; want %s", got, err, c.want)
			}
		})
	}
}

// FuzzRead asserts that what is read never fails to come with an error or at least one certificate, and that reading
// ends.
func FuzzRead(f *testing.F) {
	root := testkit.NewRoot(f, "root")
	f.Add(uint8(0), escaped(pemOf(root, f)), "")
	f.Add(uint8(1), sf(root, f), sf(root, f))
	f.Add(uint8(2), `By=a;Hash=00;Cert="`+escaped(pemOf(root, f))+`",By=b;Chain=""`, "")
	f.Fuzz(func(t *testing.T, kind uint8, value, second string) {
		format := apim.ForwardedFormats()[int(kind)%3]
		name := format.DefaultHeader()
		h := message.Header{{Name: name, Value: value}}
		if second != "" {
			h = append(h, message.Field{Name: name + "-Chain", Value: second})
		}
		raw, err := Read(format, name, h)
		if err != nil && raw != nil {
			t.Fatal("an error with certificates")
		}
		for _, der := range raw {
			if len(der) == 0 {
				t.Fatal("an empty certificate")
			}
		}
		if err == nil && len(raw) == 0 && strings.Trim(value, " \t") != "" {
			t.Fatalf("%q is taken for no certificate", value)
		}
	})
}
