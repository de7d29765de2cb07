package clr

import (
	"encoding/asn1"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
)

// extension is an X509Extension.
type extension struct {
	id       *oid
	critical bool
	raw      []byte
	// of is the certificate it stands in; nil if a program made it.
	of *cert.Certificate
	x  cert.Extension
}

// extensionClasses are the classes that .NET makes of extensions it knows, by their identifiers.
var extensionClasses = map[string]func() *types.Type{
	cert.OIDBasicConstraints: lateType(x509NS + "X509BasicConstraintsExtension"),
	cert.OIDKeyUsage:         lateType(x509NS + "X509KeyUsageExtension"),
	cert.OIDExtKeyUsage:      lateType(x509NS + "X509EnhancedKeyUsageExtension"),
	cert.OIDSubjectKeyID:     lateType(x509NS + "X509SubjectKeyIdentifierExtension"),
	cert.OIDSubjectAltName:   lateType(x509NS + "X509SubjectAlternativeNameExtension"),

	cert.OIDAuthorityInfoAccess: lateType(x509NS + "X509AuthorityInformationAccessExtension"),
	cert.OIDAuthorityKeyID:      lateType(x509NS + "X509AuthorityKeyIdentifierExtension"),
}

var extensionType = lateType(x509NS + "X509Extension")

func (e *extension) ClrType() *types.Type {
	if e.of != nil && e.id.value != nil {
		if class := extensionClasses[e.id.value.Go()]; class != nil {
			return class()
		}
	}
	return extensionType()
}

func (e *extension) asn() (*oid, []byte) { return e.id, e.raw }

func (e *extension) format(multiLine bool) string {
	if e.of != nil {
		return e.x.Format(multiLine)
	}
	return formatEncoded(e.id, e.raw, multiLine)
}

// extensionOf makes an extension of package cert; ok is false where the identifier is not one.
func extensionOf(id string, critical bool, raw []byte) (x cert.Extension, ok bool) {
	var arcs asn1.ObjectIdentifier
	for _, s := range strings.Split(id, ".") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return x, false
		}
		arcs = append(arcs, n)
	}
	return cert.Extension{ID: arcs, Critical: critical, Value: raw}, len(arcs) > 1
}

// extensionList is an X509ExtensionCollection.
type extensionList struct{ list []*extension }

var extensionListType = lateType(x509NS + "X509ExtensionCollection")

func (l *extensionList) ClrType() *types.Type     { return extensionListType() }
func (l *extensionList) ElementType() *types.Type { return extensionType() }
func (l *extensionList) Count(*types.Thread) int  { return len(l.list) }

func (l *extensionList) Enumerate(*types.Thread) types.Enumerator {
	out := make([]types.Value, len(l.list))
	for i, e := range l.list {
		out[i] = types.Ref(e)
	}
	return newItems(out)
}

func (l *extensionList) find(id string) *extension {
	for _, e := range l.list {
		if goString(e.id.value) == id {
			return e
		}
	}
	return nil
}

// extensionsOf are the extensions of a certificate.
func extensionsOf(c *cert.Certificate) *extensionList {
	l := &extensionList{}
	for _, x := range c.Extensions {
		id := cert.NewOID(x.OID())
		if id.FriendlyName == "" {
			id.FriendlyName = x.FriendlyName()
		}
		l.list = append(l.list, &extension{newOID(id), x.Critical, x.Value, c, x})
	}
	return l
}

func newExtension(id *oid, raw *types.Bytes, critical bool) *extension {
	switch {
	case raw == nil:
		types.ThrowNull("rawData")
	case id == nil:
		types.ThrowNull("oid")
	case goString(id.value) == "":
		types.ThrowArgument(types.ArgumentException, "The value cannot be an empty string.", "oid.Value")
	}
	return &extension{id: id, critical: critical, raw: append([]byte{}, raw.B...)}
}

