package clr

import (
	"bytes"
	"crypto"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/pfx"
)

// x509NS is the namespace of certificates.
const x509NS = "System.Security.Cryptography.X509Certificates."

// Certificate is an X509Certificate2 object, or one of its base X509Certificate.
type Certificate struct {
	// Leaf is the certificate; nil for one made with new X509Certificate2().
	Leaf *cert.Certificate
	// Key is its private key, nil if there is none.
	Key crypto.Signer
	// Judge says whether the certificate is good now, with or without a look at revocation; nil: the thread's Host is asked, see CertificateJudge.
	Judge func(t *types.Thread, revocation bool) bool

	// base tells an X509Certificate; shared one that belongs to the host, which no program may dispose of.
	base, shared bool

	// What conditions ask for, once it has been asked for.
	subject, issuer, thumbprint, serial atomic.Pointer[types.String]
	subjectName, issuerName             atomic.Pointer[distinguishedName]
}

// CertificateJudge is a Thread.Host that can verify certificates made by an expression. Without one, Verify() is false.
type CertificateJudge interface {
	// JudgeCertificate is X509Certificate2.Verify(), or without a look at revocation.
	JudgeCertificate(t *types.Thread, c *cert.Certificate, revocation bool) bool
}

// NewCertificate makes the X509Certificate2 of a certificate of the host; key is nil if it has none. Programs share it: Dispose() and Reset()
// leave it as it is.
func NewCertificate(c *cert.Certificate, key crypto.Signer) *Certificate {
	return &Certificate{Leaf: c, Key: key, shared: true}
}

var (
	certificateType  = lateType(x509NS + "X509Certificate")
	certificate2Type = lateType(x509NS + "X509Certificate2")
)

// ClrType is X509Certificate2, or X509Certificate.
func (c *Certificate) ClrType() *types.Type {
	if c.base {
		return certificateType()
	}
	return certificate2Type()
}

// Verify is Verify(); without revocation, VerifyNoRevocation().
func (c *Certificate) Verify(t *types.Thread, revocation bool) bool {
	leaf := c.leaf()
	if c.Judge != nil {
		return c.Judge(t, revocation)
	}
	j, ok := t.Host.(CertificateJudge)
	return ok && j.JudgeCertificate(t, leaf, revocation)
}

// leaf is the certificate; CryptographicException if the object holds none.
func (c *Certificate) leaf() *cert.Certificate {
	if c.Leaf == nil {
		types.Throw(types.CryptographicException, "m_safeCertContext is an invalid handle.")
	}
	return c.Leaf
}

// Dispose empties a certificate that the program made.
func (c *Certificate) Dispose(*types.Thread) {
	if !c.shared {
		c.Leaf, c.Key = nil, nil
	}
}

// ToStr is ToString().
func (c *Certificate) ToStr(t *types.Thread) *types.String {
	if c.Leaf == nil || c.base {
		return types.NewString(c.ClrType().FullName())
	}
	return c.text(t, false)
}

func (c *Certificate) text(t *types.Thread, verbose bool) *types.String {
	s, err := c.leaf().Text(verbose)
	throwCertificate(err)
	return newString(t, s)
}

// EqualTo compares issuer and serial number, as .NET does.
func (c *Certificate) EqualTo(_ *types.Thread, o any) bool {
	d, ok := o.(*Certificate)
	if !ok || c.Leaf == nil || d.Leaf == nil {
		return ok && c.Leaf == d.Leaf
	}
	return c.Leaf.IssuerName() == d.Leaf.IssuerName() && bytes.Equal(c.Leaf.Serial, d.Leaf.Serial)
}

// HashCode is the beginning of the thumbprint.
func (c *Certificate) HashCode(*types.Thread) int32 {
	if c.Leaf == nil {
		return 0
	}
	return c.Leaf.HashCode()
}

// throwCertificate raises the .NET exception of an error of package cert or pfx.
func throwCertificate(err error) {
	if err == nil {
		return
	}
	typ, message := types.CryptographicException, err.Error()
	var e *cert.Exception
	if errors.As(err, &e) {
		message = e.Message
		if e.Type == cert.ArgumentException {
			typ = types.ArgumentException
		}
	}
	types.Throw(typ, message)
}

