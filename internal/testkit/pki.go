// Package testkit has what tests of several packages need: a certificate
// authority with ready keys, and fakes that behave. Only tests import it.
package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"software.sslmate.com/src/go-pkcs12"
)

// Cert is a certificate with its key and the CA certificates above it.
type Cert struct {
	// X509 is the certificate as crypto/x509 reads it.
	X509 *x509.Certificate
	// Key is the private key.
	Key crypto.Signer
	// Issuer is the CA that signed it; nil for a root.
	Issuer *Cert
}

// Template changes a certificate before it is signed.
type Template func(*x509.Certificate)

var serials atomic.Int64

// NewRoot makes a self-signed CA with that common name.
func NewRoot(t testing.TB, name string, change ...Template) *Cert {
	t.Helper()
	return issue(t, nil, nil, caTemplate(name), change)
}

// NewIntermediate makes a CA below c.
func (c *Cert) NewIntermediate(t testing.TB, name string, change ...Template) *Cert {
	t.Helper()
	return issue(t, c, nil, caTemplate(name), change)
}

// NewClient makes a client certificate below c, with that common name.
func (c *Cert) NewClient(t testing.TB, name string, change ...Template) *Cert {
	t.Helper()
	tmpl := leafTemplate(name)
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return issue(t, c, nil, tmpl, change)
}

// NewServer makes a server certificate below c for those host names or IP addresses; the first is the common name.
func (c *Cert) NewServer(t testing.TB, names ...string) *Cert {
	t.Helper()
	return issue(t, c, nil, serverTemplate(names), nil)
}

// NewServerFrom is NewServer for one name, with changes to the template.
func (c *Cert) NewServerFrom(t testing.TB, name string, change ...Template) *Cert {
	t.Helper()
	return issue(t, c, nil, serverTemplate([]string{name}), change)
}

// NewSelfSigned makes a client certificate that signs itself and is no CA.
func NewSelfSigned(t testing.TB, name string, change ...Template) *Cert {
	t.Helper()
	tmpl := leafTemplate(name)
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return issue(t, nil, nil, tmpl, change)
}

// NewClientWithKey is NewClient for a key of the caller's, such as one of RSAKey.
func (c *Cert) NewClientWithKey(t testing.TB, name string, key crypto.Signer, change ...Template) *Cert {
	t.Helper()
	tmpl := leafTemplate(name)
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return issue(t, c, key, tmpl, change)
}

// Expired makes a certificate that ended an hour ago.
func Expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-time.Hour)
}

// NotYetValid makes a certificate that begins in an hour.
func NotYetValid(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(48*time.Hour)
}

// CRL makes a certificate name that revocation list.
func CRL(url string) Template {
	return func(c *x509.Certificate) { c.CRLDistributionPoints = append(c.CRLDistributionPoints, url) }
}

// Subject makes a certificate carry that name.
func Subject(name pkix.Name) Template { return func(c *x509.Certificate) { c.Subject = name } }

func caTemplate(name string) *x509.Certificate {
	tmpl := leafTemplate(name)
	tmpl.IsCA, tmpl.BasicConstraintsValid = true, true
	tmpl.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	return tmpl
}

func serverTemplate(names []string) *x509.Certificate {
	tmpl := leafTemplate(names[0])
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, n)
		}
	}
	return tmpl
}

func leafTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1000 + serials.Add(1)),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

func issue(t testing.TB, parent *Cert, key crypto.Signer, tmpl *x509.Certificate, change []Template) *Cert {
	t.Helper()
	for _, f := range change {
		f(tmpl)
	}
	if key == nil {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key = k
	}
	signer, above := key, tmpl
	if parent != nil {
		signer, above = parent.Key, parent.X509
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, above, key.Public(), signer)
	if err != nil {
		t.Fatalf("sign certificate %q: %v", tmpl.Subject, err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &Cert{X509: parsed, Key: key, Issuer: parent}
}

// chain is c's issuers from the nearest up, without the root.
func (c *Cert) chain() []*x509.Certificate {
	var list []*x509.Certificate
	for ca := c.Issuer; ca != nil && ca.Issuer != nil; ca = ca.Issuer {
		list = append(list, ca.X509)
	}
	return list
}

// Cert is the certificate as Postern reads it.
func (c *Cert) Cert(t testing.TB) *cert.Certificate {
	t.Helper()
	parsed, err := cert.Parse(c.X509.Raw)
	if err != nil {
		t.Fatalf("parse certificate %q: %v", c.X509.Subject, err)
	}
	return parsed
}

// Identity is the certificate with its key and its intermediates.
func (c *Cert) Identity(t testing.TB) *cert.Identity {
	t.Helper()
	id := &cert.Identity{Certificate: c.Cert(t), Key: c.Key}
	for _, ca := range c.chain() {
		parsed, err := cert.Parse(ca.Raw)
		if err != nil {
			t.Fatal(err)
		}
		id.Chain = append(id.Chain, parsed)
	}
	return id
}

// TLS is the certificate with its key and intermediates for crypto/tls.
func (c *Cert) TLS() tls.Certificate {
	out := tls.Certificate{Certificate: [][]byte{c.X509.Raw}, PrivateKey: c.Key, Leaf: c.X509}
	for _, ca := range c.chain() {
		out.Certificate = append(out.Certificate, ca.Raw)
	}
	return out
}

// Pool is a pool with c alone.
func (c *Cert) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.X509)
	return pool
}

// PEM is the certificate in PEM.
func (c *Cert) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.X509.Raw})
}

// KeyPEM is the private key in PEM, PKCS#8.
func (c *Cert) KeyPEM(t testing.TB) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// PFX is certificate, key and intermediates as PKCS#12 with that password.
func (c *Cert) PFX(t testing.TB, password string) []byte {
	t.Helper()
	data, err := pkcs12.Modern.Encode(c.Key, c.X509, c.chain(), password)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// WriteFile writes data under dir with mode 0600 and returns the path.
func WriteFile(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// SignCRL is a revocation list of c's, DER, good for an hour, that revokes those certificates.
func (c *Cert) SignCRL(t testing.TB, revoked ...*Cert) []byte {
	t.Helper()
	list := &x509.RevocationList{
		Number:     big.NewInt(serials.Add(1)),
		ThisUpdate: time.Now().Add(-time.Minute),
		NextUpdate: time.Now().Add(time.Hour),
	}
	for _, r := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.X509.SerialNumber, RevocationTime: time.Now().Add(-time.Minute)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, c.X509, c.Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// RSAKey is one of two ready RSA keys of 2048 bits (n is 0 or 1): making one takes a good part of a second.
func RSAKey(t testing.TB, n int) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(rsaKeys[n]))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// ServerTLS is a server's TLS configuration with that certificate.
func ServerTLS(server *Cert) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{server.TLS()}, MinVersion: tls.VersionTLS12}
}

// ClientTLS is a client's TLS configuration that trusts root; client may be nil for none.
func ClientTLS(root, client *Cert) *tls.Config {
	c := &tls.Config{RootCAs: root.Pool(), MinVersion: tls.VersionTLS12}
	if client != nil {
		c.Certificates = []tls.Certificate{client.TLS()}
	}
	return c
}
