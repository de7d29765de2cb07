package clr

import (
	"crypto/rsa"
	"net/netip"
	"strings"
	"sync/atomic"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
)

// contentTypes are the numbers of X509ContentType by the names that package pfx gives.
var contentTypes = map[string]int64{pfx.ContentCert: 1, pfx.ContentPFX: 3, pfx.ContentPKCS7: 5}

// certificate2Members are those of X509Certificate2.
func certificate2Members() []types.MemberDecl {
	immutable := func(_ *types.Thread, this types.Value, _ []types.Value) {
		receiverCertificate(this)
		types.Throw(platformNotSupported(), "The operation is not supported on this platform.")
	}
	return []types.MemberDecl{
		types.M("string Thumbprint { get; }", onceText(func(c *Certificate) *atomic.Pointer[types.String] { return &c.thumbprint }, (*cert.Certificate).Thumbprint)),
		types.M("string SerialNumber { get; }", onceText(func(c *Certificate) *atomic.Pointer[types.String] { return &c.serial }, (*cert.Certificate).SerialNumber)),
		types.M("System.DateTime NotBefore { get; }", ofLeaf(func(c *cert.Certificate) types.DateTime { return localTime(orThrow(c.NotBeforeUTC())) })),
		types.M("System.DateTime NotAfter { get; }", ofLeaf(func(c *cert.Certificate) types.DateTime { return localTime(orThrow(c.NotAfterUTC())) })),
		types.M("int Version { get; }", ofLeaf(func(c *cert.Certificate) int32 { return int32(orThrow(c.VersionNumber())) })),
		types.M("byte[] RawData { get; }", leafBytes(func(c *cert.Certificate) []byte { return c.Raw })),
		types.M("string FriendlyName { get; set; }", ofLeaf(func(*cert.Certificate) *types.String { return types.EmptyString }).WithSet(immutable)),
		types.M("bool Archived { get; set; }", ofLeaf(func(*cert.Certificate) bool { return false }).WithSet(immutable)),
		types.M("bool HasPrivateKey { get; }", types.I0(func(c *Certificate) bool {
			c.leaf()
			return c.Key != nil
		})),
		types.M(x509NS+"X500DistinguishedName SubjectName { get; }", once(func(c *Certificate) *atomic.Pointer[distinguishedName] { return &c.subjectName },
			func(c *cert.Certificate) *distinguishedName { return &distinguishedName{name: c.Subject} })),
		types.M(x509NS+"X500DistinguishedName IssuerName { get; }", once(func(c *Certificate) *atomic.Pointer[distinguishedName] { return &c.issuerName },
			func(c *cert.Certificate) *distinguishedName { return &distinguishedName{name: c.Issuer} })),
		types.M(cryptoNS+"Oid SignatureAlgorithm { get; }", ofLeaf(func(c *cert.Certificate) *oid { return newOID(c.SignatureOID()) })),
		types.M(x509NS+"PublicKey PublicKey { get; }", ofLeaf(func(c *cert.Certificate) *publicKey { return &publicKey{of: c} })),
		types.M(cryptoNS+"AsymmetricAlgorithm PrivateKey { get; set; }", types.I0(privateKey).WithSet(immutable)),
		types.M(x509NS+"X509ExtensionCollection Extensions { get; }", ofLeaf(extensionsOf)),
		types.M("string GetNameInfo("+x509NS+"X509NameType nameType, bool forIssuer)", types.I2(func(c *Certificate, kind int32, issuer bool) *types.String {
			return types.NewString(c.leaf().NameInfo(cert.NameType(kind), issuer))
		})),
		types.M("bool MatchesHostname(string hostname, bool allowWildcards = true, bool allowCommonName = true)", types.I3(matchesHostname)),
		types.M("bool Verify()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Bool(receiverCertificate(this).Verify(t, true))
		})),
		types.M("string ExportCertificatePem()", leafText(func(c *cert.Certificate) string { return strings.TrimRight(string(c.PEM()), "\n") })),
		types.M("string ToString()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Ref(receiverCertificate(this).ToStr(t))
		})),
		types.M("string ToString(bool verbose)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			c := receiverCertificate(this)
			if c.Leaf == nil {
				return types.Ref(c.ToStr(t))
			}
			return types.Ref(c.text(t, a[0].Bool()))
		})),
		types.M("static "+x509NS+"X509ContentType GetCertContentType(byte[] rawData)", types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
			b, _ := a[0].Ref.(*types.Bytes)
			if b == nil || len(b.B) == 0 {
				types.ThrowArgument(types.ArgumentException, "Array may not be empty or null.", "rawData")
			}
			return types.Int(contentTypes[orThrow(pfx.ContentType(b.B))])
		})),
	}
}