// localTime is a DateTime of kind Local; the gateway's local time is UTC.
func localTime(t time.Time) types.DateTime {
	const epoch = 62135596800
	ticks := (t.Unix()+epoch)*10_000_000 + int64(t.Nanosecond())/100
	return types.DateTime(uint64(ticks) | 2<<62)
}

// stepsPerRound is what a round of key derivation counts for: one or two blocks of a hash take as long as that many turns of
// a loop.
const stepsPerRound = 32

// loadCertificate reads what a constructor is given. The rounds that a PFX asks for its passwords count before they are done.
func loadCertificate(t *types.Thread, data []byte, password *string, base bool) *Certificate {
	t.Alloc(int64(len(data)) * 2)
	t.Step(int64(len(data) / 16))
	id, err := pfx.LoadCharged(data, password, func(rounds int) { t.Step(int64(rounds) * stepsPerRound) })
	throwCertificate(err)
	return &Certificate{Leaf: id.Certificate, Key: id.Key, base: base}
}

// certificateNew makes the constructors of X509Certificate (base) and X509Certificate2.
func certificateNew(base bool) []types.MemberDecl {
	param := "rawData"
	if base {
		param = "data"
	}
	withPassword := types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		b, _ := a[0].Ref.(*types.Bytes)
		if b == nil || len(b.B) == 0 {
			types.ThrowArgument(types.ArgumentException, "Array may not be empty or null.", "rawData")
		}
		var password *string
		if s := a[1].Str(); s != nil {
			p := s.Go()
			password = &p
		}
		return types.Ref(loadCertificate(t, b.B, password, base))
	})
	file := types.Raw(func(*types.Thread, types.Value, []types.Value) types.Value {
		types.Throw(types.CryptographicException, "error:10000080:BIO routines::no such file")
		return types.Null
	})
	flags := ", " + x509NS + "X509KeyStorageFlags keyStorageFlags)"
	copied := "certificate"
	if base {
		copied = "cert"
	}
	return []types.MemberDecl{
		types.M("new()", types.S0(func() *Certificate { return &Certificate{base: base} })),
		types.M("new(byte[] "+param+")", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			b, _ := a[0].Ref.(*types.Bytes)
			if b == nil || len(b.B) == 0 {
				return types.Ref(&Certificate{base: base})
			}
			return types.Ref(loadCertificate(t, b.B, nil, base))
		})),
		types.M("new(byte[] rawData, string password)", withPassword),
		types.M("new(byte[] rawData, string password"+flags, withPassword),
		types.M("new("+x509NS+"X509Certificate "+copied+")", types.S1(func(c *Certificate) *Certificate {
			if c == nil {
				types.ThrowNull(copied)
			}
			return &Certificate{Leaf: c.Leaf, Key: c.Key, Judge: c.Judge, base: base}
		})),
		types.M("new(string fileName)", file), types.M("new(string fileName, string password)", file), types.M("new(string fileName, string password"+flags, file),
	}
}

// ofLeaf is a member that reads the certificate.
func ofLeaf[R any](fn func(c *cert.Certificate) R) types.Impl {
	return types.I0(func(c *Certificate) R { return fn(c.leaf()) })
}

// leafText is a member that gives text of the certificate.
func leafText(fn func(c *cert.Certificate) string) types.Impl {
	return ofLeaf(func(c *cert.Certificate) *types.String { return types.NewString(fn(c)) })
}

// once is a member that reads the certificate and gives the same object each time.
func once[R any](place func(c *Certificate) *atomic.Pointer[R], fn func(c *cert.Certificate) *R) types.Impl {
	return types.I0(func(c *Certificate) *R {
		leaf := c.leaf()
		p := place(c)
		if known := p.Load(); known != nil {
			return known
		}
		p.CompareAndSwap(nil, fn(leaf))
		return p.Load()
	})
}

// onceText is leafText for a text that conditions ask for.
func onceText(place func(c *Certificate) *atomic.Pointer[types.String], fn func(c *cert.Certificate) string) types.Impl {
	return once(place, func(c *cert.Certificate) *types.String { return types.NewString(fn(c)) })
}

