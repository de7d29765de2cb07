package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
)

// oid is an Oid object; value or name may be nil (null).
type oid struct{ value, name *types.String }

var oidType = lateType(cryptoNS + "Oid")

func (o *oid) ClrType() *types.Type { return oidType() }

// newOID is the Oid of an identifier that package cert knows; a name that .NET has none for is null.
func newOID(o cert.OID) *oid {
	out := &oid{value: types.NewString(o.Value)}
	if o.FriendlyName != "" {
		out.name = types.NewString(o.FriendlyName)
	}
	return out
}

// knownOIDs are the identifiers that can be asked for by name: names and attributes, keys, signatures, hash functions, extensions and usages.
var knownOIDs = strings.Fields(`2.5.4.3 2.5.4.5 2.5.4.6 2.5.4.7 2.5.4.8 2.5.4.10 2.5.4.11 1.2.840.113549.1.9.1
1.2.840.113549.1.1.1 1.2.840.113549.1.1.4 1.2.840.113549.1.1.5 1.2.840.113549.1.1.7 1.2.840.113549.1.1.8 1.2.840.113549.1.1.10
1.2.840.113549.1.1.11 1.2.840.113549.1.1.12 1.2.840.113549.1.1.13 1.2.840.10040.4.1 1.2.840.10040.4.3 1.2.840.10045.2.1
1.2.840.10045.4.1 1.2.840.10045.4.3.2 1.2.840.10045.4.3.3 1.2.840.10045.4.3.4 1.2.840.10045.3.1.7 1.3.132.0.34 1.3.132.0.35
1.2.840.113549.2.5 1.3.14.3.2.26 2.16.840.1.101.3.4.2.1 2.16.840.1.101.3.4.2.2 2.16.840.1.101.3.4.2.3
2.16.840.1.101.3.4.1.2 2.16.840.1.101.3.4.1.22 2.16.840.1.101.3.4.1.42 1.2.840.113549.3.7 1.3.14.3.2.7 1.2.840.113549.3.2
2.5.29.14 2.5.29.15 2.5.29.17 2.5.29.18 2.5.29.19 2.5.29.30 2.5.29.31 2.5.29.32 2.5.29.35 2.5.29.37 1.3.6.1.5.5.7.1.1
1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2 1.3.6.1.5.5.7.3.3 1.3.6.1.5.5.7.3.4 1.3.6.1.5.5.7.3.8 1.3.6.1.5.5.7.3.9`)

// oidByName finds an identifier by its friendly name, without case; empty if there is none.
func oidByName(name string) string {
	for _, id := range knownOIDs {
		if strings.EqualFold(cert.NewOID(id).FriendlyName, name) && name != "" {
			return id
		}
	}
	return ""
}

// oidOf is new Oid(text): an identifier, or the name of one.
func oidOf(text *types.String) *oid {
	if text == nil {
		return &oid{}
	}
	id := oidByName(text.Go())
	if id == "" {
		id = text.Go()
	}
	return newOID(cert.NewOID(id))
}

