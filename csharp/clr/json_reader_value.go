package clr

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

func decodeRune(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 {
		return r, min(3, len(s)) // a lone surrogate
	}
	return r, size
}

func isWhiteRune(r rune) bool { return unicode.IsSpace(r) || r == 0x180E }

func isLetterOrDigitRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// readValue reads a value or what may stand in its place.
func (r *jsonReader) readValue(as readAs) bool {
	for {
		if r.end() {
			r.kind, r.value = tokNone, nil
			return false
		}
		if r.skipWhite() {
			continue
		}
		if r.peek() == '/' && as != readAny {
			r.comment()
			continue
		}
		r.valueAt(as)
		return true
	}
}

func (r *jsonReader) valueAt(as readAs) {
	switch c := r.peek(); {
	case c == '"' || c == '\'':
		r.pos++
		r.stringValue(r.quoted(c), as)
	case c == '/':
		r.comment()
	case c == ',':
		r.setToken(tokUndefined, nil)
	case c == ']':
		r.pos++
		r.setToken(tokEndArray, nil)
	case c == ')':
		r.pos++
		r.setToken(tokEndConstructor, nil)
	case as != readAny && !r.scalarAhead(c, as):
		r.unexpectedTyped()
	case c == '{':
		r.pos++
		r.setToken(tokStartObject, nil)
	case c == '[':
		r.pos++
		r.setToken(tokStartArray, nil)
	case c == '-' && r.has(1) && r.text[r.pos+1] == 'I':
		r.word("-Infinity", tokFloat, math.Inf(-1), "-Infinity", as)
	case c >= '0' && c <= '9' || c == '-' || c == '.':
		r.number(as)
	default:
		r.wordAt(c, as)
	}
}

// scalarAhead reports whether a value that begins with c can be read as what the caller asks for.
func (r *jsonReader) scalarAhead(c byte, as readAs) bool {
	digit := c >= '0' && c <= '9' || c == '-' || c == '.'
	switch as {
	case readText:
		return digit || strings.IndexByte("tfnNI", c) >= 0
	case readBool:
		return digit || strings.IndexByte("tfn", c) >= 0
	case readDate, readOffset:
		return c == 'n'
	case readBytes:
		return c == 'n' || c == '[' || c == '{'
	}
	return digit || strings.IndexByte("nNI", c) >= 0
}

// unexpectedTyped is unexpected where a value of a certain type was asked for.
func (r *jsonReader) unexpectedTyped() {
	message := "Unexpected character encountered while parsing value: " + r.char() + "."
	r.pos++
	r.fail(message)
}

func (r *jsonReader) wordAt(c byte, as readAs) {
	switch c {
	case 't':
		r.word("true", tokBoolean, true, "boolean", as)
	case 'f':
		r.word("false", tokBoolean, false, "boolean", as)
	case 'n':
		switch {
		case !r.has(1):
			r.pos++
			r.fail("Unexpected end when reading JSON.")
		case r.text[r.pos+1] == 'u':
			r.word("null", tokNull, nil, "null", as)
		case r.text[r.pos+1] == 'e':
			r.constructor()
		default:
			r.pos++
			r.unexpected()
		}
	case 'N':
		r.word("NaN", tokFloat, math.NaN(), "NaN", as)
	case 'I':
		r.word("Infinity", tokFloat, math.Inf(1), "Infinity", as)
	case 'u':
		r.word("undefined", tokUndefined, nil, "undefined", as)
	default:
		r.unexpected()
	}
}

// word reads a literal; what names it in the error.
func (r *jsonReader) word(text string, kind jsonTokenKind, value any, what string, as readAs) {
	if !r.match(text) || !r.separatorAhead() {
		r.fail("Error parsing " + what + " value.")
	}
	if kind == tokBoolean && as == readText {
		kind, value = tokString, types.NewString(text)
	}
	r.setToken(kind, value)
}

// match passes over text; where it differs, the position stays at the difference.
func (r *jsonReader) match(text string) bool {
	if r.pos+len(text) > len(r.text) {
		r.pos = len(r.text)
		r.fail("Unexpected end when reading JSON.")
	}
	for i := range len(text) {
		if r.text[r.pos] != text[i] {
			return false
		}
		r.pos++
	}
	return true
}

func (r *jsonReader) separatorAhead() bool {
	if r.end() {
		return true
	}
	switch c := r.peek(); c {
	case '}', ']', ',', ' ', '\t', '\n', '\r', 0:
		return true
	case ')':
		return r.cur.kind == jConstructor
	case '/':
		return r.has(1) && (r.text[r.pos+1] == '*' || r.text[r.pos+1] == '/')
	}
	return r.whiteAhead()
}