// rsaPrivateKey is the certificate's RSA key; nil if it has none.
func (c *Certificate) rsaPrivateKey() *rsa.PrivateKey {
	k, _ := c.Key.(*rsa.PrivateKey)
	return k
}

// rsaPublicKey is the RSA key of a certificate; nil if its key is of another kind or cannot be read.
func rsaPublicKey(c *cert.Certificate) *rsa.PublicKey {
	k, err := c.PublicKey()
	if err != nil {
		return nil
	}
	r, _ := k.(*rsa.PublicKey)
	return r
}

// privateKey is the property PrivateKey.
func privateKey(c *Certificate) any {
	c.leaf()
	if c.Key == nil {
		return nil
	}
	if k := c.rsaPrivateKey(); k != nil {
		return newRSA(&k.PublicKey, k)
	}
	types.Throw(types.NotSupportedException, "The certificate key algorithm is not supported.")
	return nil
}

// matchesHostname is MatchesHostname: by the DNS names and addresses of the certificate, or by its common name where it has neither.
func matchesHostname(c *Certificate, host *types.String, wildcards, commonName bool) bool {
	leaf := c.leaf()
	if host == nil {
		types.ThrowNull("hostname")
	}
	name := strings.TrimSuffix(host.Go(), ".")
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	isAddress := err == nil
	sans, _, err := leaf.SubjectAltNames()
	if err != nil {
		return false
	}
	relevant := false
	for _, s := range sans {
		switch {
		case s.Kind == cert.DNSName && !isAddress:
			relevant = true
			if hostnameMatches(s.Text(), name, wildcards) {
				return true
			}
		case s.Kind == cert.IPAddress && isAddress:
			relevant = true
			if a, ok := netip.AddrFromSlice(s.Value); ok && a.Unmap() == addr.Unmap() {
				return true
			}
		}
	}
	names := leaf.Subject.CommonNames()
	if relevant || !commonName || len(names) != 1 {
		return false
	}
	if isAddress {
		a, err := netip.ParseAddr(names[0])
		return err == nil && a == addr
	}
	return hostnameMatches(names[0], name, wildcards)
}

// hostnameMatches compares without case; "*." stands for one label if wildcards are allowed.
func hostnameMatches(pattern, name string, wildcards bool) bool {
	pattern = strings.TrimSuffix(pattern, ".")
	if strings.EqualFold(pattern, name) {
		return name != ""
	}
	rest, ok := strings.CutPrefix(pattern, "*.")
	if !ok || !wildcards {
		return false
	}
	label, tail, ok := strings.Cut(name, ".")
	return ok && label != "" && strings.EqualFold(rest, tail)
}

// rsaExtensionDecls are RSACertificateExtensions.
func rsaExtensionDecls() []*types.Decl {
	const this = "(this " + x509NS + "X509Certificate2 certificate)"
	return []*types.Decl{types.T("static class "+x509NS+"RSACertificateExtensions",
		types.M("static "+x509NS+"X509Certificate2 CopyWithPrivateKey(this "+x509NS+"X509Certificate2 certificate, "+cryptoNS+"RSA privateKey)", types.S2(withPrivateKey)),
		types.M("static "+cryptoNS+"RSA GetRSAPrivateKey"+this, types.S1(func(c *Certificate) any {
			if c == nil {
				types.ThrowNull("certificate")
			}
			c.leaf()
			if k := c.rsaPrivateKey(); k != nil {
				return newRSA(&k.PublicKey, k)
			}
			return nil
		})),
		types.M("static "+cryptoNS+"RSA GetRSAPublicKey"+this, types.S1(func(c *Certificate) any {
			if c == nil {
				types.ThrowNull("certificate")
			}
			if k := rsaPublicKey(c.leaf()); k != nil {
				return newRSA(k, nil)
			}
			return nil
		})),
	)}
}

// withPrivateKey is CopyWithPrivateKey: the certificate with a key that must be its own.
func withPrivateKey(c *Certificate, key *rsaObject) *Certificate {
	switch {
	case c == nil:
		types.ThrowNull("certificate")
	case key == nil:
		types.ThrowNull("privateKey")
	case c.leaf() != nil && c.Key != nil:
		types.Throw(types.InvalidOperationException, "The certificate already has an associated private key.")
	}
	pub := rsaPublicKey(c.Leaf)
	if pub == nil {
		types.Throw(types.ArgumentException, "The provided key does not match the public key algorithm for this certificate.")
	}
	if key.priv == nil || !key.priv.PublicKey.Equal(pub) {
		types.ThrowArgument(types.ArgumentException, "The provided key does not match the public key for this certificate.", "privateKey")
	}
	return &Certificate{Leaf: c.Leaf, Key: key.priv, Judge: c.Judge}
}
