// Package devca is the development PKI that a first start makes: one root for
// server names, constrained to localhost, .localhost and loopback addresses,
// and one for client certificates, which `postern dev issue` has signed. Its
// keys are sealed in the store; its CRL is signed in memory and found by
// issuer, so that Verify() holds for its certificates without any network.
package devca

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/pki/cert"
)

// Names of the two roots.
const (
	ServerRootName = "Postern Development Server Root"
	ClientRootName = "Postern Development Client Root"
)

// Lives of what is signed.
const (
	rootLife = 10 * 365 * 24 * time.Hour
	// ServerLife is short enough for browsers (398 days at most); the certificate is made anew at start in its last third.
	ServerLife = 390 * 24 * time.Hour
	// DefaultClientLife is what `postern dev issue` gives without --days.
	DefaultClientLife = 365 * 24 * time.Hour
	// CRLLife is from thisUpdate to nextUpdate; the list is signed anew at half of it.
	CRLLife = 24 * time.Hour
	// backdate allows for clocks that are slow.
	backdate = time.Hour
)

// CRLPath is the CRL's path on the ops listener.
const CRLPath = "/crl/development-clients.crl"

const (
	prefix        = "/development/"
	serverRootKey = prefix + "server-root"
	clientRootKey = prefix + "client-root"
	serverKey     = prefix + "server"
	revokedPrefix = prefix + "revoked/"
)

// Sealer seals private keys.
type Sealer interface {
	Seal(ad string, plaintext []byte) (string, error)
	Unseal(ad string, token string) ([]byte, error)
}

// CA is the development PKI. It is safe for concurrent use.
type CA struct {
	store  store.Store
	sealer Sealer
	now    func() time.Time

	serverRoot, clientRoot, server signer
	crl                            atomic.Pointer[[]byte]
}

// signer is a certificate with its key.
type signer struct {
	x509 *x509.Certificate
	cert *cert.Certificate
	key  crypto.Signer
}

// record is a signer as stored.
type record struct {
	Certificate []byte `json:"certificate"`
	Key         string `json:"key"`
}

// Open loads the development PKI from the store, or makes it. serverNames are the DNS names of the server certificate;
// loopback addresses are always in it.
func Open(ctx context.Context, s store.Store, sealer Sealer, serverNames []string) (*CA, error) {
	ca := &CA{store: s, sealer: sealer, now: time.Now}
	var err error
	if ca.serverRoot, err = ca.ensure(ctx, serverRootKey, ca.makeServerRoot, nil); err != nil {
		return nil, err
	}
	if ca.clientRoot, err = ca.ensure(ctx, clientRootKey, ca.makeClientRoot, nil); err != nil {
		return nil, err
	}
	make := func() (signer, error) { return ca.makeServer(serverNames) }
	if ca.server, err = ca.ensure(ctx, serverKey, make, func(s signer) bool { return ca.serverIsFresh(s, serverNames) }); err != nil {
		return nil, err
	}
	return ca, ca.signCRL(ctx)
}

// ensure loads the signer at key, or makes and stores it where there is none or it is no longer good.
func (ca *CA) ensure(ctx context.Context, key string, make func() (signer, error), good func(signer) bool) (signer, error) {
	e, err := ca.store.Get(ctx, key)
	if err == nil {
		s, err := ca.decode(e)
		if err != nil || good == nil || good(s) {
			return s, err
		}
	} else if fault.KindOf(err) != fault.NotFound {
		return signer{}, err
	}
	made, err := make()
	if err != nil {
		return signer{}, fmt.Errorf("make %s: %w", key, err)
	}
	value, err := ca.encode(key, made)
	if err != nil {
		return signer{}, err
	}
	_, err = ca.store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(key, e.ModRevision)}, Then: []store.Op{store.Put(key, value)}})
	if fault.KindOf(err) == fault.PreconditionFailed && err != nil { // another node was first
		return ca.ensure(ctx, key, make, good)
	}
	return made, err
}

