package resource

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
)

func TestForwardedCertificateOf(t *testing.T) {
	sha1, sha256 := strings.Repeat("ab", 20), strings.Repeat("01", 32)
	for _, c := range []struct {
		name, json string
		// want is the configuration as text, or what the only detail says.
		header, addresses, wrong string
	}{
		{name: "none", json: `{}`},
		{name: "null", json: `{"forwardedClientCertificate":null}`},
		{name: "defaults of PEM", json: `{"forwardedClientCertificate":{"format":"UrlEncodedPem","addresses":["10.1.2.3/8","::ffff:192.0.2.1","2001:db8::/32"]}}`,
			header: "X-Client-Certificate", addresses: "10.0.0.0/8 192.0.2.1/32 2001:db8::/32"},
		{name: "defaults of RFC 9440", json: `{"forwardedClientCertificate":{"format":"clientcert","addresses":["10.1.2.3"]}}`, header: "Client-Cert", addresses: "10.1.2.3/32"},
		{name: "defaults of XFCC", json: `{"forwardedClientCertificate":{"format":"Xfcc","thumbprints":["` + strings.ToUpper(sha1) + `","` + sha256 + `"]}}`, header: "X-Forwarded-Client-Cert"},
		{name: "a header of one's own", json: `{"forwardedClientCertificate":{"format":"UrlEncodedPem","header":"X-ARR-ClientCert","addresses":["10.1.2.3"]}}`, header: "X-ARR-ClientCert", addresses: "10.1.2.3/32"},
		{name: "not an object", json: `{"forwardedClientCertificate":true}`, wrong: "forwardedClientCertificate: It is not an object."},
		{name: "nobody", json: `{"forwardedClientCertificate":{"format":"Xfcc"}}`, wrong: "Name the proxies"},
		{name: "empty lists", json: `{"forwardedClientCertificate":{"format":"Xfcc","addresses":[],"thumbprints":[]}}`, wrong: "Name the proxies"},
		{name: "unknown format", json: `{"forwardedClientCertificate":{"format":"Pem","addresses":["10.0.0.1"]}}`, wrong: "format: 'Pem' is not one of UrlEncodedPem, ClientCert, Xfcc."},
		{name: "no format", json: `{"forwardedClientCertificate":{"addresses":["10.0.0.1"]}}`, wrong: "is not one of"},
		{name: "unknown property", json: `{"forwardedClientCertificate":{"format":"Xfcc","adresses":["10.0.0.1"]}}`, wrong: "There is no property 'adresses'"},
		{name: "bad address", json: `{"forwardedClientCertificate":{"format":"Xfcc","addresses":["proxy"]}}`, wrong: "addresses[0]: 'proxy' is not"},
		{name: "bad thumbprint", json: `{"forwardedClientCertificate":{"format":"Xfcc","thumbprints":["abcd"]}}`, wrong: "thumbprints[0]: 'abcd' is not"},
		{name: "not strings", json: `{"forwardedClientCertificate":{"format":"Xfcc","addresses":[7]}}`, wrong: "addresses[0]"},
		{name: "not a list", json: `{"forwardedClientCertificate":{"format":"Xfcc","addresses":"10.0.0.1"}}`, wrong: "addresses: It is not a list."},
		{name: "Host", json: `{"forwardedClientCertificate":{"format":"Xfcc","header":"host","addresses":["10.0.0.1"]}}`, wrong: "another meaning"},
		{name: "hop by hop", json: `{"forwardedClientCertificate":{"format":"Xfcc","header":"Connection","addresses":["10.0.0.1"]}}`, wrong: "another meaning"},
		{name: "bad name", json: `{"forwardedClientCertificate":{"format":"Xfcc","header":"a b","addresses":["10.0.0.1"]}}`, wrong: "not the name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h map[string]any
			if err := json.Unmarshal([]byte(c.json), &h); err != nil {
				t.Fatal(err)
			}
			got, details := ForwardedCertificateOf(h)
			if c.wrong != "" {
				if got != nil || len(details) == 0 || !strings.Contains(details[0].Target+": "+details[0].Message, c.wrong) {
					t.Errorf("%+v, %v; want %q", got, details, c.wrong)
				}
				return
			}
			if len(details) > 0 || (got == nil) != (c.header == "") {
				t.Fatalf("%+v, %v", got, details)
			}
			if got == nil {
				return
			}
			var addresses []string
			for _, p := range got.Addresses {
				addresses = append(addresses, p.String())
			}
			if got.Header != c.header || strings.Join(addresses, " ") != c.addresses {
				t.Errorf("header %s, addresses %v", got.Header, addresses)
			}
			if got.Format == apim.XFCC && !reflect.DeepEqual(got.Thumbprints, []string{sha1, sha256}) {
				t.Errorf("thumbprints %v", got.Thumbprints)
			}
		})
	}
}
