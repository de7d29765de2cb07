package der

import (
	"errors"
	"fmt"
)

// maxDepth bounds how deep elements may lie within each other when BER is read.
const maxDepth = 40

// FromBER rewrites the first element of data, which may be BER, so that Reader reads it: lengths
// are definite, and an OCTET STRING in pieces is one. Bytes after the element are dropped.
// The input is returned as it is where nothing has to change.
func FromBER(data []byte) ([]byte, error) {
	if e, err := NewReader(data).Next(); err == nil && definite(e, maxDepth) {
		return e.Full, nil
	}
	out, _, err := rewrite(data, maxDepth)
	return out, err
}

// definite reports whether e and all within it have definite lengths and whole octet strings.
func definite(e Element, depth int) bool {
	if !e.Constructed() {
		return true
	}
	if depth == 0 || e.ID == OctetString|0x20 {
		return false
	}
	for r := NewReader(e.Content); !r.Empty(); {
		child, err := r.Next()
		if err != nil || !definite(child, depth-1) {
			return false
		}
	}
	return true
}

// rewrite returns the first element of data in definite form, and what follows it.
func rewrite(data []byte, depth int) (out, rest []byte, err error) {
	if depth == 0 {
		return nil, nil, errors.New("elements lie too deep")
	}
	e, err := NewReader(data).Next()
	if err == nil && !e.Constructed() {
		return e.Full, data[len(e.Full):], nil
	}
	if err != nil && !errors.Is(err, ErrIndefinite) {
		return nil, nil, err
	}
	identifier, length, err := identifierOctets(data)
	if err != nil {
		return nil, nil, err
	}
	indefinite := data[length] == 0x80
	if indefinite && data[0]&0x20 == 0 {
		return nil, nil, fmt.Errorf("primitive element: %w", ErrIndefinite)
	}
	inner, rest := data[length+1:], []byte(nil)
	if !indefinite {
		inner, rest = e.Content, data[len(e.Full):]
	}
	content, after, err := rewriteChildren(inner, identifier[0] == OctetString|0x20, indefinite, depth-1)
	if err != nil {
		return nil, nil, err
	}
	if indefinite {
		rest = after
	}
	if identifier[0] == OctetString|0x20 {
		identifier = []byte{OctetString}
	}
	return append(AppendLength(append([]byte(nil), identifier...), len(content)), content...), rest, nil
}

// identifierOctets are the tag of data's first element; length is where its length begins.
func identifierOctets(data []byte) (identifier []byte, length int, err error) {
	if len(data) < 2 {
		return nil, 0, ErrTruncated
	}
	length = 1
	if data[0]&0x1f == 0x1f {
		if _, length, err = highTag(data); err != nil {
			return nil, 0, err
		}
	}
	if length >= len(data) {
		return nil, 0, ErrTruncated
	}
	return data[:length], length, nil
}

// rewriteChildren rewrites all elements of inner, up to the end-of-contents if indefinite.
// Pieces of an octet string are joined without their headers.
func rewriteChildren(inner []byte, pieces, indefinite bool, depth int) (content, after []byte, err error) {
	for {
		switch {
		case indefinite && len(inner) >= 2 && inner[0] == 0 && inner[1] == 0:
			return content, inner[2:], nil
		case indefinite && len(inner) < 2:
			return nil, nil, ErrTruncated
		case !indefinite && len(inner) == 0:
			return content, nil, nil
		}
		child, rest, err := rewrite(inner, depth)
		if err != nil {
			return nil, nil, err
		}
		if pieces {
			e, err := One(child, OctetString, "piece of an octet string")
			if err != nil {
				return nil, nil, err
			}
			child = e.Content
		}
		content, inner = append(content, child...), rest
	}
}

// AppendLength appends length octets in DER.
func AppendLength(b []byte, n int) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	var digits []byte
	for ; n > 0; n >>= 8 {
		digits = append([]byte{byte(n)}, digits...)
	}
	return append(append(b, 0x80|byte(len(digits))), digits...)
}

// Octets is the content of an OCTET STRING, or of an implicitly tagged one in pieces.
func Octets(e Element) ([]byte, error) {
	if !e.Constructed() {
		return e.Content, nil
	}
	var content []byte
	for r := NewReader(e.Content); !r.Empty(); {
		piece, err := r.Read(OctetString, "piece of an octet string")
		if err != nil {
			return nil, fmt.Errorf("octet string: %w", err)
		}
		content = append(content, piece.Content...)
	}
	return content, nil
}
