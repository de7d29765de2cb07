package syntax

import (
	"strings"
	"unicode/utf8"
)

// maxInterpolation is how deep interpolated strings may nest in each other's holes.
const maxInterpolation = 32

// Match finds where the expression ends that begins at src[start:] with @( or
// @{: end is the offset after the bracket that closes it. Brackets in strings,
// characters and comments do not count, and only brackets of the kind that
// opened the expression do. ok is false, and end is len(src), if none closes
// it, or if there is no @( or @{ at start. The text in between need not be
// well-formed. Match takes time linear in the length of src.
func Match(src string, start int) (end int, ok bool) {
	if start < 0 || start+2 > len(src) || src[start] != '@' {
		return len(src), false
	}
	open, shut := src[start+1], byte(')')
	switch open {
	case '(':
	case '{':
		shut = '}'
	default:
		return len(src), false
	}
	depth := 1
	for pos := start + 2; pos < len(src); {
		switch src[pos] {
		case open:
			depth++
		case shut:
			depth--
			if depth == 0 {
				return pos + 1, true
			}
		}
		pos = skipLexeme(src, pos, 0)
	}
	return len(src), false
}

// skipLexeme is the offset after the string, character or comment that begins
// at pos, or else after the one byte there.
func skipLexeme(src string, pos, depth int) int {
	switch src[pos] {
	case '"':
		return skipString(src, pos+1)
	case '\'':
		return skipChar(src, pos)
	case '/':
		return skipComment(src, pos)
	case '@', '$':
		return skipPrefixed(src, pos, depth)
	}
	return pos + 1
}

func skipComment(src string, pos int) int {
	switch {
	case strings.HasPrefix(src[pos:], "//"):
		return lineEnd(src, pos, len(src))
	case strings.HasPrefix(src[pos:], "/*"):
		if i := strings.Index(src[pos+2:], "*/"); i >= 0 {
			return pos + 2 + i + 2
		}
		return len(src)
	}
	return pos + 1
}

// skipString skips a regular string from after its first quote to after its
// last, or to the end of the line.
func skipString(src string, pos int) int {
	for pos < len(src) {
		switch src[pos] {
		case '"':
			return pos + 1
		case '\n', '\r':
			return pos
		case '\\':
			pos++
		}
		pos++
	}
	return min(pos, len(src))
}

// maxCharLiteral is the longest character literal in bytes: '\U0001F600'.
const maxCharLiteral = 12

// skipChar skips a character literal, or just the quote if there is none.
func skipChar(src string, pos int) int {
	for i := pos + 1; i < len(src) && i < pos+maxCharLiteral; i++ {
		switch src[i] {
		case '\'':
			return i + 1
		case '\n', '\r':
			return pos + 1
		case '\\':
			i++
		}
	}
	return pos + 1
}

// skipPrefixed skips what @ or $ begins: a verbatim or interpolated string, or one byte.
func skipPrefixed(src string, pos, depth int) int {
	rest := src[pos:]
	switch {
	case strings.HasPrefix(rest, `@"`):
		return skipVerbatim(src, pos+2)
	case strings.HasPrefix(rest, `$@"`), strings.HasPrefix(rest, `@$"`):
		end, _, _ := scanInterpolated(src, pos+3, true, depth+1)
		return end
	case strings.HasPrefix(rest, `$"`):
		end, _, _ := scanInterpolated(src, pos+2, false, depth+1)
		return end
	}
	return pos + 1
}

func skipVerbatim(src string, pos int) int {
	for {
		i := strings.IndexByte(src[pos:], '"')
		if i < 0 {
			return len(src)
		}
		pos += i + 1
		if pos >= len(src) || src[pos] != '"' {
			return pos
		}
		pos++
	}
}

// scanInterpolated skips an interpolated string from after its first quote to
// after its last; ok is false if it does not end, or nests too deep. open is
// then the { of the hole that does not end, or -1.
func scanInterpolated(src string, pos int, verbatim bool, depth int) (end, open int, ok bool) {
	if depth > maxInterpolation {
		return len(src), -1, false
	}
	for pos < len(src) {
		switch c := src[pos]; {
		case c == '"':
			if !verbatim || pos+1 >= len(src) || src[pos+1] != '"' {
				return pos + 1, -1, true
			}
			pos += 2
		case c == '\\' && !verbatim:
			pos += 2
		case (c == '\n' || c == '\r') && !verbatim:
			return pos, -1, false
		case c == '{' && pos+1 < len(src) && src[pos+1] == '{':
			pos += 2
		case c == '{':
			open = pos
			if _, pos, ok = scanHole(src, pos+1, verbatim, depth); !ok {
				return pos, open, false
			}
		default:
			pos++
		}
	}
	return len(src), -1, false
}

// scanHole skips a hole from after its { to after its }. colon is where its
// format begins, or else where its } is.
func scanHole(src string, pos int, verbatim bool, depth int) (colon, end int, ok bool) {
	open := 0
	for pos < len(src) {
		switch c := src[pos]; {
		case c == '(' || c == '[' || c == '{':
			open++
		case open > 0 && (c == ')' || c == ']' || c == '}'):
			open--
		case c == '}':
			return pos, pos + 1, true
		case c == ':' && open == 0:
			if pos+1 < len(src) && src[pos+1] == ':' {
				pos += 2
				continue
			}
			end, ok = scanFormat(src, pos+1, verbatim)
			return pos, end, ok
		}
		pos = skipLexeme(src, pos, depth)
	}
	return len(src), len(src), false
}

// scanFormat skips the format of a hole from after its colon to after the } of
// the hole; }} in it is an escaped brace.
func scanFormat(src string, pos int, verbatim bool) (end int, ok bool) {
	for pos < len(src) {
		twice := pos+1 < len(src) && src[pos+1] == src[pos]
		switch c := src[pos]; {
		case c == '}' && !twice:
			return pos + 1, true
		case c == '"' && !(verbatim && twice):
			return pos, false
		case c == '}', c == '"', c == '\\' && !verbatim:
			pos++
		case (c == '\n' || c == '\r') && !verbatim:
			return pos, false
		}
		pos++
	}
	return len(src), false
}

// appendRune appends r to dst in UTF-8, a surrogate in its three-byte form.
func appendRune(dst []byte, r rune) []byte {
	if r >= 0xD800 && r <= 0xDFFF {
		return append(dst, 0xED, 0x80|byte(r>>6&0x3F), 0x80|byte(r&0x3F))
	}
	return utf8.AppendRune(dst, r)
}
