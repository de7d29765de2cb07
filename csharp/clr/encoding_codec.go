package clr

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// textCodec turns UTF-16 into bytes and back. Neither fails: what does not fit becomes a question mark or U+FFFD.
type textCodec interface {
	encode(s *types.String) []byte
	decode(b []byte) *types.String
}

// wellFormedText is s as UTF-8, lone surrogates replaced by U+FFFD.
func wellFormedText(s *types.String) string {
	if utf8.ValidString(s.Go()) {
		return s.Go()
	}
	var b strings.Builder
	for text := s.Go(); text != ""; {
		r, size := decodeRune(text)
		b.WriteRune(r)
		text = text[size:]
	}
	return b.String()
}

// decodeUTF8 is what .NET makes of bytes: one U+FFFD for each maximal part of an ill-formed sequence.
func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			size = illFormed(b)
		}
		out.WriteRune(r)
		b = b[size:]
	}
	return out.String()
}

// illFormed is the length of the maximal part of a sequence that begins well and does not end so; at least 1.
func illFormed(b []byte) int {
	low, high, length := byte(0x80), byte(0xBF), 1
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		length = 2
	case c >= 0xE0 && c <= 0xEF:
		length = 3
		if c == 0xE0 {
			low = 0xA0
		} else if c == 0xED {
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		length = 4
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for n < length && n < len(b) && b[n] >= low && b[n] <= high {
		n++
		low, high = 0x80, 0xBF
	}
	return n
}

type utf8Codec struct{}

func (utf8Codec) encode(s *types.String) []byte { return []byte(wellFormedText(s)) }
func (utf8Codec) decode(b []byte) *types.String { return types.NewString(decodeUTF8(b)) }

// byteCodec is ASCII (limit 0x7F) or Latin-1 (0xFF): a byte for each unit.
type byteCodec struct{ limit uint16 }

func (c byteCodec) encode(s *types.String) []byte {
	if s.ASCII() {
		return []byte(s.Go())
	}
	out := make([]byte, s.Len())
	for i, u := range s.Units() {
		if u > c.limit {
			u = '?'
		}
		out[i] = byte(u)
	}
	return out
}

func (c byteCodec) decode(b []byte) *types.String {
	units := make([]uint16, len(b))
	for i, x := range b {
		if units[i] = uint16(x); units[i] > c.limit {
			units[i] = utf8.RuneError
		}
	}
	return types.StringFromUnits(units)
}

type utf16Codec struct{ order binary.ByteOrder }

func (c utf16Codec) encode(s *types.String) []byte {
	units := wellFormedUnits(s.Units())
	out := make([]byte, 2*len(units))
	for i, u := range units {
		c.order.PutUint16(out[2*i:], u)
	}
	return out
}

func (c utf16Codec) decode(b []byte) *types.String {
	units := make([]uint16, 0, len(b)/2+1)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, c.order.Uint16(b))
	}
	units = wellFormedUnits(units)
	if len(b) > 0 {
		units = append(units, utf8.RuneError)
	}
	return types.StringFromUnits(units)
}

// wellFormedUnits replaces lone surrogates by U+FFFD.
func wellFormedUnits(u []uint16) []uint16 {
	out := u
	for i := 0; i < len(u); i++ {
		c := u[i]
		if c < 0xD800 || c > 0xDFFF {
			continue
		}
		if c < 0xDC00 && i+1 < len(u) && u[i+1] >= 0xDC00 && u[i+1] <= 0xDFFF {
			i++
			continue
		}
		if &out[0] == &u[0] {
			out = append([]uint16(nil), u...)
		}
		out[i] = utf8.RuneError
	}
	return out
}

type utf32Codec struct{ order binary.ByteOrder }

func (c utf32Codec) encode(s *types.String) []byte {
	var out []byte
	for _, r := range wellFormedText(s) {
		var four [4]byte
		c.order.PutUint32(four[:], uint32(r))
		out = append(out, four[:]...)
	}
	return out
}

func (c utf32Codec) decode(b []byte) *types.String {
	var out strings.Builder
	for ; len(b) >= 4; b = b[4:] {
		r := rune(c.order.Uint32(b))
		if !utf8.ValidRune(r) {
			r = utf8.RuneError
		}
		out.WriteRune(r)
	}
	if len(b) > 0 {
		out.WriteRune(utf8.RuneError)
	}
	return types.NewString(out.String())
}
