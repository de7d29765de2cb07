package revocation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// bigList is a list of n entries.
func bigList(b *testing.B, n int) []byte {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	issuer := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Root"}, KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2, 3, 4},
	}
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)}
	for i := range n {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: new(big.Int).Mul(big.NewInt(int64(i+1)), big.NewInt(7919)), RevocationTime: time.Now(), ReasonCode: 1,
		})
	}
	raw, err := x509.CreateRevocationList(rand.Reader, template, issuer, key)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

func BenchmarkParseCRL100k(b *testing.B) {
	raw := bigList(b, 100_000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseCRL(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup100k(b *testing.B) {
	list, err := ParseCRL(bigList(b, 100_000))
	if err != nil {
		b.Fatal(err)
	}
	serial := big.NewInt(50_000 * 7919).Bytes()
	b.ReportAllocs()
	for b.Loop() {
		if !list.lookup(serial, list.issuer).revoked {
			b.Fatal("not found")
		}
	}
}