// leafBytes is a member that gives a copy of bytes of the certificate.
func leafBytes(fn func(c *cert.Certificate) []byte) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
		b := fn(receiverCertificate(this).leaf())
		t.Alloc(int64(len(b)))
		return types.Ref(&types.Bytes{B: append([]byte{}, b...)})
	})
}

func receiverCertificate(this types.Value) *Certificate {
	c, ok := this.Ref.(*Certificate)
	if !ok {
		types.ThrowNullReference()
	}
	return c
}

// orThrow gives the text, or throws the error.
func orThrow[R any](r R, err error) R {
	throwCertificate(err)
	return r
}

func upperHex(b []byte) string {
	const digits = "0123456789ABCDEF"
	var s strings.Builder
	for _, x := range b {
		s.WriteByte(digits[x>>4])
		s.WriteByte(digits[x&15])
	}
	return s.String()
}

func certificateDecls() []*types.Decl {
	importMembers := importRefused()
	dispose := types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
		receiverCertificate(this).Dispose(t)
		return types.Value{}
	})
	base := append(certificateNew(true), certificateBaseMembers()...)
	base = append(base, types.M("void Dispose()", dispose), types.M("void Reset()", dispose))
	derived := append(certificateNew(false), certificate2Members()...)
	derived = append(derived, types.M("void Reset()", dispose))
	return []*types.Decl{
		types.T("enum "+x509NS+"X509ContentType", constants(x509NS+"X509ContentType",
			"Unknown", 0, "Cert", 1, "SerializedCert", 2, "Pfx", 3, "Pkcs12", 3, "SerializedStore", 4, "Pkcs7", 5, "Authenticode", 6)...),
		types.T("enum "+x509NS+"X509NameType", constants(x509NS+"X509NameType",
			"SimpleName", 0, "EmailName", 1, "UpnName", 2, "DnsName", 3, "DnsFromAlternativeName", 4, "UrlName", 5)...),
		types.T("enum "+x509NS+"X509KeyStorageFlags", constants(x509NS+"X509KeyStorageFlags",
			"DefaultKeySet", 0, "UserKeySet", 1, "MachineKeySet", 2, "Exportable", 4, "UserProtected", 8, "PersistKeySet", 16, "EphemeralKeySet", 32)...),
		types.T("class "+x509NS+"X509Certificate : System.IDisposable", append(base, importMembers...)...),
		types.T("class "+x509NS+"X509Certificate2 : "+x509NS+"X509Certificate, System.IDisposable", append(derived, importMembers...)...),
	}
}

// importRefused are the Import methods, which .NET no longer has on any platform.
func importRefused() []types.MemberDecl {
	refuse := types.Raw(func(*types.Thread, types.Value, []types.Value) types.Value {
		types.Throw(platformNotSupported(), "X509Certificate is immutable on this platform. Use the equivalent constructor instead.")
		return types.Value{}
	})
	flags := ", string password, " + x509NS + "X509KeyStorageFlags keyStorageFlags)"
	return []types.MemberDecl{
		types.M("void Import(byte[] rawData)", refuse), types.M("void Import(byte[] rawData"+flags, refuse),
		types.M("void Import(string fileName)", refuse), types.M("void Import(string fileName"+flags, refuse),
	}
}