// constructor reads "new Name(".
func (r *jsonReader) constructor() {
	if !r.match("new") || r.end() || !r.skipWhite() {
		r.fail("Unexpected content while parsing JSON.")
	}
	for r.skipWhite() {
	}
	start := r.pos
	for !r.end() && isLetterOrDigitRune(rune(r.peek())) {
		r.pos++
	}
	name := r.text[start:r.pos]
	for r.skipWhite() {
	}
	if r.end() {
		r.fail("Unexpected end while parsing constructor.")
	}
	if r.peek() != '(' {
		r.fail("Unexpected character while parsing constructor: " + r.char() + ".")
	}
	r.pos++
	r.setToken(tokStartConstructor, types.NewString(name))
}

func (r *jsonReader) comment() {
	r.pos++
	if r.end() {
		r.fail("Unexpected end while parsing comment.")
	}
	single := r.peek() == '/'
	if !single && r.peek() != '*' {
		r.fail("Error parsing comment. Expected: *, got " + r.char() + ".")
	}
	r.pos++
	start := r.pos
	for !r.end() {
		switch c := r.peek(); {
		case c == '*' && !single && r.has(1) && r.text[r.pos+1] == '/':
			s := types.NewString(r.text[start:r.pos])
			r.pos += 2
			r.setToken(tokComment, s)
			return
		case (c == '\r' || c == '\n') && single:
			r.setToken(tokComment, types.NewString(r.text[start:r.pos]))
			return
		case r.skipWhite():
		case c < 0x80:
			r.pos++
		default:
			_, size := decodeRune(r.text[r.pos:])
			r.advanceWide(size)
		}
	}
	if !single {
		r.fail("Unexpected end while parsing comment.")
	}
	r.setToken(tokComment, types.NewString(r.text[start:r.pos]))
}

// quoted reads the rest of a string whose opening quote has been read.
func (r *jsonReader) quoted(quote byte) string {
	start := r.pos
	var units []uint16 // once there is an escape
	flush := func() {
		if start < r.pos {
			units = append(units, types.NewString(r.text[start:r.pos]).Units()...)
		}
	}
	for !r.end() {
		switch c := r.peek(); {
		case c == quote:
			s := r.text[start:r.pos]
			if units != nil {
				flush()
				s = types.StringFromUnits(units).Go()
			}
			r.pos++
			return s
		case c == '\\':
			flush()
			if units == nil {
				units = []uint16{}
			}
			r.pos++
			units = r.escape(units, quote)
			start = r.pos
		case c == '\n' || c == '\r':
			r.skipWhite()
		case c < 0x80:
			r.pos++
		default:
			_, size := decodeRune(r.text[r.pos:])
			r.advanceWide(size)
		}
	}
	r.fail("Unterminated string. Expected delimiter: " + string(rune(quote)) + ".")
	return ""
}

// escape reads what follows a backslash.
func (r *jsonReader) escape(units []uint16, quote byte) []uint16 {
	if r.end() {
		r.fail("Unterminated string. Expected delimiter: " + string(rune(quote)) + ".")
	}
	c := r.peek()
	if i := strings.IndexByte(`bftnr\/"'`, c); i >= 0 {
		r.pos++
		return append(units, uint16("\b\f\t\n\r\\/\"'"[i]))
	}
	if c != 'u' {
		ch := r.char()
		r.pos++
		if c >= 0x80 {
			r.pos--
			_, size := decodeRune(r.text[r.pos:])
			r.advanceWide(size)
		}
		r.fail("Bad JSON escape sequence: \\" + ch + ".")
	}
	r.pos++
	return r.unicodeEscape(units)
}

// unicodeEscape reads the digits of an escape, and those of the other half of a pair. A half without the other becomes U+FFFD.
func (r *jsonReader) unicodeEscape(units []uint16) []uint16 {
	u := r.hexDigits()
	for {
		if u >= 0xDC00 && u <= 0xDFFF {
			return append(units, utf8.RuneError)
		}
		if u < 0xD800 || u > 0xDBFF {
			return append(units, u)
		}
		if !r.has(2) || r.text[r.pos] != '\\' || r.text[r.pos+1] != 'u' {
			return append(units, utf8.RuneError)
		}
		r.pos += 2
		next := r.hexDigits()
		switch {
		case next >= 0xDC00 && next <= 0xDFFF:
			return append(units, u, next)
		case next >= 0xD800 && next <= 0xDBFF:
			units = append(units, utf8.RuneError)
		default:
			return append(units, utf8.RuneError, next)
		}
		u = next
	}
}

