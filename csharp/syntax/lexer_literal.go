package syntax

import (
	"strings"
	"unicode/utf8"
)

// number reads an integer or real literal with its suffix.
func (l *lexer) number() kind {
	start := l.pos
	if l.peek(0) == '0' && (l.peek(1)|0x20 == 'x' || l.peek(1)|0x20 == 'b') {
		return l.radixNumber(start)
	}
	k := tInt
	last := l.digits()
	if l.peek(0) == '.' && isDigit(l.peek(1)) {
		k = tReal
		l.pos++
		last = l.digits()
	}
	if l.peek(0)|0x20 == 'e' {
		sign := 1
		if c := l.peek(1); c == '+' || c == '-' {
			sign = 2
		}
		switch {
		case isDigit(l.peek(sign)):
			k = tReal
			l.pos += sign
			last = l.digits()
		case sign == 2 || !isIdentByte(l.peek(1)):
			k = tReal
			l.pos += sign
			l.report(start, start, errBadReal)
		}
	}
	if last == '_' {
		l.report(start, start, errBadNumber)
	}
	switch l.peek(0) | 0x20 {
	case 'f', 'd', 'm':
		l.pos++
		k = tReal
	}
	if k == tInt {
		l.intSuffix()
		l.checkInt(start)
	} else {
		l.checkReal(start)
	}
	return k
}

func isIdentByte(c byte) bool {
	return isASCIILetter(c) || c == '_' || isDigit(c) || c >= utf8.RuneSelf
}

// digits skips decimal digits and underscores; it returns the last one.
func (l *lexer) digits() (last byte) {
	for isDigit(l.peek(0)) || l.peek(0) == '_' {
		last = l.peek(0)
		l.pos++
	}
	return last
}

func (l *lexer) radixNumber(start int) kind {
	hex := l.peek(1)|0x20 == 'x'
	l.pos += 2
	body := l.pos
	for {
		c := l.peek(0)
		_, isHex := hexDigit(c)
		if c != '_' && !(hex && isHex) && !(!hex && (c == '0' || c == '1')) {
			break
		}
		l.pos++
	}
	if l.pos == body || l.src[l.pos-1] == '_' {
		l.report(start, start, errBadNumber)
	}
	l.intSuffix()
	l.checkInt(start)
	return tInt
}

func (l *lexer) intSuffix() {
	c := l.peek(0) | 0x20
	if c != 'u' && c != 'l' {
		return
	}
	l.pos++
	if d := l.peek(0) | 0x20; d == 'u' && c == 'l' || d == 'l' && c == 'u' {
		l.pos++
	}
}

func (l *lexer) checkInt(start int) {
	if _, _, ok := parseInt(l.src[start:l.pos]); !ok {
		l.report(start, start, errIntTooLarge)
	}
}

func (l *lexer) checkReal(start int) {
	text, suffix := splitReal(l.src[start:l.pos])
	if !realFits(text, suffix) {
		l.report(start, start, errRealTooLarge, realTypeNames[suffix])
	}
}

// charLiteral reads 'x'.
func (l *lexer) charLiteral() kind {
	start := l.pos
	l.pos++
	units := 0
	for {
		c := l.peek(0)
		if l.pos >= l.end || isNewline(l.rune()) {
			l.report(start, l.pos, errNewlineInConst)
			return tChar
		}
		if c == '\'' {
			l.pos++
			break
		}
		units += l.stringUnit()
		if units > 1 && !l.quoteOnLine() {
			break
		}
	}
	switch {
	case units == 0:
		l.report(start, l.pos, errEmptyChar)
	case units > 1:
		l.report(start, l.pos, errTooManyChars)
	}
	return tChar
}

// quoteOnLine reports whether a ' follows before the line ends, so that a
// character literal that is too long can be taken whole.
func (l *lexer) quoteOnLine() bool {
	return strings.IndexByte(l.src[l.pos:lineEnd(l.src, l.pos, min(l.end, l.pos+80))], '\'') >= 0
}

func (l *lexer) rune() rune {
	r, _ := utf8.DecodeRuneInString(l.src[l.pos:l.end])
	return r
}

// stringUnit skips one character or escape of a string or character literal;
// it returns how many UTF-16 units that is.
func (l *lexer) stringUnit() int {
	if l.peek(0) != '\\' {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:l.end])
		l.pos += n
		return utf16Len(r)
	}
	r, n := escape(l.src[l.pos:l.end])
	if n == 0 {
		l.report(l.pos, min(l.pos+2, l.end), errBadEscape)
		n = 1
		if l.pos+1 < l.end && !isNewline(rune(l.peek(1))) {
			_, size := utf8.DecodeRuneInString(l.src[l.pos+1 : l.end])
			n += size
		}
	}
	l.pos += n
	return utf16Len(r)
}

func utf16Len(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// stringLiteral reads "…", or refuses """…""".
func (l *lexer) stringLiteral() kind {
	start := l.pos
	if l.peek(1) == '"' && l.peek(2) == '"' {
		return l.rawString(start, 0)
	}
	l.pos++
	for {
		if l.pos >= l.end || isNewline(l.rune()) {
			l.report(start, l.pos, errNewlineInConst)
			return tString
		}
		if l.peek(0) == '"' {
			l.pos++
			break
		}
		l.stringUnit()
	}
	l.utf8Suffix(start)
	return tString
}

// utf8Suffix refuses the u8 of C# 11 after a string.
func (l *lexer) utf8Suffix(start int) {
	if l.peek(0)|0x20 == 'u' && l.peek(1) == '8' && !isIdentByte(l.peek(2)) {
		l.pos += 2
		l.report(start, l.pos, errFeature, "UTF-8 string literals", "11.0")
	}
}

// verbatimString reads @"…".
func (l *lexer) verbatimString() kind {
	start := l.pos
	l.pos += 2
	for {
		i := strings.IndexByte(l.src[l.pos:l.end], '"')
		if i < 0 {
			l.report(start, start, errOpenString)
			l.pos = l.end
			return tString
		}
		l.pos += i + 1
		if l.peek(0) != '"' {
			break
		}
		l.pos++
	}
	l.utf8Suffix(start)
	return tString
}

// rawString refuses a raw string of C# 11, whose quotes begin skip bytes after start.
func (l *lexer) rawString(start, skip int) kind {
	l.pos = start + skip
	n := 0
	for l.peek(0) == '"' {
		l.pos++
		n++
	}
	if i := strings.Index(l.src[l.pos:l.end], strings.Repeat(`"`, n)); i >= 0 {
		l.pos += i + n
	} else {
		l.pos = l.end
	}
	l.report(start, l.pos, errFeature, "raw string literals", "11.0")
	return tString
}

func (l *lexer) rawInterpolated() kind {
	dollars := 0
	for l.peek(dollars) == '$' {
		dollars++
	}
	if l.peek(dollars) != '"' {
		l.report(l.pos, l.pos+1, errBadChar, "$")
		l.pos += dollars
		return tBad
	}
	return l.rawString(l.pos, dollars)
}

// interpolated reads an interpolated string that begins with open bytes; what
// is in its holes is read by the parser.
func (l *lexer) interpolated(open int, verbatim bool) kind {
	start := l.pos
	end, hole, ok := scanInterpolated(l.src[:l.end], start+open, verbatim, l.nested+1)
	l.pos = end
	switch {
	case ok:
		return tInterp
	case hole >= 0:
		l.report(hole, hole+1, errOpenHole)
	default:
		l.report(end, end, errOpenString)
	}
	return tString // so that the parser leaves its inside alone
}
