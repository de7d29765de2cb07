package syntax

import "strings"

// interpolated reads $"…" or $@"…", whose token the lexer has found whole.
func (p *parser) interpolated() Expr {
	t := p.advance()
	n := &InterpolatedExpr{Extent: t.extent()}
	text := p.src[t.start:t.end]
	open := strings.IndexByte(text, '"') + 1
	s := interpolation{p: p, verbatim: open == 3, pos: int(t.start) + open, end: int(t.end) - 1}
	n.Parts = s.parts()
	return n
}

// interpolation reads the inside of an interpolated string, p.src[pos:end].
type interpolation struct {
	p        *parser
	verbatim bool
	pos, end int
}

func (s *interpolation) parts() []InterpolatedPart {
	var parts []InterpolatedPart
	for s.pos < s.end {
		if part := s.text(); part.Start < part.End {
			parts = append(parts, part)
		}
		if s.pos < s.end {
			parts = append(parts, s.hole())
		}
	}
	return parts
}

// text reads up to a hole or the end.
func (s *interpolation) text() InterpolatedPart {
	src, start := s.p.src, s.pos
	buf := make([]byte, 0, 16)
	for s.pos < s.end {
		c := src[s.pos]
		twice := s.pos+1 < s.end && src[s.pos+1] == c
		switch {
		case c == '{' && !twice:
			return InterpolatedPart{Extent: Extent{int32(start), int32(s.pos)}, Text: string(buf)}
		case c == '}' && !twice:
			s.p.reportExtent(Extent{int32(s.pos), int32(s.pos + 1)}, errUnescapedBrace, "}")
			s.pos++
		case c == '{' || c == '}' || c == '"':
			buf = append(buf, c)
			s.pos += 2
		case c == '\\' && !s.verbatim:
			buf = s.escape(buf)
		default:
			buf = append(buf, c)
			s.pos++
		}
	}
	return InterpolatedPart{Extent: Extent{int32(start), int32(s.pos)}, Text: string(buf)}
}

func (s *interpolation) escape(buf []byte) []byte {
	r, n := escape(s.p.src[s.pos:s.end])
	switch {
	case n == 0:
		s.p.reportExtent(Extent{int32(s.pos), int32(min(s.pos+2, s.end))}, errBadEscape)
		r, n = '\\', 2
	case r == '{' || r == '}':
		s.p.reportExtent(Extent{int32(s.pos), int32(s.pos + n)}, errEscapedBrace, string(r))
	}
	s.pos += n
	return appendUnit(buf, r)
}

// hole reads {x,align:format}.
func (s *interpolation) hole() InterpolatedPart {
	start := s.pos
	colon, end, ok := scanHole(s.p.src[:s.end], start+1, s.verbatim, s.p.nested+1)
	if !ok {
		s.p.reportExtent(Extent{int32(start), int32(start + 1)}, errOpenHole)
		s.pos = s.end
		return InterpolatedPart{Extent: Extent{int32(start), int32(s.end)}, X: &BadExpr{Extent{int32(start), int32(s.end)}}}
	}
	s.pos = end
	part := InterpolatedPart{Extent: Extent{int32(start), int32(end)}}
	s.holeCode(&part, start+1, colon)
	if colon < end-1 {
		part.HasFormat = true
		part.Format = s.format(colon+1, end-1)
		if part.Format == "" {
			s.p.reportExtent(Extent{int32(colon), int32(colon + 1)}, errEmptyFormat)
		}
	}
	return part
}

// holeCode reads src[start:end] as an expression and an alignment.
func (s *interpolation) holeCode(part *InterpolatedPart, start, end int) {
	outer := s.p
	if !s.verbatim && strings.ContainsAny(outer.src[start:end], "\r\n") {
		outer.reportExtent(Extent{int32(start - 1), int32(start)}, errNewlineInHole)
	}
	p := newParser(outer.src, start, end, outer.nested+1, nil, nil)
	if n := len(p.toks) - 2; n >= 0 {
		p.toks[n].eol = false // the string goes on
	}
	p.depth, p.stopped, p.inQuery = outer.depth, outer.stopped, false
	part.X = p.expression()
	if q, ok := part.X.(*ConditionalExpr); ok && outer.src[end] == ':' {
		if _, bad := q.Else.(*BadExpr); bad {
			p.diags = p.diags[:0]
			p.reportExtent(Extent{int32(start), int32(end)}, errHoleTernary)
		}
	}
	last := part.X
	if p.got(tComma) {
		part.Align = p.expression()
		last = part.Align
	}
	if !p.at(tEOF) {
		p.reportExtent(extentOf(last), errUnexpectedToken, p.text(p.cur()))
	}
	outer.diags = append(outer.diags, p.diags...)
	if p.stopped && !outer.stopped {
		outer.stopped = true
		outer.pos = len(outer.toks) - 1
	}
}

// format is the text of a format, escapes resolved.
func (s *interpolation) format(start, end int) string {
	text := s.p.src[start:end]
	if !strings.ContainsAny(text, `\"{}`) {
		return text
	}
	var buf []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && !s.verbatim:
			r, n := escape(text[i:])
			if n == 0 {
				s.p.reportExtent(Extent{int32(start + i), int32(start + i + 1)}, errBadEscape)
				r, n = '\\', 1
			}
			buf = appendUnit(buf, r)
			i += n - 1
			continue
		case (c == '"' || c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			i++
		case c == '{':
			s.p.reportExtent(Extent{int32(start + i), int32(start + i + 1)}, errUnescapedBrace, "{")
		}
		buf = append(buf, text[i])
	}
	return string(buf)
}
