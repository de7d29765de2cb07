package policyxml

import (
	"sort"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/source"
)

// Convert spells a document in another form: the C# of rawxml in entities for xml, and the other way round. All else
// stays byte for byte, references to named values included. A text that is no document is fault.Invalid.
func Convert(text string, from, to Format) (string, error) {
	doc, ds := Parse("policy", text, Options{Format: from, MaxBytes: MaxFragmentBytes})
	if doc == nil {
		return "", fault.New(fault.Invalid, "%s", ds[0].Message)
	}
	if to == Auto || to == doc.Format {
		return text, nil
	}
	c := &converter{text: text}
	if to == XML {
		for _, l := range doc.literals {
			c.replace(l.span, escape(text[l.span.Start:l.span.End], l.attribute))
		}
	} else {
		c.decode(doc.Root)
	}
	return c.apply(), nil
}

type edit struct {
	span source.Span
	text string
}

type converter struct {
	text  string
	edits []edit
}

func (c *converter) replace(span source.Span, text string) {
	c.edits = append(c.edits, edit{span, text})
}

// decode puts the expressions of an element, and of those in it, into their literal form.
func (c *converter) decode(e *Element) {
	for i := range e.Attrs {
		if v := &e.Attrs[i].Value; v.Kind == Expression {
			c.replace(v.Span, v.Text)
		}
	}
	before := strings.TrimRight(c.text[:e.Text.Span.Start], " \t\r\n")
	if e.Text.Kind == Expression && !strings.HasSuffix(before, "<![CDATA[") {
		c.replace(e.Text.Span, e.Text.Text)
	}
	for _, child := range e.Children {
		c.decode(child)
	}
}

func (c *converter) apply() string {
	sort.Slice(c.edits, func(i, j int) bool { return c.edits[i].span.Start < c.edits[j].span.Start })
	var b strings.Builder
	done := 0
	for _, e := range c.edits {
		b.WriteString(c.text[done:e.span.Start])
		b.WriteString(e.text)
		done = e.span.End
	}
	b.WriteString(c.text[done:])
	return b.String()
}

var (
	textEscaper      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")
)

func escape(s string, attribute bool) string {
	if attribute {
		return attributeEscaper.Replace(s)
	}
	return textEscaper.Replace(s)
}