// certificateBaseMembers are those of X509Certificate.
func certificateBaseMembers() []types.MemberDecl {
	export := types.Raw(exportCertificate)
	return []types.MemberDecl{
		types.M("string Subject { get; }", onceText(func(c *Certificate) *atomic.Pointer[types.String] { return &c.subject }, (*cert.Certificate).SubjectName)),
		types.M("string Issuer { get; }", onceText(func(c *Certificate) *atomic.Pointer[types.String] { return &c.issuer }, (*cert.Certificate).IssuerName)),
		types.M("string GetName()", leafText(func(c *cert.Certificate) string { return c.Subject.Decode(dn.None) })),
		types.M("string GetIssuerName()", leafText(func(c *cert.Certificate) string { return c.Issuer.Decode(dn.None) })),
		types.M("string GetFormat()", types.I0(func(*Certificate) *types.String { return types.NewString("X509") })),
		types.M("string GetCertHashString()", leafText((*cert.Certificate).Thumbprint)),
		types.M("byte[] GetCertHash()", leafBytes(func(c *cert.Certificate) []byte { return c.SHA1[:] })),
		types.M("byte[] GetCertHash("+cryptoNS+"HashAlgorithmName hashAlgorithm)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			return types.Ref(&types.Bytes{B: certificateHash(t, this, a[0])})
		})),
		types.M("string GetCertHashString("+cryptoNS+"HashAlgorithmName hashAlgorithm)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			return types.Ref(types.NewString(upperHex(certificateHash(t, this, a[0]))))
		})),
		types.M("byte[] GetRawCertData()", leafBytes(func(c *cert.Certificate) []byte { return c.Raw })),
		types.M("string GetRawCertDataString()", leafText(func(c *cert.Certificate) string { return upperHex(c.Raw) })),
		types.M("byte[] GetSerialNumber()", leafBytes((*cert.Certificate).SerialNumberBytes)),
		types.M("string GetSerialNumberString()", leafText((*cert.Certificate).SerialNumber)),
		types.M("byte[] GetPublicKey()", leafBytes(func(c *cert.Certificate) []byte { return c.KeyBits })),
		types.M("string GetPublicKeyString()", leafText((*cert.Certificate).PublicKeyString)),
		types.M("string GetKeyAlgorithm()", leafText(func(c *cert.Certificate) string { return c.PublicKeyOID().Value })),
		types.M("byte[] GetKeyAlgorithmParameters()", leafBytes(func(c *cert.Certificate) []byte { return c.KeyParams })),
		types.M("string GetKeyAlgorithmParametersString()", leafText(func(c *cert.Certificate) string { return upperHex(c.KeyParams) })),
		types.M("string GetEffectiveDateString()", leafText(func(c *cert.Certificate) string { return orThrow(c.EffectiveDateString()) })),
		types.M("string GetExpirationDateString()", leafText(func(c *cert.Certificate) string { return orThrow(c.ExpirationDateString()) })),
		types.M("byte[] Export("+x509NS+"X509ContentType contentType)", export),
		types.M("byte[] Export("+x509NS+"X509ContentType contentType, string password)", export),
		types.M("bool Equals(object obj)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			return types.Bool(receiverCertificate(this).EqualTo(t, a[0].Ref))
		})),
		types.M("bool Equals("+x509NS+"X509Certificate other)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			return types.Bool(receiverCertificate(this).EqualTo(t, a[0].Ref))
		})),
		types.M("int GetHashCode()", types.I0(func(c *Certificate) int32 { return c.HashCode(nil) })),
		types.M("string ToString()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Ref(receiverCertificate(this).ToStr(t))
		})),
		types.M("string ToString(bool fVerbose)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			c := receiverCertificate(this)
			if !a[0].Bool() || c.Leaf == nil {
				return types.Ref(types.NewString(c.ClrType().FullName()))
			}
			return types.Ref(c.text(t, false))
		})),
	}
}

// exportCertificate is Export: the certificate alone. Private keys stay where they are.
func exportCertificate(t *types.Thread, this types.Value, a []types.Value) types.Value {
	c := receiverCertificate(this)
	leaf := c.leaf()
	switch a[0].Int32() {
	case 1:
		t.Alloc(int64(len(leaf.Raw)))
		return types.Ref(&types.Bytes{B: append([]byte{}, leaf.Raw...)})
	case 3:
		types.Throw(types.CryptographicException, "The requested operation is not supported.")
	case 2:
		types.Throw(platformNotSupported(), "The requested operation is not supported on this platform.")
	}
	types.Throw(types.CryptographicException, "Invalid content type.")
	return types.Null
}

// certificateHash is GetCertHash with a hash function's name.
func certificateHash(t *types.Thread, this, name types.Value) []byte {
	leaf := receiverCertificate(this).leaf()
	text := goString(hashNameOf(name).name)
	if text == "" {
		types.ThrowArgument(types.ArgumentException, "The hash algorithm name cannot be null or empty.", "hashAlgorithm")
	}
	k := hashKindOf(text)
	if k == nil {
		types.Throw(types.CryptographicException, "'"+text+"' is not a known hash algorithm.")
	}
	h := k.make()
	t.Step(int64(len(leaf.Raw) / 64))
	h.Write(leaf.Raw)
	return h.Sum(nil)
}
