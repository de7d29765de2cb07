package clr

import (
	"encoding/asn1"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/dn"
)

// distinguishedName is an X500DistinguishedName.
type distinguishedName struct {
	name dn.Name
	// text is its Name, once it has been asked for.
	text atomic.Pointer[types.String]
}

var distinguishedNameType = lateType(x509NS + "X500DistinguishedName")

func (d *distinguishedName) ClrType() *types.Type { return distinguishedNameType() }
func (d *distinguishedName) asn() (*oid, []byte)  { return nil, d.name.Raw }

func (d *distinguishedName) nameText() *types.String {
	if known := d.text.Load(); known != nil {
		return known
	}
	d.text.CompareAndSwap(nil, types.NewString(d.name.String()))
	return d.text.Load()
}

func (d *distinguishedName) format(multiLine bool) string {
	if multiLine {
		return d.name.Decode(dn.Reversed|dn.UseNewLines) + "\r\n"
	}
	return d.name.Decode(dn.Reversed)
}

// decodedName reads the DER of a name.
func decodedName(raw []byte) *distinguishedName {
	n, err := dn.Parse(raw)
	if err != nil {
		types.Throw(types.CryptographicException, "ASN1 corrupted data.")
	}
	return &distinguishedName{name: n}
}

// encodedName is new X500DistinguishedName(text, flags): the name that a text spells. Without the flag Reversed, the text is in the order of the encoding.
func encodedName(text *types.String, flags int32) *distinguishedName {
	if text == nil {
		types.ThrowNull("distinguishedName")
	}
	n, err := dn.ParseText(text.Go())
	if err != nil {
		types.Throw(types.CryptographicException, "The string contains an invalid X500 name attribute key, oid, value or delimiter.")
	}
	rdns := append([]dn.RDN(nil), n.RDNs...)
	if dn.Flags(flags)&dn.Reversed != 0 {
		for i, j := 0, len(rdns)-1; i < j; i, j = i+1, j-1 {
			rdns[i], rdns[j] = rdns[j], rdns[i]
		}
	}
	raw, err := encodeName(rdns)
	if err != nil {
		types.Throw(types.CryptographicException, "The string contains an invalid X500 name attribute key, oid, value or delimiter.")
	}
	return decodedName(raw)
}

// encodeName writes a Name in DER.
func encodeName(rdns []dn.RDN) ([]byte, error) {
	var sets []asn1.RawValue
	for _, rdn := range rdns {
		content, err := encodeRDN(rdn)
		if err != nil {
			return nil, err
		}
		sets = append(sets, asn1.RawValue{FullBytes: content})
	}
	if sets == nil {
		return []byte{0x30, 0}, nil
	}
	return asn1.Marshal(sets)
}

// encodeRDN writes a RelativeDistinguishedName in DER.
func encodeRDN(rdn dn.RDN) ([]byte, error) {
	var pairs []attributePair
	for _, a := range rdn {
		pair, err := encodeAttribute(a)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair)
	}
	return asn1.MarshalWithParams(pairs, "set")
}

type attributePair struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// encodeAttribute chooses the string type as .NET does: IA5String for e-mail, PrintableString where the text allows it, else UTF8String.
func encodeAttribute(a dn.Attribute) (attributePair, error) {
	var id asn1.ObjectIdentifier
	for _, s := range strings.Split(a.Type, ".") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return attributePair{}, err
		}
		id = append(id, n)
	}
	if a.Raw != nil {
		return attributePair{id, asn1.RawValue{FullBytes: a.Raw}}, nil
	}
	tag := asn1.TagUTF8String
	switch {
	case a.Type == dn.EmailAddress:
		tag = asn1.TagIA5String
	case printable(a.Value):
		tag = asn1.TagPrintableString
	}
	return attributePair{id, asn1.RawValue{Tag: tag, Bytes: a.Value}}, nil
}

func printable(text []byte) bool {
	for _, c := range text {
		if !wordByte(c) && !strings.ContainsRune(" '()+,-./:=?", rune(c)) {
			return false
		}
	}
	return true
}

