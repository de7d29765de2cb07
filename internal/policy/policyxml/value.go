package policyxml

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
)

// expressionAt reports whether "@(" or "@{" stands at the offset.
func expressionAt(s string, at int) bool {
	return at+1 < len(s) && s[at] == '@' && (s[at+1] == '(' || s[at+1] == '{')
}

// classify finds out whether a value that has been read whole is an expression, and cuts the white space off it.
func (r *reader) classify(v *Value) {
	start := 0
	for start < len(v.Text) && isSpace(v.Text[start]) {
		start++
	}
	if !expressionAt(v.Text, start) {
		if strings.Contains(v.Text, "@(") || strings.Contains(v.Text, "@{") {
			v.Kind = Mixed
		}
		return
	}
	end := len(strings.TrimRight(v.Text, " \t\r\n"))
	stop, ok := syntax.Match(v.Text, start)
	switch {
	case ok && stop == end:
		*v = v.cut(start, end)
		v.Kind = Expression
		r.decode(v)
	case r.format == Auto && r.decodedWhole(v, start, end):
		*v = v.cut(start, end)
		v.Kind = Expression
		r.decode(v)
	default:
		v.Kind = Mixed
	}
}

// decodedWhole reports whether text that was read literally is one expression once its entities are decoded.
func (r *reader) decodedWhole(v *Value, start, end int) bool {
	c := v.cut(start, end)
	d, ok := decodeEntities(&c)
	if !ok {
		return false
	}
	stop, ok := syntax.Match(d.Text, 0)
	return ok && stop == len(d.Text)
}

// decode gives code that was read literally its second reading.
func (r *reader) decode(v *Value) {
	if r.format != Auto || !strings.Contains(v.Text, "&") {
		return
	}
	if d, ok := decodeEntities(v); ok && d.Text != v.Text {
		v.Decoded = d
	}
}

// decodeEntities decodes the entities of code that was read literally; ok is false if it holds something else after an "&",
// which is left alone.
func decodeEntities(v *Value) (*Value, bool) {
	b := &builder{}
	text, done, found := v.Text, 0, false
	copied := func(i, j int) {
		part := v.cut(i, j)
		base := b.text.Len()
		for _, p := range part.pieces {
			p.text += base
			b.pieces = append(b.pieces, p)
		}
		b.text.WriteString(part.Text)
	}
	for at := 0; at < len(text); {
		if text[at] != '&' {
			at++
			continue
		}
		s, size := entity(text[at:])
		if size == 0 {
			at++
			continue
		}
		found = true
		copied(done, at)
		b.pieces = append(b.pieces, piece{text: b.text.Len(), src: v.substituted(at), fixed: true})
		b.text.WriteString(s)
		at += size
		done = at
	}
	copied(done, len(text))
	return &Value{Kind: Expression, Text: b.text.String(), Span: v.Span, src: v.src, pieces: b.pieces}, found
}

// substituted is the offset after substitution of the byte of Text at offset.
func (v *Value) substituted(offset int) int {
	for i := len(v.pieces) - 1; i >= 0; i-- {
		if p := v.pieces[i]; p.text <= offset {
			if p.fixed {
				return p.src
			}
			return p.src + offset - p.text
		}
	}
	return 0
}

// characters reads text up to the next "<" that is no part of an expression.
func (r *reader) characters() *syntaxError {
	if len(r.open) == 0 {
		end := r.skipSpace(r.pos)
		if end < len(r.s) && r.s[end] != '<' {
			return xmlError(end, "Data at the root level is invalid.")
		}
		r.pos = end
		return nil
	}
	b := r.texts[len(r.texts)-1]
	for r.pos < len(r.s) && r.s[r.pos] != '<' {
		switch c := r.s[r.pos]; {
		case r.format != XML && expressionAt(r.s, r.pos):
			if err := r.embedded(b); err != nil {
				return err
			}
		case c == '&':
			if err := r.reference(b); err != nil {
				return err
			}
		case c == ']' && strings.HasPrefix(r.s[r.pos:], "]]>"):
			return xmlError(r.pos, "']]>' is not allowed in character data.")
		default:
			end := r.pos + 1
			for end < len(r.s) && r.s[end] != '<' && r.s[end] != '&' && r.s[end] != '@' && r.s[end] != ']' {
				end++
			}
			r.newlines(b, r.pos, end)
			r.pos = end
		}
	}
	return nil
}