func extensionDecls() []*types.Decl {
	const class = x509NS + "X509Extension"
	return append([]*types.Decl{
		types.T("class "+class+" : "+cryptoNS+"AsnEncodedData",
			types.M("new("+cryptoNS+"Oid oid, byte[] rawData, bool critical)", types.S3(newExtension)),
			types.M("new(string oid, byte[] rawData, bool critical)", types.S3(func(s *types.String, raw *types.Bytes, critical bool) *extension {
				return newExtension(oidOf(s), raw, critical)
			})),
			types.M("new("+cryptoNS+"AsnEncodedData encodedExtension, bool critical)", types.S2(func(d encoded, critical bool) *extension {
				if d == nil {
					types.ThrowNull("encodedExtension")
				}
				id, raw := d.asn()
				return newExtension(id, &types.Bytes{B: raw}, critical)
			})),
			types.M("bool Critical { get; set; }", types.I0(func(e *extension) bool { return e.critical }).WithSet(func(_ *types.Thread, this types.Value, a []types.Value) {
				e, ok := this.Ref.(*extension)
				if !ok {
					types.ThrowNullReference()
				}
				e.critical = a[0].Bool()
			})),
			types.M("void CopyFrom("+cryptoNS+"AsnEncodedData asnEncodedData)", types.I1(func(e *extension, d encoded) struct{} {
				if d == nil {
					types.ThrowNull("asnEncodedData")
				}
				from, ok := d.(*extension)
				if !ok {
					types.ThrowArgument(types.ArgumentException, "The parameter should be an X509Extension.", "asnEncodedData")
				}
				*e = *from
				return struct{}{}
			}))),
		types.T("sealed class "+x509NS+"X509ExtensionCollection : System.Collections.ICollection, System.Collections.IEnumerable, System.Collections.Generic.IEnumerable<"+class+">",
			types.M("new()", types.S0(func() *extensionList { return &extensionList{} })),
			types.M("int Count { get; }", types.I0(func(l *extensionList) int32 { return int32(len(l.list)) })),
			types.M(class+" this[int index] { get; }", types.I1(func(l *extensionList, i int32) *extension {
				if uint(i) >= uint(len(l.list)) {
					throwIndex()
				}
				return l.list[i]
			})),
			types.M(class+" this[string oid] { get; }", types.I1(func(l *extensionList, id *types.String) *extension {
				text := goString(id)
				if byName := oidByName(text); byName != "" {
					text = byName
				}
				return l.find(text)
			})),
			types.M("int Add("+class+" extension)", types.I1(func(l *extensionList, e *extension) int32 {
				if e == nil {
					types.ThrowNull("extension")
				}
				l.list = append(l.list, e)
				return int32(len(l.list) - 1)
			})),
			types.M("bool IsSynchronized { get; }", types.I0(func(*extensionList) bool { return false })),
			types.M("object SyncRoot { get; }", types.I0(func(l *extensionList) any { return l })),
			types.M("void CopyTo("+class+"[] array, int index)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
				copyInto(t, drain(t, receiverObject(this), extensionType()), a[0], int(a[1].Int32()), "array", "index")
				return types.Value{}
			})),
			types.M("System.Collections.Generic.IEnumerator<"+class+"> GetEnumerator()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
				return newEnumeratorObject(t, receiverObject(this), extensionType())
			}))),
	}, knownExtensionDecls()...)
}

// inCertificate reads a property of an extension that stands in a certificate.
func inCertificate[R any](fn func(e *extension) (R, error)) types.Impl {
	return types.I0(func(e *extension) R {
		r, err := fn(e)
		if err != nil {
			types.Throw(types.CryptographicException, "ASN1 corrupted data.")
		}
		return r
	})
}

