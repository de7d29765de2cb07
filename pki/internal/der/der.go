// Package der reads ASN.1 DER element by element, as leniently as OpenSSL does
// (lengths need not be minimal) and no further. It knows no schema and copies
// nothing: what it returns are slices of the input.
package der

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Leading octets of the elements that X.509 and PKCS#12 are made of (X.690 section 8.1.2).
const (
	Boolean         = 0x01
	Integer         = 0x02
	BitString       = 0x03
	OctetString     = 0x04
	Null            = 0x05
	OID             = 0x06
	Enumerated      = 0x0a
	UTF8String      = 0x0c
	NumericString   = 0x12
	PrintableString = 0x13
	T61String       = 0x14
	IA5String       = 0x16
	UTCTime         = 0x17
	GeneralizedTime = 0x18
	VisibleString   = 0x1a
	UniversalString = 0x1c
	BMPString       = 0x1e
	Sequence        = 0x30
	Set             = 0x31
	// Context is the first primitive context-specific octet: [0] is Context, [1] Context+1.
	Context = 0x80
	// ContextConstructed is the same for constructed elements.
	ContextConstructed = 0xa0
)

// ErrIndefinite is an element of indefinite length, which is BER but not DER.
var ErrIndefinite = errors.New("indefinite length")

// ErrTruncated is an element that is longer than what holds it.
var ErrTruncated = errors.New("truncated element")

// Element is one tag, length and value.
type Element struct {
	// ID is the leading octet: class, the constructed bit and, below 31, the tag number.
	ID byte
	// Number is the tag number.
	Number int
	// Content is the value's octets, Full the whole element.
	Content, Full []byte
}

// Constructed reports whether the element is made of elements.
func (e Element) Constructed() bool { return e.ID&0x20 != 0 }

// Universal reports whether the tag is of the universal class.
func (e Element) Universal() bool { return e.ID&0xc0 == 0 }

// Children are the elements inside e.
func (e Element) Children() ([]Element, error) { return All(e.Content) }

// Reader walks over consecutive elements.
type Reader struct {
	rest []byte
}

// NewReader reads the elements that data is made of.
func NewReader(data []byte) *Reader { return &Reader{data} }

// Empty reports whether everything was read.
func (r *Reader) Empty() bool { return len(r.rest) == 0 }

// Rest is what was not read yet.
func (r *Reader) Rest() []byte { return r.rest }

// Is reports whether the next element has the leading octet id.
func (r *Reader) Is(id byte) bool { return len(r.rest) > 0 && r.rest[0] == id }

// Next reads an element of any kind.
func (r *Reader) Next() (Element, error) {
	e, rest, err := parse(r.rest)
	if err == nil {
		r.rest = rest
	}
	return e, err
}

// Read reads an element that must have the leading octet id; what names it in the error.
func (r *Reader) Read(id byte, what string) (Element, error) {
	e, err := r.Next()
	if err != nil {
		return e, fmt.Errorf("%s: %w", what, err)
	}
	if e.ID != id {
		return e, fmt.Errorf("%s: unexpected tag 0x%02x, want 0x%02x", what, e.ID, id)
	}
	return e, nil
}

// Optional reads the next element if it has the leading octet id.
func (r *Reader) Optional(id byte, what string) (Element, bool, error) {
	if !r.Is(id) {
		return Element{}, false, nil
	}
	e, err := r.Read(id, what)
	return e, err == nil, err
}

// End fails if something is left; what names the thing that should have ended.
func (r *Reader) End(what string) error {
	if len(r.rest) > 0 {
		return fmt.Errorf("%s: %d trailing bytes", what, len(r.rest))
	}
	return nil
}

// One reads data as exactly one element with the leading octet id.
func One(data []byte, id byte, what string) (Element, error) {
	r := NewReader(data)
	e, err := r.Read(id, what)
	if err != nil {
		return e, err
	}
	return e, r.End(what)
}

