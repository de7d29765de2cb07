package policyxml

import (
	"sort"
	"strings"

	"github.com/postern-gateway/postern/source"
)

// NamedValue is what stands for {{name}}.
type NamedValue struct {
	// Text is put in the reference's place before the document is read.
	Text string
	// Secret keeps the text out of messages.
	Secret bool
}

// Ref is a {{name}} in the user's text.
type Ref struct {
	// Name is what stands between the braces.
	Name string
	// Span is the whole reference in the user's text.
	Span source.Span
	// Known tells whether there is a named value of that name; an unknown reference stays in the text.
	Known bool
	// Secret tells whether its value must not be shown.
	Secret bool

	start, end int // after substitution
}

// Source is a user's text with its named values put in. It is immutable.
type Source struct {
	// User is the text as the user wrote it.
	User *source.Text
	// Text is the text that was read.
	Text string
	// Refs are the references to named values, in order.
	Refs []Ref
}

// maxName is the longest display name of a named value.
const maxName = 256

// substitute puts in named values. It is a plain substitution of text, as in API Management: what is put in is not
// looked at again.
func substitute(user *source.Text, lookup func(string) (NamedValue, bool)) *Source {
	s := &Source{User: user, Text: user.Content}
	var b strings.Builder
	text, done := user.Content, 0
	for at := 0; ; {
		i := strings.Index(text[at:], "{{")
		if i < 0 {
			break
		}
		at += i
		name := refName(text[at+2:])
		if name == "" {
			at++
			continue
		}
		end := at + len(name) + 4
		ref := Ref{Name: name, Span: source.Span{Start: at, End: end}}
		b.WriteString(text[done:at])
		ref.start = b.Len()
		v, ok := NamedValue{Text: text[at:end]}, false
		if lookup != nil {
			if found, known := lookup(name); known {
				v, ok = found, true
			}
		}
		b.WriteString(v.Text)
		ref.end, ref.Known, ref.Secret = b.Len(), ok, v.Secret
		s.Refs = append(s.Refs, ref)
		at, done = end, end
	}
	if len(s.Refs) > 0 {
		b.WriteString(text[done:])
		s.Text = b.String()
	}
	return s
}

// refName is the name in text that begins after "{{", empty if it is no reference.
func refName(text string) string {
	for i := 0; i < len(text) && i <= maxName; i++ {
		c := text[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		case c == '}' && i > 0 && strings.HasPrefix(text[i:], "}}"):
			return text[:i]
		default:
			return ""
		}
	}
	return ""
}

// Original is the place in the user's text of the byte at offset in Text; what a named value put in stands where its
// reference does.
func (s *Source) Original(offset int) int {
	i := sort.Search(len(s.Refs), func(i int) bool { return s.Refs[i].start > offset }) - 1
	if i < 0 {
		return offset
	}
	r := s.Refs[i]
	switch {
	case offset >= r.end:
		return r.Span.End + offset - r.end
	case !r.Known:
		return r.Span.Start + offset - r.start
	}
	return r.Span.Start
}

// span is the user's span of [start, end) of Text.
func (s *Source) span(start, end int) source.Span {
	o := source.Span{Start: s.Original(start), End: s.Original(start)}
	if end > start {
		o.End = max(o.Start, s.endOf(end))
	}
	return o
}

// endOf is the user's offset of an exclusive end: behind the reference if the last byte came from one.
func (s *Source) endOf(end int) int {
	i := sort.Search(len(s.Refs), func(i int) bool { return s.Refs[i].start >= end }) - 1
	if i >= 0 && end <= s.Refs[i].end && s.Refs[i].Known {
		return s.Refs[i].Span.End
	}
	return s.Original(end-1) + 1
}

// Secret reports whether something secret was put in at a span of the user's text, and its name.
func (s *Source) Secret(span source.Span) (name string, ok bool) {
	for _, r := range s.Refs {
		if r.Secret && r.Span.Start < max(span.End, span.Start+1) && span.Start < r.Span.End {
			return r.Name, true
		}
	}
	return "", false
}