// match finds the end of the expression at the offset, as long as patience lasts.
func (r *reader) match(at int) (end int, ok bool) {
	if r.patience <= 0 {
		return len(r.s), false
	}
	end, ok = syntax.Match(r.s, at)
	r.patience -= end - at
	return end, ok
}

// embedded reads an expression in text. One that begins the text must end; further on, "@(" may be mere text.
func (r *reader) embedded(b *builder) *syntaxError {
	end, ok := r.match(r.pos)
	if !ok {
		if !b.written {
			return r.unclosed(r.pos)
		}
		end = r.pos + 2
	}
	r.newlines(b, r.pos, end)
	r.literal(r.pos, end, false)
	r.pos = end
	return nil
}

// literal notes that a part of the text was read as it is.
func (r *reader) literal(start, end int, attribute bool) {
	r.literals = append(r.literals, literal{r.src.span(start, end), attribute})
}

func (r *reader) unclosed(at int) *syntaxError {
	shut := ")"
	if r.s[at+1] == '{' {
		shut = "}"
	}
	return &syntaxError{code: CodeUnclosed, at: at, message: "The expression that begins here is not closed: " + shut + " expected."}
}

// reference reads an entity or character reference.
func (r *reader) reference(b *builder) *syntaxError {
	s, size := entity(r.s[r.pos:])
	if size > 0 {
		b.replaced(s, r.pos)
		r.pos += size
		return nil
	}
	name := r.name(r.pos + 1)
	switch {
	case name != "" && strings.HasPrefix(r.s[r.pos+1+len(name):], ";"):
		return xmlError(r.pos+1, "Reference to undeclared entity '%s'.", name)
	case strings.HasPrefix(r.s[r.pos:], "&#"):
		return xmlError(r.pos+2, "Invalid syntax for a decimal or hexadecimal numeric entity reference.")
	}
	return xmlError(r.pos+1, "An error occurred while parsing EntityName.")
}

// attributeValue reads a quoted value; the position is at its quote.
func (r *reader) attributeValue(e *Element, name string) (Value, *syntaxError) {
	quote, start := r.s[r.pos], r.pos+1
	if r.format != XML {
		if v, ok, err := r.attributeExpression(quote, start); ok || err != nil {
			return v, err
		}
	}
	raw := r.format != XML && !(r.format == Auto && r.escapedValue(quote, start))
	b := &builder{}
	r.pos = start
	bare := 0
	for {
		if r.pos >= len(r.s) {
			return Value{}, r.endOfFile()
		}
		c := r.s[r.pos]
		switch {
		case c == quote && bareQuotes(r, e, name, quote) && !r.closes(r.pos):
			bare++
			b.verbatim(`"`, r.pos)
			r.literal(r.pos, r.pos+1, true)
			r.pos++
		case c == quote:
			if bare%2 != 0 {
				return Value{}, xmlError(r.pos, "The quotes inside the attribute '%s' do not pair; write them as &quot;.", name)
			}
			v := b.value(r.src, start, r.pos)
			r.pos++
			r.classify(&v)
			return v, nil
		case c == '<':
			return Value{}, xmlError(r.pos, "'<', hexadecimal value 0x3C, is an invalid attribute character.")
		case c == '&':
			if err := r.reference(b); err != nil {
				return Value{}, err
			}
		default:
			r.attributeText(b, quote, raw)
		}
	}
}

