package policyxml

import (
	"sort"
	"strings"

	"github.com/postern-gateway/postern/source"
)

// Document is a policy document or fragment as it was read. It is immutable.
type Document struct {
	// Root is the only element at the top.
	Root *Element
	// Source is the text with its named values put in.
	Source *Source
	// Format is XML or RawXML: the form that the document turned out to have.
	Format Format

	literals []literal
}

// literal is a part of the user's text that was read as it is although it may hold what XML would not allow.
type literal struct {
	span      source.Span
	attribute bool
}

// BareQuotes are the quotes that stand inside quoted attributes, which no XML has.
func (d *Document) BareQuotes() []source.Span {
	var spans []source.Span
	for _, l := range d.literals {
		if l.attribute && l.span.End == l.span.Start+1 {
			spans = append(spans, l.span)
		}
	}
	return spans
}

// Element is one XML element.
type Element struct {
	// Name is as written, prefix included.
	Name string
	// Span is the start tag, NameSpan the name in it, in the user's text.
	Span, NameSpan source.Span
	// Attrs are the attributes in their order.
	Attrs []Attr
	// Children are the child elements in their order; comments and instructions are left out.
	Children []*Element
	// Text is the character data of the element, that of its children left out.
	Text Value
	// Inner is everything between the two tags as it stands after substitution of named values.
	Inner string
	// InnerSpan is its place in the user's text.
	InnerSpan source.Span

	textStart int
}

// Attr is one attribute.
type Attr struct {
	Name     string
	NameSpan source.Span
	Value    Value
}

// Attr is the attribute of that name, nil if there is none. Names are compared with case, as XML does.
func (e *Element) Attr(name string) *Attr {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			return &e.Attrs[i]
		}
	}
	return nil
}

// Kind tells what a Value is.
type Kind uint8

const (
	// Literal is text.
	Literal Kind = iota
	// Expression is one whole "@( … )" or "@{ … }", white space around it left out.
	Expression
	// Mixed is text with something in it that looks like an expression; API Management does not evaluate it.
	Mixed
)

// Value is the value of an attribute or the text of an element.
type Value struct {
	// Kind tells what Text is.
	Kind Kind
	// Text is the literal with its entities decoded, or the C# code with its "@(" or "@{".
	Text string
	// Span is where it stands in the user's text, without the quotes.
	Span source.Span
	// Decoded is set where Text is code that was read literally and holds XML entities: the code with them
	// decoded, which is what was meant if Text does not compile. Only Auto sets it.
	Decoded *Value

	src    *Source
	pieces []piece
}

// piece says that Text from text on stands at src (an offset after substitution) and, unless it is fixed, runs along.
type piece struct {
	text, src int
	fixed     bool
}

// Original is the place in the user's text of the byte of Text at offset.
func (v *Value) Original(offset int) int {
	i := sort.Search(len(v.pieces), func(i int) bool { return v.pieces[i].text > offset }) - 1
	if i < 0 {
		return v.Span.Start
	}
	p := v.pieces[i]
	if p.fixed {
		return v.src.Original(p.src)
	}
	return v.src.Original(p.src + offset - p.text)
}

// OriginalSpan is the place in the user's text of a span of Text.
func (v *Value) OriginalSpan(s source.Span) source.Span {
	start := v.Original(s.Start)
	end := start
	if s.End > s.Start {
		end = v.Original(s.End-1) + 1
	}
	return source.Span{Start: start, End: max(start, end)}
}

// Blank reports whether the value is a literal of white space only.
func (v *Value) Blank() bool { return v.Kind == Literal && strings.TrimSpace(v.Text) == "" }

// builder makes a Value piece by piece.
type builder struct {
	text   strings.Builder
	pieces []piece
	// written tells that something else than white space was appended.
	written bool
}

// verbatim appends s, which stands at src.
func (b *builder) verbatim(s string, src int) {
	if s == "" {
		return
	}
	n := len(b.pieces)
	if n == 0 || b.pieces[n-1].fixed || b.pieces[n-1].src+b.text.Len()-b.pieces[n-1].text != src {
		b.pieces = append(b.pieces, piece{text: b.text.Len(), src: src})
	}
	b.append(s)
}

// replaced appends s, which stands for something else at src.
func (b *builder) replaced(s string, src int) {
	b.pieces = append(b.pieces, piece{text: b.text.Len(), src: src, fixed: true})
	b.append(s)
}

func (b *builder) append(s string) {
	b.written = b.written || strings.TrimSpace(s) != ""
	b.text.WriteString(s)
}

func (b *builder) value(src *Source, start, end int) Value {
	return Value{Text: b.text.String(), Span: src.span(start, end), src: src, pieces: b.pieces}
}

// cut is the part [i, j) of v's text as a Value of its own.
func (v *Value) cut(i, j int) Value {
	c := Value{Kind: v.Kind, Text: v.Text[i:j], src: v.src, Span: v.OriginalSpan(source.Span{Start: i, End: j})}
	first := sort.Search(len(v.pieces), func(k int) bool { return v.pieces[k].text > i }) - 1
	for k := max(first, 0); k < len(v.pieces) && v.pieces[k].text < j; k++ {
		p := v.pieces[k]
		if p.text < i {
			if !p.fixed {
				p.src += i - p.text
			}
			p.text = i
		}
		p.text -= i
		c.pieces = append(c.pieces, p)
	}
	return c
}
