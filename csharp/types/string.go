package types

import (
	"strings"
	"sync/atomic"
	"unicode/utf16"
	"unicode/utf8"
)

// String is System.String. .NET counts UTF-16 code units; a String keeps its text as WTF-8, which is UTF-8
// where lone surrogates stand as three bytes of their own, and knows its length in units, so that a text that is
// all ASCII costs no more than a Go string. A String is immutable; a nil *String is never used for null.
type String struct {
	s string
	// wide is nil for a text that is all ASCII.
	wide *wide
}

// wide is what a text that is not all ASCII knows of its code units.
type wide struct {
	count int
	units atomic.Pointer[[]uint16] // made when first asked for
}

// stringOf is a String of text that is known to be WTF-8 of so many units.
func stringOf(s string, units int) *String {
	if units == len(s) {
		return &String{s: s}
	}
	return &String{s: s, wide: &wide{count: units}}
}

// EmptyString is "".
var EmptyString = &String{}

// NewString makes a String of UTF-8 or WTF-8 text. Bytes that are neither become U+FFFD.
func NewString(s string) *String {
	if s == "" {
		return EmptyString
	}
	n, ok := countUnits(s)
	if !ok {
		s = repair(s)
		n, _ = countUnits(s)
	}
	return stringOf(s, n)
}

// ASCIIString is the String of a text that is known to be ASCII.
func ASCIIString(s string) *String {
	if s == "" {
		return EmptyString
	}
	return &String{s: s}
}

// SplitASCII splits a String that is all ASCII at each sep, of which it has n. The parts, one more, stand in one piece of memory;
// empty ones are EmptyString.
func (s *String) SplitASCII(sep byte, n int) []Value {
	strs, out, rest := make([]String, n+1), make([]Value, n+1), s.s
	for i := range strs {
		part := rest
		if i < n {
			at := strings.IndexByte(rest, sep)
			part, rest = rest[:at], rest[at+1:]
		}
		if part == "" {
			out[i].Ref = EmptyString
			continue
		}
		strs[i].s = part
		out[i].Ref = &strs[i]
	}
	return out
}

// StringFromUnits makes a String of UTF-16 code units.
func StringFromUnits(u []uint16) *String {
	if len(u) == 0 {
		return EmptyString
	}
	var b strings.Builder
	b.Grow(len(u))
	for i := 0; i < len(u); i++ {
		switch c := u[i]; {
		case c < utf8.RuneSelf:
			b.WriteByte(byte(c))
		case i+1 < len(u) && isHigh(c) && isLow(u[i+1]):
			b.WriteRune(utf16.DecodeRune(rune(c), rune(u[i+1])))
			i++
		case c >= 0xD800 && c <= 0xDFFF:
			b.WriteByte(0xED)
			b.WriteByte(0x80 | byte(c>>6)&0x3F)
			b.WriteByte(0x80 | byte(c)&0x3F)
		default:
			b.WriteRune(rune(c))
		}
	}
	return stringOf(b.String(), len(u))
}

// ClrType is System.String.
func (s *String) ClrType() *Type { return StringType }

// Go is the text as WTF-8; it is valid UTF-8 unless it has lone surrogates.
func (s *String) Go() string { return s.s }

// Len is the length in UTF-16 code units.
func (s *String) Len() int {
	if s.wide == nil {
		return len(s.s)
	}
	return s.wide.count
}

// ASCII reports whether units and bytes are the same.
func (s *String) ASCII() bool { return s.wide == nil }

// Unit is the i-th UTF-16 code unit; i must be in range.
func (s *String) Unit(i int) uint16 {
	if s.ASCII() {
		return uint16(s.s[i])
	}
	return s.Units()[i]
}

// Units are the UTF-16 code units; the slice is shared and must not be changed.
func (s *String) Units() []uint16 {
	if s.wide == nil {
		return appendUnits(make([]uint16, 0, len(s.s)), s.s)
	}
	if p := s.wide.units.Load(); p != nil {
		return *p
	}
	u := appendUnits(make([]uint16, 0, s.wide.count), s.s)
	s.wide.units.Store(&u)
	return u
}

// Slice is the substring of the units [i, j), which must be in range.
func (s *String) Slice(i, j int) *String {
	switch {
	case i == j:
		return EmptyString
	case i == 0 && j == s.Len():
		return s
	case s.ASCII():
		return &String{s: s.s[i:j]}
	}
	return StringFromUnits(s.Units()[i:j])
}

// ConcatStrings joins strings; nil ones count as empty.
func ConcatStrings(parts ...*String) *String {
	size, units := 0, 0
	var last *String
	for _, p := range parts {
		if p != nil && p.s != "" {
			size, units, last = size+len(p.s), units+p.Len(), p
		}
	}
	switch {
	case last == nil:
		return EmptyString
	case size == len(last.s):
		return last
	}
	var b strings.Builder
	b.Grow(size)
	ascii := size == units
	for _, p := range parts {
		if p != nil {
			b.WriteString(p.s)
		}
	}
	if ascii {
		return &String{s: b.String()}
	}
	return joinSurrogates(parts, b.String(), units)
}

// joinSurrogates mends a high surrogate that met a low one at a seam.
func joinSurrogates(parts []*String, joined string, units int) *String {
	prevHigh := false
	for _, p := range parts {
		if p == nil || p.s == "" {
			continue
		}
		if prevHigh && isLow(p.Unit(0)) {
			all := make([]uint16, 0, units)
			for _, q := range parts {
				if q != nil {
					all = appendUnits(all, q.s)
				}
			}
			return StringFromUnits(all)
		}
		prevHigh = isHigh(p.Unit(p.Len() - 1))
	}
	return stringOf(joined, units)
}

func isHigh(c uint16) bool { return c >= 0xD800 && c < 0xDC00 }
func isLow(c uint16) bool  { return c >= 0xDC00 && c < 0xE000 }

// surrogateAt reports the lone surrogate that the three bytes at i spell, if they do.
func surrogateAt(s string, i int) (uint16, bool) {
	if i+2 < len(s) && s[i] == 0xED && s[i+1] >= 0xA0 && s[i+1] <= 0xBF && s[i+2]&0xC0 == 0x80 {
		return 0xD000 | uint16(s[i+1]&0x3F)<<6 | uint16(s[i+2]&0x3F), true
	}
	return 0, false
}

// countUnits counts code units; ok is false for bytes that are not WTF-8.
func countUnits(s string) (n int, ok bool) {
	n = asciiPrefix(s)
	for i := n; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n, i = n+1, i+1
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size <= 1 {
			if _, lone := surrogateAt(s, i); !lone {
				return 0, false
			}
			n, i = n+1, i+3
			continue
		}
		if r > 0xFFFF {
			n++
		}
		n, i = n+1, i+size
	}
	return n, true
}

// asciiPrefix counts bytes in eights up to the first eight of which one is not ASCII.
func asciiPrefix(s string) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if w&high != 0 {
			return i
		}
	}
	return i
}

func appendUnits(u []uint16, s string) []uint16 {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size <= 1 {
			if c, lone := surrogateAt(s, i); lone {
				u, i = append(u, c), i+3
				continue
			}
		}
		u, i = utf16.AppendRune(u, r), i+size
	}
	return u
}

func repair(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size <= 1 {
			if _, lone := surrogateAt(s, i); lone {
				b.WriteString(s[i : i+3])
				i += 3
				continue
			}
		}
		b.WriteRune(r)
		i += size
	}
	return b.String()
}
