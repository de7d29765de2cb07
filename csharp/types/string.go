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
	s     string
	units int
	wide  atomic.Pointer[[]uint16]
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
	return &String{s: s, units: n}
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
	return &String{s: b.String(), units: len(u)}
}

// ClrType is System.String.
func (s *String) ClrType() *Type { return StringType }

// Go is the text as WTF-8; it is valid UTF-8 unless it has lone surrogates.
func (s *String) Go() string { return s.s }

// Len is the length in UTF-16 code units.
func (s *String) Len() int { return s.units }

// ASCII reports whether units and bytes are the same.
func (s *String) ASCII() bool { return s.units == len(s.s) }

// Unit is the i-th UTF-16 code unit; i must be in range.
func (s *String) Unit(i int) uint16 {
	if s.ASCII() {
		return uint16(s.s[i])
	}
	return s.Units()[i]
}

// Units are the UTF-16 code units; the slice is shared and must not be changed.
func (s *String) Units() []uint16 {
	if p := s.wide.Load(); p != nil {
		return *p
	}
	u := appendUnits(make([]uint16, 0, s.units), s.s)
	s.wide.Store(&u)
	return u
}

// Slice is the substring of the units [i, j), which must be in range.
func (s *String) Slice(i, j int) *String {
	switch {
	case i == j:
		return EmptyString
	case i == 0 && j == s.units:
		return s
	case s.ASCII():
		return &String{s: s.s[i:j], units: j - i}
	}
	return StringFromUnits(s.Units()[i:j])
}

// ConcatStrings joins strings; nil ones count as empty.
func ConcatStrings(parts ...*String) *String {
	size, units := 0, 0
	var last *String
	for _, p := range parts {
		if p != nil && p.units > 0 {
			size, units, last = size+len(p.s), units+p.units, p
		}
	}
	switch {
	case last == nil:
		return EmptyString
	case units == last.units:
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
		return &String{s: b.String(), units: units}
	}
	return joinSurrogates(parts, b.String(), units)
}

// joinSurrogates mends a high surrogate that met a low one at a seam.
func joinSurrogates(parts []*String, joined string, units int) *String {
	prevHigh := false
	for _, p := range parts {
		if p == nil || p.units == 0 {
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
		prevHigh = isHigh(p.Unit(p.units - 1))
	}
	return &String{s: joined, units: units}
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

func countUnits(s string) (n int, ok bool) {
	for i := 0; i < len(s); {
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