func (ca *CA) decode(e store.Entry) (signer, error) {
	var r record
	if err := json.Unmarshal(e.Value, &r); err != nil {
		return signer{}, fmt.Errorf("stored %s: %w", e.Key, err)
	}
	der, err := ca.sealer.Unseal(e.Key, r.Key)
	if err != nil {
		return signer{}, fmt.Errorf("key of stored %s: %w", e.Key, err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return signer{}, fmt.Errorf("key of stored %s: %w", e.Key, err)
	}
	return newSigner(r.Certificate, key.(crypto.Signer))
}

func (ca *CA) encode(key string, s signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		return nil, err
	}
	token, err := ca.sealer.Seal(key, der)
	if err != nil {
		return nil, err
	}
	return json.Marshal(record{s.x509.Raw, token})
}

func newSigner(der []byte, key crypto.Signer) (signer, error) {
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return signer{}, err
	}
	c, err := cert.Parse(der)
	return signer{x, c, key}, err
}

func newSerial() *big.Int {
	limit := new(big.Int).Lsh(big.NewInt(1), 126)
	n, err := rand.Int(rand.Reader, limit)
	if err != nil {
		panic("devca: no randomness: " + err.Error())
	}
	return n.SetBit(n, 126, 1)
}

// sign makes a certificate of the template for key, signed by parent, or by itself where parent is nil.
func sign(template *x509.Certificate, parent *signer) (signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signer{}, err
	}
	template.SerialNumber = newSerial()
	issuer, by := template, crypto.Signer(key)
	if parent != nil {
		issuer, by = parent.x509, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), by)
	if err != nil {
		return signer{}, err
	}
	return newSigner(der, key)
}

func (ca *CA) rootTemplate(name string) *x509.Certificate {
	now := ca.now()
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-backdate), NotAfter: now.Add(rootLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func (ca *CA) makeClientRoot() (signer, error) { return sign(ca.rootTemplate(ClientRootName), nil) }

func (ca *CA) makeServerRoot() (signer, error) {
	t := ca.rootTemplate(ServerRootName)
	t.PermittedDNSDomainsCritical = true
	t.PermittedDNSDomains = []string{"localhost"}
	t.PermittedIPRanges = []*net.IPNet{
		{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
		{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return sign(t, nil)
}

func (ca *CA) makeServer(names []string) (signer, error) {
	now := ca.now()
	return sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, NotBefore: now.Add(-backdate), NotAfter: now.Add(ServerLife),
		DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}, &ca.serverRoot)
}

// serverIsFresh reports whether the stored server certificate has the names and is not in its last third.
func (ca *CA) serverIsFresh(s signer, names []string) bool {
	if ca.now().After(s.x509.NotAfter.Add(-ServerLife/3)) || s.x509.CheckSignatureFrom(ca.serverRoot.x509) != nil {
		return false
	}
	have := map[string]bool{}
	for _, n := range s.x509.DNSNames {
		have[n] = true
	}
	for _, n := range names {
		if !have[n] {
			return false
		}
	}
	return true
}

// ServerRoot and ClientRoot are the two roots.
func (ca *CA) ServerRoot() *cert.Certificate { return ca.serverRoot.cert }

// ClientRoot is the root of client certificates.
func (ca *CA) ClientRoot() *cert.Certificate { return ca.clientRoot.cert }

// Server is the server certificate for the built-in names, with its key.
func (ca *CA) Server() *cert.Identity {
	return &cert.Identity{Certificate: ca.server.cert, Key: ca.server.key}
}

// IssueClient signs a client certificate for the CSR (PKCS#10 DER), whose proof of possession is checked. The subject is
// CN=name, whatever the CSR says; crlURL is where its CRL can be had.
func (ca *CA) IssueClient(csr []byte, name string, life time.Duration, crlURL string) ([]byte, error) {
	request, err := x509.ParseCertificateRequest(csr)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the certificate request is unreadable")
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the certificate request is not signed by its own key")
	}
	if name == "" || len(name) > 64 {
		return nil, fault.New(fault.Invalid, "the name must have 1 to 64 characters (RFC 5280, ub-common-name)")
	}
	now := ca.now()
	notAfter := now.Add(life)
	if life <= 0 || notAfter.After(ca.clientRoot.x509.NotAfter) {
		return nil, fault.New(fault.Invalid, "the certificate must end after now and before its root does, on %s", ca.clientRoot.x509.NotAfter.Format(time.DateOnly))
	}
	template := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-backdate), NotAfter: notAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
		CRLDistributionPoints: []string{crlURL},
	}
	return x509.CreateCertificate(rand.Reader, template, ca.clientRoot.x509, request.PublicKey, ca.clientRoot.key)
}
