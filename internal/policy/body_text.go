package policy

import (
	"strings"

	"github.com/postern-gateway/postern/source"
)

// isLiquid reports whether the element's text is a Liquid template.
func (n *Node) isLiquid() bool {
	return n.values["template"] != nil && strings.EqualFold(n.Literal("template"), "liquid")
}

// bodySpan is the place in the user's text of the byte at offset of Body's text.
func (n *Node) bodySpan(offset int) source.Span {
	v := n.text.xml
	at := v.Span.Start
	if v != &n.xml.Text && len(v.Text) == v.Span.End-v.Span.Start { // the elements in it as they stand, no named value replaced
		at += min(max(offset, 0), len(v.Text))
	} else if v == &n.xml.Text {
		at = v.Original(offset)
	}
	return source.Span{Start: at, End: at}
}

// BodyErrorf reports that the element's text is wrong at the byte at offset of Body's text.
func (n *Node) BodyErrorf(offset int, code, format string, args ...any) {
	n.unit.errorf(code, n.bodySpan(offset), format, args...)
}

// BodyWarnf remarks on the element's text without refusing it.
func (n *Node) BodyWarnf(offset int, code, format string, args ...any) {
	n.unit.report(source.Warning, code, n.bodySpan(offset), format, args...)
}

// BodyIsMarkup reports whether Body's text is the element's content as it stands, elements and entities included.
func (n *Node) BodyIsMarkup() bool { return n.text != nil && n.text.xml != &n.xml.Text }
