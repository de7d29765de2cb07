package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-gateway/postern/source"
)

// lexer turns src[pos:end] into tokens.
type lexer struct {
	src   string
	pos   int
	end   int
	toks  []token
	diags []source.Diagnostic
	// nested is how many interpolated strings the text is inside of.
	nested int
}

func (l *lexer) report(start, end int, c code, args ...any) {
	if len(l.diags) >= maxCollected {
		return
	}
	l.diags = append(l.diags, c.at(Extent{int32(start), int32(end)}, args...))
}

// run reads the whole range.
func (l *lexer) run() {
	for {
		eol := l.trivia()
		if n := len(l.toks); n > 0 && eol {
			l.toks[n-1].eol = true
		}
		if l.pos >= l.end {
			return
		}
		start := l.pos
		k, w := l.next()
		if k == tBad {
			continue // reported
		}
		l.toks = append(l.toks, token{kind: k, word: w, start: int32(start), end: int32(l.pos)})
	}
}

func (l *lexer) peek(n int) byte {
	if l.pos+n < l.end {
		return l.src[l.pos+n]
	}
	return 0
}

// trivia skips white space and comments; it reports whether a line ended, comments of several lines apart.
func (l *lexer) trivia() (eol bool) {
	for l.pos < l.end {
		c := l.src[l.pos]
		switch {
		case c == '\n' || c == '\r':
			eol = true
			l.pos++
		case c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == 0x1A:
			l.pos++
		case c == '/' && l.peek(1) == '/':
			l.pos = lineEnd(l.src, l.pos, l.end)
		case c == '/' && l.peek(1) == '*':
			l.blockComment()
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.src[l.pos:l.end])
			switch {
			case isNewline(r):
				eol = true
			case !unicode.Is(unicode.Zs, r) && r != 0xFEFF:
				return eol
			}
			l.pos += n
		default:
			return eol
		}
	}
	return eol
}

func (l *lexer) blockComment() {
	if i := strings.Index(l.src[l.pos+2:l.end], "*/"); i >= 0 {
		l.pos += 2 + i + 2
		return
	}
	l.report(l.pos, l.pos+2, errOpenComment)
	l.pos = l.end
}

