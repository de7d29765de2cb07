package message

import (
	"iter"
	"slices"
	"strings"
)

// Field is one header field as it was sent; Name keeps its spelling.
type Field struct {
	Name, Value string
}

// Header is an ordered list of fields. Names compare without case (RFC 9110 section 5.1); a field that was
// sent several times is there several times. Look-ups walk the list and allocate nothing: messages have some
// twenty fields, for which a walk is quicker than a map. The zero value is an empty header.
//
// A Header is not safe for concurrent use, and a copy of the slice shares its fields: use Clone.
type Header []Field

// Get is the value of the first field of that name, empty if there is none; Has tells the two apart.
func (h Header) Get(name string) string {
	for i := range h {
		if sameName(h[i].Name, name) {
			return h[i].Value
		}
	}
	return ""
}

// Lookup is the value of the first field of that name and whether there is one.
func (h Header) Lookup(name string) (string, bool) {
	for i := range h {
		if sameName(h[i].Name, name) {
			return h[i].Value, true
		}
	}
	return "", false
}

// Has reports whether a field of that name is there.
func (h Header) Has(name string) bool {
	_, ok := h.Lookup(name)
	return ok
}

// Count is the number of fields of that name.
func (h Header) Count(name string) int {
	n := 0
	for i := range h {
		if sameName(h[i].Name, name) {
			n++
		}
	}
	return n
}

// Values walks the values of the fields of that name, in order.
func (h Header) Values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range h {
			if sameName(h[i].Name, name) && !yield(h[i].Value) {
				return
			}
		}
	}
}

// All walks names and values in order.
func (h Header) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range h {
			if !yield(h[i].Name, h[i].Value) {
				return
			}
		}
	}
}

// ValueList is the values of that name as a new slice, nil if there are none.
func (h Header) ValueList(name string) []string {
	return slices.Collect(h.Values(name))
}

// Add appends a field.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// Set gives the name exactly one field with that value. It stands where the first of its fields stood, with the
// new spelling of the name, or at the end.
func (h *Header) Set(name, value string) { h.SetAll(name, value) }

// SetAll gives the name exactly these values. They stand where the first of its fields stood, or at the end; no
// values delete the name.
func (h *Header) SetAll(name string, values ...string) {
	at := slices.IndexFunc(*h, func(f Field) bool { return sameName(f.Name, name) })
	if at < 0 {
		at = len(*h)
	}
	h.Del(name)
	for i, v := range values {
		*h = slices.Insert(*h, at+i, Field{name, v})
	}
}

// Del removes every field of that name and reports whether there was one.
func (h *Header) Del(name string) bool {
	before := len(*h)
	*h = slices.DeleteFunc(*h, func(f Field) bool { return sameName(f.Name, name) })
	return len(*h) != before
}

// Clone is a copy that shares nothing with h but the strings.
func (h Header) Clone() Header { return slices.Clone(h) }

// HasToken reports whether token is a member of the comma-separated lists in the fields of that name, without
// case; parameters after ";" belong to the member and do not match (RFC 9110 section 5.6.1).
func (h Header) HasToken(name, token string) bool {
	for i := range h {
		if !sameName(h[i].Name, name) {
			continue
		}
		for part := range strings.SplitSeq(h[i].Value, ",") {
			if strings.EqualFold(strings.Trim(part, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// sameName compares two field names, which are ASCII tokens, without case.
func sameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}

// hopByHop are the fields that belong to one connection (RFC 9110 section 7.6.1, RFC 9112, and what clients
// send in practice). Engines take them off what they read and off what they write.
var hopByHop = [...]string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "HTTP2-Settings",
}

// HopByHop reports whether a field of that name belongs to one connection and is never passed on.
func HopByHop(name string) bool {
	switch len(name) {
	case 2, 7, 10, 14, 16, 17:
	default:
		return false
	}
	for _, n := range hopByHop {
		if sameName(n, name) {
			return true
		}
	}
	return false
}

// ValidName reports whether name is a token (RFC 9110 section 5.6.2), so that it can be written as a field name.
func ValidName(name string) bool {
	if name == "" {
		return false
	}
	for i := range len(name) {
		if !IsToken(name[i]) {
			return false
		}
	}
	return true
}

// ValidValue reports whether value can be written as a field value: no control character but tab, no space
// at its ends (RFC 9110 section 5.5).
func ValidValue(value string) bool {
	if value == "" {
		return true
	}
	if isBlank(value[0]) || isBlank(value[len(value)-1]) {
		return false
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// IsToken reports whether c may stand in a token (tchar of RFC 9110 section 5.6.2).
func IsToken(c byte) bool { return c < 128 && tokenBytes[c>>6]&(1<<(c&63)) != 0 }

var tokenBytes = func() (set [2]uint64) {
	const chars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for i := range len(chars) {
		set[chars[i]>>6] |= 1 << (chars[i] & 63)
	}
	return set
}()
