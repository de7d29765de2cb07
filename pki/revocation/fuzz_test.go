package revocation

import (
	"bufio"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// seed adds the recorded bodies of the vectors whose path ends so.
func seed(f *testing.F, suffix string) {
	f.Helper()
	file, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", "chains.jsonl"))
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // read only
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var v struct {
			HTTP map[string]struct{ Body string }
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			f.Fatal(err)
		}
		for path, r := range v.HTTP {
			if body, err := base64.StdEncoding.DecodeString(r.Body); err == nil && strings.HasSuffix(path, suffix) {
				f.Add(body)
			}
		}
	}
}

// FuzzParseCRL: every entry of a list that is read is found again, and nothing else is.
func FuzzParseCRL(f *testing.F) {
	seed(f, ".crl")
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCRL(data)
		if err != nil {
			return
		}
		for _, table := range c.entries.tables {
			for at := 0; at < len(table.records); at += table.width {
				serial := table.records[at : at+table.size]
				got := c.lookup(serial, c.issuer)
				if !got.revoked && !got.removed && !got.foreign {
					t.Fatalf("entry %d (%x) is not found", at/table.width, serial)
				}
				if at > 0 && string(table.records[at-table.width:at]) > string(table.records[at:at+table.width]) {
					t.Fatalf("entry %d is out of order", at/table.width)
				}
			}
		}
		if c.entries.adds(&c.entries) {
			t.Fatal("a list adds to itself")
		}
		if std, err := x509.ParseRevocationList(data); err == nil {
			if len(std.RevokedCertificateEntries) != c.Len() {
				t.Fatalf("%d entries, crypto/x509 sees %d", c.Len(), len(std.RevokedCertificateEntries))
			}
			for _, e := range std.RevokedCertificateEntries {
				serial, err := asn1.Marshal(e.SerialNumber)
				if err != nil {
					t.Fatal(err)
				}
				content, err := der.One(serial, der.Integer, "serial")
				if err != nil {
					t.Fatal(err)
				}
				if got := c.lookup(content.Content, c.issuer); !got.revoked && !got.removed && !got.foreign {
					t.Fatalf("entry %v is not found", e.SerialNumber)
				}
			}
		}
		if got := c.lookup([]byte("no such serial number in any list"), c.issuer); got.revoked {
			t.Fatal("a serial number that is not there is found")
		}
	})
}

// FuzzParseResponse: a response that is read never says good about a certificate that it does not name.
func FuzzParseResponse(f *testing.F) {
	seed(f, "ocsp")
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseResponse(data)
		if err != nil {
			return
		}
		other := CertID{hash: oidSHA1, nameHash: []byte("other"), keyHash: []byte("other"), serial: []byte{1}}
		if status, _, _ := r.answer(other, judgement{now: time.Now()}); status != chain.StatusUnknown {
			t.Fatalf("status of a certificate that is not named = %v", status)
		}
		for _, s := range r.singles {
			r.answer(s.id, judgement{now: time.Now()})
		}
		if len(r.certs) > 0 {
			r.authorize(r.certs[:1], time.Now(), false) //nolint:errcheck // must not panic
		}
	})
}

// FuzzParseBlockList: a list that is read refuses what it names.
func FuzzParseBlockList(f *testing.F) {
	f.Add([]byte("# comment\n\nAABBCCDDEEFF00112233445566778899AABBCCDD  # lost\n0A1B @ CN=Corp CA, O=Corp # stolen\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseBlockList(text)
		if err != nil {
			return
		}
		var b BlockList
		if err := b.Set(list); err != nil {
			t.Fatalf("a list that was read cannot be set: %v", err)
		}
		if b.Len() != len(list) {
			t.Fatalf("Len = %d, want %d", b.Len(), len(list))
		}
	})
}
