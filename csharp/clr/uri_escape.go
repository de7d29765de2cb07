package clr

import (
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

const uriHex = "0123456789ABCDEF"

// uriReserved are the reserved characters of RFC 3986.
const uriReserved = ":/?#[]@!$&'()*+,;="

func isUnreserved(c byte) bool {
	return c == '-' || c == '.' || c == '_' || c == '~' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// escapedByte reads %XX at i; -1 if there is none.
func escapedByte(s string, i int) int {
	if i+2 >= len(s) || s[i] != '%' {
		return -1
	}
	hi, lo := hexValue(s[i+1]), hexValue(s[i+2])
	if hi < 0 || lo < 0 {
		return -1
	}
	return hi<<4 | lo
}

func writeEscapedByte(b *strings.Builder, c byte) {
	b.WriteByte('%')
	b.WriteByte(uriHex[c>>4])
	b.WriteByte(uriHex[c&15])
}

// writeEscapedRune escapes the character at the beginning of s and gives its length; a lone surrogate becomes U+FFFD.
func writeEscapedRune(b *strings.Builder, s string) int {
	r, size := decodeRune(s)
	text := s[:size]
	if r == utf8.RuneError {
		text = "\uFFFD"
	}
	for i := range len(text) {
		writeEscapedByte(b, text[i])
	}
	return size
}

// escapeString escapes all but unreserved characters and those of keep.
func escapeString(s, keep string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if c := s[i]; isUnreserved(c) || c < 0x80 && strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
			i++
			continue
		}
		i += writeEscapedRune(&b, s[i:])
	}
	return b.String()
}

// unescapeWhere decodes escapes: those of ASCII where safe says so, sequences of others where they are UTF-8.
func unescapeWhere(s string, safe func(c byte) bool) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		n := escapedByte(s, i)
		switch {
		case n < 0:
			b.WriteByte(s[i])
			i++
		case n < 0x80:
			if safe(byte(n)) {
				b.WriteByte(byte(n))
			} else {
				b.WriteString(s[i : i+3])
			}
			i += 3
		default:
			i += unescapeRune(&b, s[i:])
		}
	}
	return b.String()
}

// unescapeRune decodes the escapes of one character that is not ASCII and gives how much it took; what is not UTF-8 stays.
func unescapeRune(b *strings.Builder, s string) int {
	var raw [4]byte
	n := 0
	for n < 4 {
		v := escapedByte(s, n*3)
		if v < 0x80 {
			break
		}
		raw[n] = byte(v)
		n++
	}
	r, size := utf8.DecodeRune(raw[:n])
	if r == utf8.RuneError && size <= 1 {
		b.WriteString(s[:3])
		return 3
	}
	b.WriteRune(r)
	return size * 3
}

func always(byte) bool { return true }

// safeToShow reports whether ToString() decodes the escape of c.
func safeToShow(c byte) bool {
	return c > 0x1F && c != 0x7F && strings.IndexByte(uriReserved+`%\`, c) < 0
}

// canonicalPart escapes what must be escaped and decodes escapes of unreserved characters.
func canonicalPart(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '%':
			i += canonicalEscape(&b, s[i:])
		case isUnreserved(c) || c < 0x80 && strings.IndexByte(uriReserved, c) >= 0:
			b.WriteByte(c)
			i++
		default:
			i += writeEscapedRune(&b, s[i:])
		}
	}
	return b.String()
}

func canonicalEscape(b *strings.Builder, s string) int {
	n := escapedByte(s, 0)
	switch {
	case n < 0:
		b.WriteString("%25")
		return 1
	case n < 0x80 && isUnreserved(byte(n)):
		b.WriteByte(byte(n))
		return 3
	case n < 0x80:
		b.WriteString(s[:3])
		return 3
	}
	var text strings.Builder
	size := unescapeRune(&text, s)
	if strings.HasPrefix(text.String(), "%") {
		b.WriteString(s[:3])
		return 3
	}
	return writeAll(b, text.String(), size)
}

func writeAll(b *strings.Builder, text string, size int) int {
	for i := range len(text) {
		writeEscapedByte(b, text[i])
	}
	return size
}

func stringArg(s *types.String, param string) string {
	if s == nil {
		types.ThrowNull(param)
	}
	return s.Go()
}
