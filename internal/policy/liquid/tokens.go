package liquid

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// token is a piece of a template: literal text, {{ }} or {% %}, at an offset of the text as the author wrote it.
type token struct {
	text string
	at   int
}

// cut is what was taken out of a template before it was divided: from out on, the text stands shift bytes further in the original.
type cut struct{ out, shift int }

// reader divides a template into tokens.
type reader struct {
	s      string
	pos    int
	cuts   []cut
	tokens []token
}

// origin is the offset in the author's text.
func (r *reader) origin(i int) int {
	k := sort.Search(len(r.cuts), func(k int) bool { return r.cuts[k].out > i })
	if k == 0 {
		return i
	}
	return i + r.cuts[k-1].shift
}

// tokenize divides a template. It throws where a tag has no end.
func tokenize(s string) []token {
	r := &reader{}
	r.prepare(s)
	for {
		start := r.opening()
		if start < 0 {
			break
		}
		r.literal(start)
		r.tag(start)
	}
	if r.pos < len(r.s) {
		r.add(r.s[r.pos:], r.pos)
	}
	return r.tokens
}

func (r *reader) add(text string, at int) { r.tokens = append(r.tokens, token{text, r.origin(at)}) }

// prepare expands the shorthands of whole templates ({{{ }}} and {# #}) and takes out hyphens before the end of tags with the line end
// or blanks behind them.
func (r *reader) prepare(s string) {
	offset := 0
	if body, at, ok := shorthand(s, "{{{", "}}}"); ok {
		s, offset = "{% literal %}"+body+"{% endliteral %}", at-len("{% literal %}")
	} else if body, at, ok := shorthand(s, "{#", "#}"); ok {
		s, offset = "{% comment %}"+body+"{% endcomment %}", at-len("{% comment %}")
	}
	if offset != 0 {
		r.cuts = append(r.cuts, cut{0, offset})
	}
	var b strings.Builder
	from := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] != '-' || s[i+2] != '}' || s[i+1] != '}' && s[i+1] != '%' {
			continue
		}
		b.WriteString(s[from:i])
		b.WriteString(s[i+1 : i+3])
		from = trailing(s, i+3)
		r.cuts = append(r.cuts, cut{b.Len() - 2, i + 1 - (b.Len() - 2) + offset}, cut{b.Len(), from - b.Len() + offset})
		i = from - 1
	}
	b.WriteString(s[from:])
	r.s = b.String()
}

// shorthand is the text within a template that is all one shorthand on one line, and where it stands. The brace and the sharp of a
// comment may have one space between them.
func shorthand(s, open, end string) (body string, at int, ok bool) {
	t := strings.TrimSuffix(s, "\n")
	for i, c := range []byte(open) {
		if i > 0 && c == '#' {
			at = skipOne(t, at)
		}
		if at >= len(t) || t[at] != c {
			return "", 0, false
		}
		at++
	}
	at = skipOne(t, at)
	to := len(t)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] == '#' {
			if c, n := utf8.DecodeLastRuneInString(t[:to]); to > at && isSpace(c) {
				to -= n
			}
		}
		if to <= at || t[to-1] != end[i] {
			return "", 0, false
		}
		to--
	}
	body = strings.TrimRightFunc(t[at:to], isSpace)
	return body, at, !strings.Contains(body, "\n")
}

// skipOne is the index behind the one white space at i, if one is there.
func skipOne(s string, i int) int {
	if skipSpace(s, i) > i {
		return next(s, i)
	}
	return i
}

// trailing is the end of one line end, or of a run of blanks, at i.
func trailing(s string, i int) int {
	switch {
	case strings.HasPrefix(s[i:], "\n"):
		return i + 1
	case strings.HasPrefix(s[i:], "\r\n"):
		return i + 2
	}
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// opening is where the next {{ or {% stands; negative where there is none.
func (r *reader) opening() int {
	for i := r.pos; ; i++ {
		n := strings.IndexByte(r.s[i:], '{')
		if n < 0 || i+n+1 >= len(r.s) {
			return -1
		}
		i += n
		if c := r.s[i+1]; c == '{' || c == '%' {
			return i
		}
	}
}

// literal adds the text before a tag, without its trailing blanks where the tag begins with a hyphen.
func (r *reader) literal(start int) {
	text := r.s[r.pos:start]
	if strings.HasPrefix(r.s[start+2:], "-") {
		text = strings.TrimRight(text, "\t ")
	}
	if text != "" {
		r.add(text, r.pos)
	}
}

// tag adds the tag at start, and the text of a raw block behind it.
func (r *reader) tag(start int) {
	i := start + 2
	if strings.HasPrefix(r.s[i:], "-") {
		i++
	}
	open := r.s[start : start+2]
	end := tagEnd(r.s, i, open == "{%")
	if end < 0 {
		text := open + r.s[i:]
		at := &failure{at: r.origin(start)}
		if open == "{%" {
			at.fail(excSyntax, `Tag '%s' was not properly terminated with regexp: (?-mix:\%%\})`, text)
		}
		at.fail(excSyntax, `Variable '%s' was not properly terminated with regexp: (?-mix:\}\})`, text)
	}
	text := open + r.s[i:end]
	r.add(text, start)
	r.pos = end
	if open == "{%" {
		name := text[skipSpace(text, 2):]
		name = name[:runOf(name, 0, isWord)]
		if name == "raw" || name == "comment" {
			r.raw(name, start)
		}
	}
}

// tagEnd is the end of the tag whose text begins at i, quoted strings passed over; negative where it has none.
func tagEnd(s string, i int, tag bool) int {
	closing := byte('}')
	if tag {
		closing = '%'
	}
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '\'', '"':
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
		case closing:
			if i+1 < len(s) && s[i+1] == '}' {
				return i + 2
			}
		}
	}
	return -1
}

// raw adds all text up to the end tag of a block whose content is no template.
func (r *reader) raw(name string, start int) {
	for i := r.pos; ; i += 2 {
		n := strings.Index(r.s[i:], "{%")
		if n < 0 {
			(&failure{at: r.origin(start)}).fail(excSyntax, "%s tag was never closed", name)
		}
		i += n
		if !isRawEnd(r.s[i+2:], name) {
			continue
		}
		if i > r.pos {
			r.add(r.s[r.pos:i], r.pos)
			r.pos = i
		}
		return
	}
}

func isRawEnd(s, name string) bool {
	s = strings.TrimPrefix(s, "-")
	s = s[skipSpace(s, 0):]
	s, ok := strings.CutPrefix(s, "end"+name)
	s = s[skipSpace(s, 0):]
	return ok && strings.HasPrefix(strings.TrimPrefix(s, "-"), "%}")
}
