package clr

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// What a part of a replacement stands for, beside the number of a group.
const (
	replaceText  = -1
	replaceLeft  = -2
	replaceRight = -3
	replaceLast  = -4
	replaceWhole = -5
)

type replacementPart struct {
	group int
	text  *types.String
}

// replacement is a replacement pattern: "$1", "${name}", "$$".
type replacement []replacementPart

// replacement reads a replacement pattern.
func (r *Regex) replacement(s *types.String) replacement {
	p := &patternReader{u: s.Units()}
	var out replacement
	start := 0
	text := func(to int) {
		if to > start {
			out = append(out, replacementPart{replaceText, s.Slice(start, to)})
		}
	}
	for !p.end() {
		if p.u[p.pos] != '$' {
			p.pos++
			continue
		}
		dollar := p.pos
		p.pos++
		part, ok := r.dollar(p)
		if !ok {
			p.pos = dollar + 1
			continue
		}
		text(dollar)
		out = append(out, part)
		start = p.pos
	}
	text(len(p.u))
	return out
}

// dollar reads what follows a dollar sign; ok is false where that stands for itself.
func (r *Regex) dollar(p *patternReader) (part replacementPart, ok bool) {
	if p.end() {
		return part, false
	}
	braced := p.is('{') && p.pos+1 < len(p.u)
	if braced {
		p.pos++
	}
	switch c := p.u[p.pos]; {
	case isDigitUnit(c) && !braced && r.options&regexECMAScript != 0:
		return r.ecmaDollar(p)
	case isDigitUnit(c):
		n := 0
		for ; !p.end() && isDigitUnit(p.u[p.pos]); p.pos++ {
			n = min(n*10+int(p.u[p.pos]-'0'), 1<<30)
		}
		if braced && !p.is('}') {
			return part, false
		}
		if braced {
			p.pos++
		}
		return replacementPart{group: n}, slices.Contains(r.numbers, n)
	case braced && isWordUnit(c):
		name := p.groupName()
		if !p.is('}') {
			return part, false
		}
		p.pos++
		n := r.number(name)
		return replacementPart{group: n}, n >= 0
	case braced:
		return part, false
	}
	c := p.u[p.pos]
	p.pos++
	switch c {
	case '$':
		return replacementPart{replaceText, types.NewString("$")}, true
	case '&':
		return replacementPart{group: 0}, true
	case '`':
		return replacementPart{group: replaceLeft}, true
	case '\'':
		return replacementPart{group: replaceRight}, true
	case '+':
		return replacementPart{group: replaceLast}, true
	case '_':
		return replacementPart{group: replaceWhole}, true
	}
	return part, false
}

func (r *Regex) ecmaDollar(p *patternReader) (part replacementPart, ok bool) {
	n, after := 0, 0
	for i := p.pos; i < len(p.u) && isDigitUnit(p.u[i]) && n < 1<<20; i++ {
		n = n*10 + int(p.u[i]-'0')
		if slices.Contains(r.numbers, n) {
			part, ok, after = replacementPart{group: n}, true, i+1
		}
	}
	if ok {
		p.pos = after
	}
	return part, ok
}

// parts are the texts that replace a match.
func (rep replacement) parts(t *types.Thread, m *regexMatch) []*types.String {
	out := make([]*types.String, 0, len(rep))
	for _, p := range rep {
		t.Step(1)
		switch p.group {
		case replaceText:
			out = append(out, p.text)
		case replaceLeft:
			out = append(out, m.text.Slice(0, m.at))
		case replaceRight:
			out = append(out, m.text.Slice(m.at+m.count, m.text.Len()))
		case replaceLast:
			out = append(out, m.groupAt(m.groupCount()-1).value())
		case replaceWhole:
			out = append(out, m.text)
		default:
			out = append(out, m.numbered(p.group).value())
		}
	}
	return out
}