func (r *jsonReader) hexDigits() uint16 {
	if !r.has(4) {
		r.fail("Unexpected end while parsing Unicode escape sequence.")
	}
	n, err := strconv.ParseUint(r.text[r.pos:r.pos+4], 16, 16)
	if err != nil {
		s := types.NewString(r.text[r.pos:])
		r.fail("Invalid Unicode escape sequence: \\u" + s.Slice(0, min(4, s.Len())).Go() + ".")
	}
	r.pos += 4
	return uint16(n)
}

// stringValue is a string token, or a date where the text is one.
func (r *jsonReader) stringValue(s string, as readAs) {
	r.t.Alloc(int64(len(s)))
	if as != readAny && as != readText {
		r.typedString(s, as)
		return
	}
	if as == readAny && !r.plainDates {
		if d, ok := parseJSONDate(s); ok {
			r.setToken(tokDate, d)
			return
		}
	}
	r.setToken(tokString, types.NewString(s))
}

func isNumberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c|0x20 >= 'a' && c|0x20 <= 'f' || c|0x20 == 'x'
}

func (r *jsonReader) number(as readAs) {
	start := r.pos
	for !r.end() && isNumberByte(r.peek()) {
		r.pos++
	}
	if !r.end() {
		switch c := r.peek(); c {
		case ',', '}', ']', ')', '/':
		default:
			if !r.whiteAhead() {
				r.fail("Unexpected character encountered while parsing number: " + r.char() + ".")
			}
		}
	}
	s := r.text[start:r.pos]
	other := len(s) > 1 && s[0] == '0' && s[1] != '.' && s[1] != 'e' && s[1] != 'E'
	switch as {
	case readText:
		if _, ok := radixNumber(s); other && !ok || !other && !isFloat(s) {
			r.failValue("Input string '" + s + "' is not a valid number.")
		}
		r.setToken(tokString, types.NewString(s))
	case readInt:
		r.intNumber(s, other)
	case readDecimal:
		r.decimalNumber(s, other)
	case readDouble:
		r.doubleNumber(s, other)
	default:
		r.anyNumber(s, other)
	}
}

// radixNumber reads a hexadecimal or octal number.
func radixNumber(s string) (int64, bool) {
	base, digits := 8, s
	if len(s) > 1 && s[1]|0x20 == 'x' {
		base, digits = 16, s[2:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return int64(n), err == nil
}

func isFloat(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || errorsIsRange(err)
}

func errorsIsRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

func plainInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

func (r *jsonReader) anyNumber(s string, other bool) {
	if other {
		n, ok := radixNumber(s)
		if !ok {
			r.failValue("Input string '" + s + "' is not a valid number.")
		}
		r.setToken(tokInteger, n)
		return
	}
	if plainInteger(s) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			r.setToken(tokInteger, n)
			return
		}
		if len(s) > 380 {
			r.failValue("JSON integer " + s + " is too large to parse.")
		}
		b, _ := new(big.Int).SetString(s, 10)
		r.setToken(tokInteger, bigInteger{b})
		return
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errorsIsRange(err) || strings.ContainsAny(s, "xX") {
		r.failValue("Input string '" + s + "' is not a valid number.")
	}
	r.setToken(tokFloat, f)
}

func (r *jsonReader) intNumber(s string, other bool) {
	if other {
		n, ok := radixNumber(s)
		if !ok || uint64(n) > math.MaxUint32 {
			r.failValue("Input string '" + s + "' is not a valid integer.")
		}
		r.setToken(tokInteger, int32(n))
		return
	}
	if !plainInteger(s) {
		r.failValue("Input string '" + s + "' is not a valid integer.")
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		r.failValue("JSON integer " + s + " is too large or small for an Int32.")
	}
	r.setToken(tokInteger, int32(n))
}

func (r *jsonReader) decimalNumber(s string, other bool) {
	if n, ok := radixNumber(s); other && ok {
		r.setToken(tokFloat, decimal.FromInt64(n))
		return
	}
	d, syntax, fits := decimal.Parse(s)
	if other || !syntax || !fits {
		r.failValue("Input string '" + s + "' is not a valid decimal.")
	}
	r.setToken(tokFloat, d)
}

func (r *jsonReader) doubleNumber(s string, other bool) {
	if n, ok := radixNumber(s); other && ok {
		r.setToken(tokFloat, float64(n))
		return
	}
	f, err := strconv.ParseFloat(s, 64)
	if other || err != nil && !errorsIsRange(err) || strings.ContainsAny(s, "xX") {
		r.failValue("Input string '" + s + "' is not a valid double.")
	}
	r.setToken(tokFloat, f)
}