func oidDecls() []*types.Decl {
	fixed := func(set func(o *oid, s *types.String) bool) func(t *types.Thread, this types.Value, a []types.Value) {
		return func(_ *types.Thread, this types.Value, a []types.Value) {
			o, ok := this.Ref.(*oid)
			if !ok {
				types.ThrowNullReference()
			}
			if !set(o, a[0].Str()) {
				types.Throw(platformNotSupported(), "The Oid value is immutable once it has been set.")
			}
		}
	}
	group := cryptoNS + "OidGroup group"
	return []*types.Decl{
		hidden("enum "+cryptoNS+"OidGroup", constants(cryptoNS+"OidGroup", "All", 0, "HashAlgorithm", 1, "EncryptionAlgorithm", 2, "PublicKeyAlgorithm", 3,
			"SignatureAlgorithm", 4, "Attribute", 5, "ExtensionOrAttribute", 6, "EnhancedKeyUsage", 7, "Policy", 8, "Template", 9, "KeyDerivationFunction", 10)...),
		types.T("sealed class "+cryptoNS+"Oid",
			types.M("new()", types.S0(func() *oid { return &oid{} })),
			types.M("new(string oid)", types.S1(oidOf)),
			types.M("new(string value, string friendlyName)", types.S2(func(v, n *types.String) *oid { return &oid{v, n} })),
			types.M("new("+cryptoNS+"Oid oid)", types.S1(func(o *oid) *oid {
				if o == nil {
					types.ThrowNull("oid")
				}
				return &oid{o.value, o.name}
			})),
			types.M("string Value { get; set; }", types.I0(func(o *oid) *types.String { return o.value }).WithSet(fixed(func(o *oid, s *types.String) bool {
				if o.value != nil && (s == nil || s.Go() != o.value.Go()) {
					return false
				}
				o.value = s
				return true
			}))),
			types.M("string FriendlyName { get; set; }", types.I0(func(o *oid) *types.String { return o.friendly() }).WithSet(fixed(func(o *oid, s *types.String) bool {
				if o.name != nil && (s == nil || s.Go() != o.name.Go()) {
					return false
				}
				o.name = s
				if id := oidByName(goString(s)); o.value == nil && id != "" {
					o.value = types.NewString(id)
				}
				return true
			}))),
			types.M("static "+cryptoNS+"Oid FromFriendlyName(string friendlyName, "+group+")", types.S2(func(name *types.String, _ int32) *oid {
				if name == nil {
					types.ThrowNull("friendlyName")
				}
				id := oidByName(name.Go())
				if id == "" {
					types.Throw(types.CryptographicException, "No OID value matches this name.")
				}
				return &oid{types.NewString(id), name}
			})),
			types.M("static "+cryptoNS+"Oid FromOidValue(string oidValue, "+group+")", types.S2(func(value *types.String, _ int32) *oid {
				if value == nil {
					types.ThrowNull("oidValue")
				}
				o := newOID(cert.NewOID(value.Go()))
				if o.name == nil {
					types.Throw(types.CryptographicException, "The OID value is invalid.")
				}
				return o
			}))),
	}
}

// friendly is FriendlyName, looked up where only the value is known.
func (o *oid) friendly() *types.String {
	if o.name == nil && o.value != nil {
		if n := cert.NewOID(o.value.Go()).FriendlyName; n != "" {
			o.name = types.NewString(n)
		}
	}
	return o.name
}

// encoded is an object that is AsnEncodedData: an identifier and the bytes it names.
type encoded interface {
	types.Object
	asn() (o *oid, raw []byte)
	format(multiLine bool) string
}

// asnData is AsnEncodedData itself.
type asnData struct {
	id  *oid
	raw []byte
}

var asnDataType = lateType(cryptoNS + "AsnEncodedData")

func (d *asnData) ClrType() *types.Type { return asnDataType() }
func (d *asnData) asn() (*oid, []byte)  { return d.id, d.raw }

// format is hex: what .NET writes of data that it has no words for.
func (d *asnData) format(multiLine bool) string { return formatEncoded(d.id, d.raw, multiLine) }

// formatEncoded writes the value of an extension by its identifier, or hex.
func formatEncoded(id *oid, raw []byte, _ bool) string {
	if id != nil && id.value != nil {
		if x, ok := extensionOf(id.value.Go(), false, raw); ok {
			return x.Format(false)
		}
	}
	return spacedHex(raw)
}

func spacedHex(raw []byte) string {
	s := upperHex(raw)
	var b strings.Builder
	for i := 0; i+1 < len(s); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i : i+2])
	}
	return b.String()
}

func asnDecls() []*types.Decl {
	made := func(id *oid, raw *types.Bytes) *asnData {
		if raw == nil {
			types.ThrowNull("rawData")
		}
		return &asnData{id, append([]byte{}, raw.B...)}
	}
	return []*types.Decl{types.T("class "+cryptoNS+"AsnEncodedData",
		types.M("new(byte[] rawData)", types.S1(func(b *types.Bytes) *asnData { return made(nil, b) })),
		types.M("new("+cryptoNS+"Oid oid, byte[] rawData)", types.S2(made)),
		types.M("new(string oid, byte[] rawData)", types.S2(func(s *types.String, b *types.Bytes) *asnData { return made(oidOf(s), b) })),
		types.M("new("+cryptoNS+"AsnEncodedData asnEncodedData)", types.S1(func(d encoded) *asnData {
			if d == nil {
				types.ThrowNull("asnEncodedData")
			}
			id, raw := d.asn()
			return &asnData{id, raw}
		})),
		types.M(cryptoNS+"Oid Oid { get; }", types.I0(func(d encoded) *oid {
			id, _ := d.asn()
			return id
		})),
		types.M("byte[] RawData { get; }", types.I0(func(d encoded) *types.Bytes {
			_, raw := d.asn()
			return &types.Bytes{B: append([]byte{}, raw...)}
		})),
		types.M("string Format(bool multiLine)", types.I1(func(d encoded, multi bool) *types.String { return types.NewString(d.format(multi)) })))}
}