// All reads data as a series of elements.
func All(data []byte) ([]Element, error) {
	var list []Element
	for r := NewReader(data); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func parse(data []byte) (e Element, rest []byte, err error) {
	if len(data) < 2 {
		return e, nil, ErrTruncated
	}
	e.ID, e.Number = data[0], int(data[0]&0x1f)
	pos := 1
	if e.Number == 0x1f {
		if e.Number, pos, err = highTag(data); err != nil {
			return e, nil, err
		}
	}
	length, pos, err := parseLength(data, pos)
	if err != nil {
		return e, nil, err
	}
	if length > len(data)-pos {
		return e, nil, ErrTruncated
	}
	e.Content, e.Full = data[pos:pos+length:pos+length], data[:pos+length:pos+length]
	return e, data[pos+length:], nil
}

// highTag reads a tag number of 31 or more, which follows the leading octet in base 128.
func highTag(data []byte) (number, pos int, err error) {
	for pos = 1; pos < len(data); pos++ {
		if number > 1<<23 {
			return 0, 0, errors.New("tag number is too large")
		}
		number = number<<7 | int(data[pos]&0x7f)
		if data[pos]&0x80 == 0 {
			return number, pos + 1, nil
		}
	}
	return 0, 0, ErrTruncated
}

// parseLength reads the length octets at pos; leading zeros are taken, as OpenSSL takes them.
func parseLength(data []byte, pos int) (length, next int, err error) {
	if pos >= len(data) {
		return 0, 0, ErrTruncated
	}
	first := data[pos]
	pos++
	if first < 0x80 {
		return int(first), pos, nil
	}
	if first == 0x80 {
		return 0, 0, ErrIndefinite
	}
	for n := int(first & 0x7f); n > 0; n-- {
		if pos >= len(data) {
			return 0, 0, ErrTruncated
		}
		if length > 1<<22 {
			return 0, 0, errors.New("length is too large")
		}
		length = length<<8 | int(data[pos])
		pos++
	}
	return length, pos, nil
}

// OIDText is the dotted form of an OBJECT IDENTIFIER's content, whatever the size of its arcs.
func OIDText(content []byte) (string, error) {
	arcs, ok, err := smallArcs(content, make([]uint64, 0, 24))
	if err != nil {
		return "", err
	}
	if !ok {
		return bigOIDText(content), nil
	}
	text := make([]byte, 0, 40)
	for i, a := range arcs {
		if i > 0 {
			text = append(text, '.')
		}
		text = strconv.AppendUint(text, a, 10)
	}
	return string(text), nil
}

// maxOIDBytes bounds an identifier, whose big arcs cost quadratic time to print.
const maxOIDBytes = 1024

// smallArcs appends the arcs of an identifier to arcs; ok is false if one does not fit into 63 bits.
func smallArcs(content []byte, arcs []uint64) (list []uint64, ok bool, err error) {
	if len(content) == 0 || len(content) > maxOIDBytes || content[len(content)-1]&0x80 != 0 {
		return nil, false, errors.New("malformed object identifier")
	}
	arc, start, ok := uint64(0), true, true
	for _, c := range content {
		if start && c == 0x80 {
			return nil, false, errors.New("malformed object identifier")
		}
		ok = ok && arc < 1<<56
		arc = arc<<7 | uint64(c&0x7f)
		if start = c&0x80 == 0; !start {
			continue
		}
		if len(arcs) == 0 {
			root := min(arc/40, 2)
			arcs, arc = append(arcs, root), arc-40*root
		}
		arcs, arc = append(arcs, arc), 0
	}
	return arcs, ok, nil
}

// bigOIDText is OIDText for a sound identifier with arcs of any size.
func bigOIDText(content []byte) string {
	var b strings.Builder
	arc := new(big.Int)
	for _, c := range content {
		arc.Or(arc.Lsh(arc, 7), big.NewInt(int64(c&0x7f)))
		if c&0x80 != 0 {
			continue
		}
		if b.Len() == 0 {
			root := int64(2)
			if arc.IsInt64() && arc.Int64() < 80 {
				root = arc.Int64() / 40
			}
			b.WriteString(strconv.FormatInt(root, 10))
			arc.Sub(arc, big.NewInt(40*root))
		}
		b.WriteByte('.')
		b.WriteString(arc.String())
		arc = new(big.Int)
	}
	return b.String()
}

// ObjectIdentifier is an OBJECT IDENTIFIER's content in encoding/asn1's form. If an arc does not
// fit into an int, the last arc is -1, so that the identifier equals no known one.
func ObjectIdentifier(content []byte) (asn1.ObjectIdentifier, error) {
	arcs, ok, err := smallArcs(content, make([]uint64, 0, 24))
	if err != nil {
		return nil, err
	}
	id := make(asn1.ObjectIdentifier, len(arcs))
	for i, a := range arcs {
		id[i] = int(a)
	}
	if !ok {
		id[len(id)-1] = -1
	}
	return id, nil
}

// Bits is the content of a BIT STRING, its unused bits set to zero as OpenSSL does.
func Bits(content []byte) (bits []byte, unused int, err error) {
	if len(content) == 0 || content[0] > 7 || (len(content) == 1 && content[0] != 0) {
		return nil, 0, errors.New("malformed bit string")
	}
	bits, unused = content[1:], int(content[0])
	if unused > 0 && bits[len(bits)-1]&(1<<unused-1) != 0 {
		bits = append([]byte(nil), bits...)
		bits[len(bits)-1] &^= 1<<unused - 1
	}
	return bits, unused, nil
}

// IsAny reports whether e is in a form that OpenSSL takes where anything may stand (ANY): of the universal types that it
// knows, it reads the content.
func IsAny(e Element) bool {
	switch e.ID {
	case Null:
		return len(e.Content) == 0
	case Boolean:
		return len(e.Content) == 1
	case Integer, Enumerated:
		return CheckInt(e.Content) == nil
	case OID:
		_, err := OIDText(e.Content)
		return err == nil
	case BitString:
		_, _, err := Bits(e.Content)
		return err == nil
	case BMPString:
		return len(e.Content)%2 == 0
	case UniversalString:
		return len(e.Content)%4 == 0
	}
	return true
}

// CheckInt refuses the content of an INTEGER that is empty or longer than it need be, as OpenSSL does.
func CheckInt(content []byte) error {
	if len(content) == 0 {
		return errors.New("empty integer")
	}
	if len(content) > 1 && (content[0] == 0 && content[1] < 0x80 || content[0] == 0xff && content[1] >= 0x80) {
		return errors.New("integer has needless leading octets")
	}
	return nil
}

// Int is the content of an INTEGER.
func Int(content []byte) (*big.Int, error) {
	if err := CheckInt(content); err != nil {
		return nil, err
	}
	n := new(big.Int).SetBytes(content)
	if content[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(content))*8))
	}
	return n, nil
}

// Minimal reports whether the element's length is in the shortest form, as DER demands.
func (e Element) Minimal() bool {
	header, size := len(e.Full)-len(e.Content), 2
	for n := e.Number; e.ID&0x1f == 0x1f && n > 0; n >>= 7 {
		size++
	}
	if len(e.Content) >= 0x80 {
		for n := len(e.Content); n > 0; n >>= 8 {
			size++
		}
	}
	return header == size
}
