package syntax

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseInt reads an integer literal that the lexer took; ok is false if it is over 64 bits.
func parseInt(text string) (v uint64, s Suffix, ok bool) {
	text, s = splitInt(text)
	base := 10
	if len(text) > 1 && text[0] == '0' {
		switch text[1] | 0x20 {
		case 'x':
			base, text = 16, text[2:]
		case 'b':
			base, text = 2, text[2:]
		}
	}
	text = strings.ReplaceAll(text, "_", "")
	if text == "" {
		return 0, s, true // reported as an invalid number
	}
	v, err := strconv.ParseUint(text, base, 64)
	return v, s, err == nil
}

// splitInt takes the suffix off an integer literal.
func splitInt(text string) (string, Suffix) {
	s := NoSuffix
	for len(text) > 0 {
		switch text[len(text)-1] | 0x20 {
		case 'u':
			s |= SuffixU
		case 'l':
			s |= SuffixL
		default:
			return text, s
		}
		text = text[:len(text)-1]
	}
	return text, s
}

// realTypeNames are the types that the suffixes of a real literal give it.
var realTypeNames = [...]string{NoSuffix: "double", SuffixF: "float", SuffixD: "double", SuffixM: "decimal"}

// splitReal takes underscores and the suffix off a real literal.
func splitReal(text string) (string, Suffix) {
	s := NoSuffix
	if n := len(text) - 1; n >= 0 {
		switch text[n] | 0x20 {
		case 'f':
			s = SuffixF
		case 'd':
			s = SuffixD
		case 'm':
			s = SuffixM
		}
	}
	if s != NoSuffix {
		text = text[:len(text)-1]
	}
	return strings.ReplaceAll(text, "_", ""), s
}

// maxDecimal is the first number too large for decimal after rounding: 2^96 - 1/2.
var maxDecimal = func() *big.Rat {
	max := new(big.Int).Lsh(big.NewInt(1), 96)
	return new(big.Rat).Sub(new(big.Rat).SetInt(max), big.NewRat(1, 2))
}()

// maxDecimalExponent is the largest exponent that is worth calculating; beyond
// it a decimal is zero or too large.
const maxDecimalExponent = 1000

// realFits reports whether a real literal is in the range of its type.
func realFits(text string, s Suffix) bool {
	switch s {
	case SuffixF:
		v, err := strconv.ParseFloat(text, 32)
		return err == nil || !math.IsInf(v, 0)
	case SuffixM:
		return decimalFits(text)
	}
	v, err := strconv.ParseFloat(text, 64)
	return err == nil || !math.IsInf(v, 0)
}

func decimalFits(text string) bool {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.Atoi(strings.TrimPrefix(text[i+1:], "+"))
		if err != nil {
			e = math.MaxInt32
			if strings.HasPrefix(text[i+1:], "-") {
				e = -e
			}
		}
		mantissa, exponent = text[:i], e
	}
	if strings.Trim(mantissa, "0.") == "" || exponent < -maxDecimalExponent {
		return true
	}
	if len(mantissa)+exponent < 28 {
		return true // fewer than 28 digits before the point
	}
	if exponent > maxDecimalExponent {
		return false
	}
	v, ok := new(big.Rat).SetString(mantissa + "e" + strconv.Itoa(exponent))
	return !ok || v.Cmp(maxDecimal) < 0
}

// escape reads the escape at the start of s, a backslash; n is 0 if it is none
// of C#'s (6.4.5.5). A surrogate is returned as it is.
func escape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case 'x':
		for n = 2; n < len(s) && n < 6; n++ {
			d, ok := hexDigit(s[n])
			if !ok {
				break
			}
			r = r<<4 | rune(d)
		}
		if n == 2 {
			return 0, 0
		}
		return r, n
	case 'u', 'U':
		return unicodeEscape(s)
	}
	if i := strings.IndexByte(`'"\0abfnrtv`, s[1]); i >= 0 {
		return rune("'\"\\\x00\a\b\f\n\r\t\v"[i]), 2
	}
	return 0, 0
}

// unescape is the value of the text between the quotes of a regular string.
func unescape(text string) string {
	i := strings.IndexByte(text, '\\')
	if i < 0 {
		return text
	}
	buf := append(make([]byte, 0, len(text)), text[:i]...)
	for i < len(text) {
		if text[i] != '\\' {
			buf = append(buf, text[i])
			i++
			continue
		}
		r, n := escape(text[i:])
		if n == 0 { // reported
			r, n = '\\', 1
		}
		buf = appendUnit(buf, r)
		i += n
	}
	return string(buf)
}

// appendUnit appends r; a low surrogate after a high one makes a pair with it.
func appendUnit(buf []byte, r rune) []byte {
	if r >= 0xDC00 && r <= 0xDFFF && len(buf) >= 3 {
		if hi, ok := surrogateAt(string(buf[len(buf)-3:]), 0); ok && hi < 0xDC00 {
			return utf8.AppendRune(buf[:len(buf)-3], 0x10000+(rune(hi)-0xD800)<<10+(r-0xDC00))
		}
	}
	return appendRune(buf, r)
}

// stringValue is the value of a string literal with its quotes.
func stringValue(text string) string {
	if strings.HasPrefix(text, `@"`) {
		body := strings.TrimSuffix(text[2:], `"`)
		return strings.ReplaceAll(body, `""`, `"`)
	}
	body := strings.TrimPrefix(text, `"`)
	if n := len(body); n > 0 && body[n-1] == '"' {
		body = body[:n-1]
	}
	return unescape(body)
}

// charValue is the UTF-16 unit of a character literal with its quotes.
func charValue(text string) uint16 {
	units := UTF16(unescape(strings.TrimPrefix(text, "'")))
	if len(units) == 0 {
		return 0
	}
	return units[0]
}

// identValue is the name that an identifier spells, and whether it began with @ or has an escape.
func identValue(text string) (name string, verbatim bool) {
	if strings.HasPrefix(text, "@") {
		text, verbatim = text[1:], true
	}
	if strings.IndexByte(text, '\\') < 0 && isASCII(text) {
		return text, verbatim
	}
	buf := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, n := unicodeEscape(text[i:])
		if n > 0 {
			verbatim = true
		} else {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if !isFormat(r) {
			buf = utf8.AppendRune(buf, r)
		}
		i += n
	}
	return string(buf), verbatim
}