func distinguishedNameDecls() []*types.Decl {
	const flags = x509NS + "X500DistinguishedNameFlags"
	return []*types.Decl{
		types.T("enum "+flags, constants(flags, "None", 0, "Reversed", 1, "UseSemicolons", 16, "DoNotUsePlusSign", 32, "DoNotUseQuotes", 64, "UseCommas", 128,
			"UseNewLines", 256, "UseUTF8Encoding", 4096, "UseT61Encoding", 8192, "ForceUTF8Encoding", 16384)...),
		types.T("sealed class "+x509NS+"X500DistinguishedName : "+cryptoNS+"AsnEncodedData",
			types.M("new(byte[] encodedDistinguishedName)", types.S1(func(b *types.Bytes) *distinguishedName {
				if b == nil {
					types.ThrowNull("rawData")
				}
				return decodedName(append([]byte{}, b.B...))
			})),
			types.M("new("+cryptoNS+"AsnEncodedData encodedDistinguishedName)", types.S1(func(d encoded) *distinguishedName {
				if d == nil {
					types.ThrowNull("asnEncodedData")
				}
				_, raw := d.asn()
				return decodedName(raw)
			})),
			types.M("new("+x509NS+"X500DistinguishedName distinguishedName)", types.S1(func(d *distinguishedName) *distinguishedName {
				if d == nil {
					types.ThrowNull("asnEncodedData")
				}
				return &distinguishedName{name: d.name}
			})),
			types.M("new(string distinguishedName)", types.S1(func(s *types.String) *distinguishedName { return encodedName(s, int32(dn.Reversed)) })),
			types.M("new(string distinguishedName, "+flags+" flag)", types.S2(encodedName)),
			types.M("System.Collections.Generic.IEnumerable<"+relativeName+"> EnumerateRelativeDistinguishedNames(bool reversed = true)", types.I1((*distinguishedName).relative)),
			types.M("string Name { get; }", types.I0((*distinguishedName).nameText)),
			types.M("string Decode("+flags+" flag)", types.I1(func(d *distinguishedName, f int32) *types.String { return types.NewString(d.name.Decode(dn.Flags(f))) })),
			types.M("string Format(bool multiLine)", types.I1(func(d *distinguishedName, multi bool) *types.String { return types.NewString(d.format(multi)) }))),
		types.T("sealed class "+relativeName+" : "+cryptoNS+"AsnEncodedData",
			types.M("bool HasMultipleElements { get; }", types.I0(func(r *relativeDN) bool { return len(r.rdn) > 1 })),
			types.M(cryptoNS+"Oid GetSingleElementType()", types.I0(func(r *relativeDN) *oid { return newOID(cert.NewOID(r.only().Type)) })),
			types.M("string GetSingleElementValue()", types.I0(func(r *relativeDN) *types.String {
				texts := dn.Name{RDNs: []dn.RDN{r.rdn}}.Values(r.only().Type)
				if len(texts) == 0 {
					return nil
				}
				return types.NewString(texts[0])
			}))),
	}
}

const relativeName = x509NS + "X500RelativeDistinguishedName"

// relativeDN is an X500RelativeDistinguishedName.
type relativeDN struct{ rdn dn.RDN }

var relativeType = lateType(relativeName)

func (r *relativeDN) ClrType() *types.Type { return relativeType() }

func (r *relativeDN) asn() (*oid, []byte) {
	raw, err := encodeRDN(r.rdn)
	if err != nil {
		types.Throw(types.CryptographicException, "ASN1 corrupted data.")
	}
	return nil, raw
}

func (r *relativeDN) format(bool) string {
	_, raw := r.asn()
	return spacedHex(raw)
}

// only is the one attribute; a relative name of several throws InvalidOperationException.
func (r *relativeDN) only() dn.Attribute {
	if len(r.rdn) != 1 {
		types.Throw(types.InvalidOperationException, "The RelativeDistinguishedName contains multiple elements.")
	}
	return r.rdn[0]
}

// relative are the relative names, the most specific first, or in the order of the encoding.
func (d *distinguishedName) relative(reversed bool) *sequence {
	list := make([]types.Value, len(d.name.RDNs))
	for i, rdn := range d.name.RDNs {
		at := i
		if reversed {
			at = len(list) - 1 - i
		}
		list[at] = types.Ref(&relativeDN{rdn})
	}
	return sequenceOf(relativeType(), list)
}