// replace replaces up to count matches (−1: all) from an index by what by gives.
func (r *Regex) replace(t *types.Thread, s *types.String, count, from int, by func(m *regexMatch) []*types.String) *types.String {
	if count < -1 {
		throwRange("Count cannot be less than -1.", "count")
	}
	in := newRegexInput(t, s)
	r.checkStart(in, from)
	if count == 0 {
		return s
	}
	m := r.find(t, in, from)
	if !m.success {
		return s
	}
	// pieces are collected in the order of the search
	var pieces []*types.String
	at := 0
	if r.rightToLeft() {
		at = s.Len()
	}
	for ; m.success; m = r.next(t, m) {
		if r.rightToLeft() {
			pieces = append(pieces, s.Slice(m.at+m.count, at))
			rev := slices.Clone(by(m))
			slices.Reverse(rev)
			pieces = append(pieces, rev...)
			at = m.at
		} else {
			pieces = append(pieces, s.Slice(at, m.at))
			pieces = append(pieces, by(m)...)
			at = m.at + m.count
		}
		t.Alloc(64)
		if count--; count == 0 {
			break
		}
	}
	if r.rightToLeft() {
		pieces = append(pieces, s.Slice(0, at))
		slices.Reverse(pieces)
	} else {
		pieces = append(pieces, s.Slice(at, s.Len()))
	}
	size := 0
	for _, p := range pieces {
		size += p.Len()
	}
	t.Alloc(int64(size))
	return types.ConcatStrings(pieces...)
}

func (r *Regex) checkStart(in *regexInput, from int) {
	if from < 0 || from > len(in.runes) {
		throwRange("Start index cannot be less than 0 or greater than input length.", "startat")
	}
}

// split is Regex.Split.
func (r *Regex) split(t *types.Thread, s *types.String, count, from int) *types.Array {
	if count < 0 {
		throwRange("Count cannot be less than -1.", "count")
	}
	in := newRegexInput(t, s)
	r.checkStart(in, from)
	if count == 1 {
		return newStrings([]*types.String{s})
	}
	m := r.find(t, in, from)
	if !m.success {
		return newStrings([]*types.String{s})
	}
	var out []*types.String
	at := 0
	if r.rightToLeft() {
		at = s.Len()
	}
	for count--; m.success; m = r.next(t, m) {
		if r.rightToLeft() {
			out = append(out, s.Slice(m.at+m.count, at))
			at = m.at
		} else {
			out = append(out, s.Slice(at, m.at))
			at = m.at + m.count
		}
		for i := 1; i < m.groupCount(); i++ {
			if g := m.groupAt(i); g.success {
				out = append(out, g.value())
			}
		}
		t.Alloc(64)
		if count--; count == 0 {
			break
		}
	}
	if r.rightToLeft() {
		out = append(out, s.Slice(0, at))
		slices.Reverse(out)
	} else {
		out = append(out, s.Slice(at, s.Len()))
	}
	return newStrings(out)
}

// escapePattern is Regex.Escape.
func escapePattern(s *types.String) *types.String {
	if s == nil {
		types.ThrowNull("str")
	}
	var b strings.Builder
	for i := 0; i < len(s.Go()); i++ {
		c := s.Go()[i]
		switch {
		case strings.IndexByte("\\*+?|{[()^$.# ", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\f':
			b.WriteString(`\f`)
		default:
			b.WriteByte(c)
		}
	}
	return types.NewString(b.String())
}

// unescapePattern is Regex.Unescape.
func unescapePattern(s *types.String) *types.String {
	if s == nil {
		types.ThrowNull("str")
	}
	p := &patternReader{u: s.Units()}
	var out []uint16
	for !p.end() {
		c := p.u[p.pos]
		p.pos++
		if c == '\\' {
			if p.end() {
				p.fail(`Illegal \ at end of pattern.`)
			}
			c = p.charEscape()
		}
		out = append(out, c)
	}
	return types.StringFromUnits(out)
}