// knownExtensionDecls are the classes of extensions whose content .NET reads.
func knownExtensionDecls() []*types.Decl {
	const base = " : " + x509NS + "X509Extension"
	const flags = x509NS + "X509KeyUsageFlags"
	constraints := func(e *extension) (cert.BasicConstraints, error) {
		v, _, err := e.of.BasicConstraints()
		return v, err
	}
	return []*types.Decl{
		types.T("sealed class "+x509NS+"X509BasicConstraintsExtension"+base,
			types.M("bool CertificateAuthority { get; }", inCertificate(func(e *extension) (bool, error) {
				v, err := constraints(e)
				return v.CA, err
			})),
			types.M("bool HasPathLengthConstraint { get; }", inCertificate(func(e *extension) (bool, error) {
				v, err := constraints(e)
				return v.PathLen >= 0, err
			})),
			types.M("int PathLengthConstraint { get; }", inCertificate(func(e *extension) (int32, error) {
				v, err := constraints(e)
				return int32(max(v.PathLen, 0)), err
			}))),
		types.T("enum "+flags, constants(flags, "None", 0, "EncipherOnly", 1, "CrlSign", 2, "KeyCertSign", 4, "KeyAgreement", 8, "DataEncipherment", 16,
			"KeyEncipherment", 32, "NonRepudiation", 64, "DigitalSignature", 128, "DecipherOnly", 32768)...),
		types.T("sealed class "+x509NS+"X509KeyUsageExtension"+base, types.M(flags+" KeyUsages { get; }", inCertificate(keyUsages))),
		types.T("sealed class "+x509NS+"X509EnhancedKeyUsageExtension"+base, types.M("System.Collections.Generic.IEnumerable<"+cryptoNS+"Oid> EnhancedKeyUsages { get; }",
			inCertificate(func(e *extension) (*sequence, error) {
				ids, _, err := e.of.ExtKeyUsage()
				var list []types.Value
				for _, id := range ids {
					list = append(list, types.Ref(newOID(cert.NewOID(id))))
				}
				return sequenceOf(oidType(), list), err
			}))),
		types.T("sealed class "+x509NS+"X509SubjectKeyIdentifierExtension"+base, types.M("string SubjectKeyIdentifier { get; }", inCertificate(func(e *extension) (*types.String, error) {
			id, _, err := e.of.SubjectKeyID()
			return types.NewString(upperHex(id)), err
		}))),
		types.T("sealed class "+x509NS+"X509SubjectAlternativeNameExtension"+base, types.M("System.Collections.Generic.IEnumerable<string> EnumerateDnsNames()",
			inCertificate(func(e *extension) (*sequence, error) {
				names, _, err := e.of.SubjectAltNames()
				var list []string
				for _, n := range names {
					if n.Kind == cert.DNSName {
						list = append(list, n.Text())
					}
				}
				return textSequence(list), err
			}))),
		types.T("sealed class "+x509NS+"X509AuthorityInformationAccessExtension"+base,
			types.M("System.Collections.Generic.IEnumerable<string> EnumerateCAIssuersUris()", inCertificate(func(e *extension) (*sequence, error) {
				return textSequence(e.of.CAIssuerURLs()), nil
			})),
			types.M("System.Collections.Generic.IEnumerable<string> EnumerateOcspUris()", inCertificate(func(e *extension) (*sequence, error) {
				return textSequence(e.of.OCSPURLs()), nil
			}))),
		types.T("sealed class " + x509NS + "X509AuthorityKeyIdentifierExtension" + base),
	}
}

func textSequence(list []string) *sequence {
	out := make([]types.Value, len(list))
	for i, s := range list {
		out[i] = types.Ref(types.NewString(s))
	}
	return sequenceOf(types.StringType, out)
}

// keyUsages are the bits as X509KeyUsageFlags numbers them: each octet from its highest bit down.
func keyUsages(e *extension) (int32, error) {
	u, _, err := e.of.KeyUsage()
	out := int32(0)
	for bit := 0; bit < 9; bit++ {
		if u&(1<<bit) != 0 {
			out |= 1 << (bit/8*8 + 7 - bit%8)
		}
	}
	return out, err
}