// isNewline reports whether r ends a line in C#.
func isNewline(r rune) bool {
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// lineEnd is where the line that holds pos ends, end at most.
func lineEnd(src string, pos, end int) int {
	for pos < end {
		c := src[pos]
		if c == '\n' || c == '\r' {
			return pos
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(src[pos:end])
			if isNewline(r) {
				return pos
			}
			pos += n
			continue
		}
		pos++
	}
	return end
}

// next reads a token; tBad is one that was reported and has to be left out.
func (l *lexer) next() (kind, word) {
	c := l.src[l.pos]
	switch {
	case isASCIILetter(c) || c == '_' || c == '\\' || c >= utf8.RuneSelf:
		return l.identifier(l.pos)
	case c >= '0' && c <= '9' || c == '.' && isDigit(l.peek(1)):
		return l.number(), wNone
	case c == '"':
		return l.stringLiteral(), wNone
	case c == '\'':
		return l.charLiteral(), wNone
	case c == '@':
		return l.at()
	case c == '$':
		return l.dollar(), wNone
	case c == '#':
		return l.hash(), wNone
	}
	return l.punctuation(), wNone
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// at reads what begins with @: a verbatim string or identifier.
func (l *lexer) at() (kind, word) {
	switch c := l.peek(1); {
	case c == '"':
		return l.verbatimString(), wNone
	case c == '$' && l.peek(2) == '"':
		l.report(l.pos, l.pos+2, errAltInterpolated)
		return l.interpolated(3, true), wNone
	case isASCIILetter(c) || c == '_' || c == '\\' || c >= utf8.RuneSelf:
		start := l.pos
		l.pos++
		k, _ := l.identifierParts()
		if k == tBad {
			l.report(start, start+1, errVerbatim)
			return tBad, wNone
		}
		return tIdent, wNone
	}
	l.report(l.pos, l.pos+1, errVerbatim)
	l.pos++
	return tBad, wNone
}

func (l *lexer) dollar() kind {
	switch {
	case l.peek(1) == '"' && l.peek(2) == '"' && l.peek(3) == '"', l.peek(1) == '$':
		return l.rawInterpolated()
	case l.peek(1) == '"':
		return l.interpolated(2, false)
	case l.peek(1) == '@' && l.peek(2) == '"':
		return l.interpolated(3, true)
	}
	l.report(l.pos, l.pos+1, errBadChar, "$")
	l.pos++
	return tBad
}

func (l *lexer) hash() kind {
	start := l.pos
	line := l.src[:l.pos]
	if i := strings.LastIndexAny(line, "\n\r"); i >= 0 {
		line = line[i+1:]
	}
	l.pos = lineEnd(l.src, l.pos, l.end)
	if strings.TrimSpace(line) == "" {
		l.report(start, start+1, errDirective)
	} else {
		l.report(start, start+1, errDirectivePlace)
	}
	return tBad
}

func (l *lexer) identifier(start int) (kind, word) {
	k, escaped := l.identifierParts()
	if k == tBad {
		_, n := utf8.DecodeRuneInString(l.src[start:l.end])
		l.pos = start + n
		l.report(start, l.pos, errBadChar, l.src[start:l.pos])
		return tBad, wNone
	}
	text := l.src[start:l.pos]
	if escaped {
		return tIdent, wNone // an escape makes it a plain name
	}
	if k, ok := keywords[text]; ok {
		return k, wNone
	}
	return tIdent, words[text]
}

// identifierParts reads the letters of an identifier; tBad if there is none.
func (l *lexer) identifierParts() (k kind, escaped bool) {
	first := true
	for l.pos < l.end {
		c := l.src[l.pos]
		if isASCIILetter(c) || c == '_' || !first && isDigit(c) {
			l.pos++
			first = false
			continue
		}
		r, n := rune(c), 1
		switch {
		case c == '\\':
			r, n = unicodeEscape(l.src[l.pos:l.end])
			escaped = true
		case c >= utf8.RuneSelf:
			r, n = utf8.DecodeRuneInString(l.src[l.pos:l.end])
		}
		if n == 0 || !isIdentRune(r, first) {
			break
		}
		l.pos += n
		first = false
	}
	if first {
		return tBad, escaped
	}
	return tIdent, escaped
}

// isIdentRune reports whether r may stand in an identifier (C# 6.4.3).
func isIdentRune(r rune, first bool) bool {
	if r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) {
		return true
	}
	return !first && (unicode.In(r, unicode.Nd, unicode.Pc, unicode.Mn, unicode.Mc, unicode.Cf))
}

// unicodeEscape reads \uXXXX or \UXXXXXXXX at the start of s; n is 0 if there is none.
func unicodeEscape(s string) (r rune, n int) {
	if len(s) < 2 || s[0] != '\\' {
		return 0, 0
	}
	digits := 0
	switch s[1] {
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits == 0 || len(s) < 2+digits {
		return 0, 0
	}
	for _, c := range []byte(s[2 : 2+digits]) {
		d, ok := hexDigit(c)
		if !ok {
			return 0, 0
		}
		r = r<<4 | rune(d)
	}
	if r < 0 || r > unicode.MaxRune {
		return 0, 0
	}
	return r, 2 + digits
}

func hexDigit(c byte) (int, bool) {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10, true
	}
	return 0, false
}

// puncts are the operators by their first byte, longest first. >> is never a
// token, so that it can close two type arguments.
var puncts = func() (byFirst [128][]kind) {
	for k := tLParen; k < kBool; k++ {
		text := kindTexts[k]
		list := append(byFirst[text[0]], k)
		for i := len(list) - 1; i > 0 && len(kindTexts[list[i]]) > len(kindTexts[list[i-1]]); i-- {
			list[i], list[i-1] = list[i-1], list[i]
		}
		byFirst[text[0]] = list
	}
	return byFirst
}()

func (l *lexer) punctuation() kind {
	rest := l.src[l.pos:l.end]
	if rest[0] < 128 {
		for _, k := range puncts[rest[0]] {
			if strings.HasPrefix(rest, kindTexts[k]) {
				l.pos += len(kindTexts[k])
				return k
			}
		}
	}
	l.report(l.pos, l.pos+1, errBadChar, rest[:1])
	l.pos++
	return tBad
}

// isFormat reports whether r is a formatting character, which is no part of a name (C# 6.4.3).
func isFormat(r rune) bool { return r >= utf8.RuneSelf && unicode.Is(unicode.Cf, r) }

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