// attributeText reads what runs up to the next quote, "<" or "&". Line ends stay what they are, where .NET makes
// blanks of them: otherwise a comment in C# would swallow the rest.
func (r *reader) attributeText(b *builder, quote byte, raw bool) {
	end := r.pos
	if raw && expressionAt(r.s, r.pos) {
		end += 2
		if stop, ok := r.match(r.pos); ok && embeddable(r.s[r.pos:stop], quote) {
			end = stop
			r.literal(r.pos, end, true)
		}
	}
	if end == r.pos {
		end++
		for end < len(r.s) && r.s[end] != quote && r.s[end] != '<' && r.s[end] != '&' && r.s[end] != '@' {
			end++
		}
	}
	r.newlines(b, r.pos, end)
	r.pos = end
}

// embeddable reports whether what looks like an expression in the middle of a value is taken for one: it does not
// reach beyond the value, or at least not beyond the line.
func embeddable(code string, quote byte) bool {
	return strings.IndexByte(code, quote) < 0 || !strings.Contains(code, "\n")
}

// attributeExpression reads a value that begins with an expression in literal form. ok is false if there is none.
func (r *reader) attributeExpression(quote byte, start int) (v Value, ok bool, err *syntaxError) {
	at := r.skipSpace(start)
	if !expressionAt(r.s, at) {
		return Value{}, false, nil
	}
	end, matched := r.match(at)
	shut := r.skipSpace(end)
	if matched && shut < len(r.s) && r.s[shut] == quote {
		b := &builder{}
		r.newlines(b, at, end)
		r.literal(at, end, true)
		v = b.value(r.src, at, end)
		v.Kind = Expression
		r.decode(&v)
		r.pos = shut + 1
		return v, true, nil
	}
	if r.format == Auto && r.escapedValue(quote, start) {
		return Value{}, false, nil
	}
	if !matched {
		return Value{}, false, r.unclosed(at)
	}
	return Value{}, false, nil
}

// escapedValue reports whether the value, read as well-formed XML, is one expression.
func (r *reader) escapedValue(quote byte, start int) bool {
	i := strings.IndexByte(r.s[start:], quote)
	if i < 0 || !strings.Contains(r.s[start:start+i], "&") {
		return false
	}
	b := &builder{}
	b.verbatim(r.s[start:start+i], start)
	v := b.value(r.src, start, start+i)
	d, _ := decodeEntities(&v)
	text := strings.TrimSpace(d.Text)
	end, ok := syntax.Match(text, 0)
	return ok && end == len(text)
}

// bareQuotes reports whether an attribute may hold bare quotes: the distinguished names of an identity.
func bareQuotes(r *reader, e *Element, name string, quote byte) bool {
	return r.format != XML && quote == '"' && e.Name == "identity" && (name == "subject" || name == "issuer-subject")
}

// closes reports whether the quote at the offset ends an attribute: white space or the end of the tag follows.
func (r *reader) closes(at int) bool {
	next := at + 1
	if next >= len(r.s) || strings.HasPrefix(r.s[next:], "/>") || r.s[next] == '>' {
		return true
	}
	return isSpace(r.s[next])
}

// entity reads an entity or character reference at the start of s; size is 0 if there is none.
func entity(s string) (text string, size int) {
	i := strings.IndexByte(s, ';')
	if i < 2 || i > 10 {
		return "", 0
	}
	switch name := s[1:i]; name {
	case "amp":
		return "&", i + 1
	case "lt":
		return "<", i + 1
	case "gt":
		return ">", i + 1
	case "quot":
		return `"`, i + 1
	case "apos":
		return "'", i + 1
	default:
		if r, ok := charReference(name); ok {
			return string(r), i + 1
		}
	}
	return "", 0
}

// charReference reads "#38" or "#x26"; what XML does not have is refused.
func charReference(name string) (rune, bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	var n rune
	for i := 0; i < len(digits); i++ {
		d := hexValue(digits[i])
		if d < 0 || d >= base {
			return 0, false
		}
		if n = n*base + d; n > 0x10FFFF {
			return 0, false
		}
	}
	return n, digits != "" && xmlChar(n)
}

func hexValue(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}
