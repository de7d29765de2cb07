package clr

import (
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// leaf writes a node that is neither element nor document.
func (w *xmlWriter) leaf(n *xmlNode) {
	s := goString(n.text)
	switch n.kind {
	case xmlText:
		if s != "" {
			w.closeStartTag()
			w.mixed = true
			w.escape(s, false)
			w.textEnd = w.b.Len()
		}
		return
	case xmlCData:
		w.closeStartTag()
		w.mixed = true
		w.b.WriteString("<![CDATA[")
		w.raw(strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>"))
		w.b.WriteString("]]>")
		w.textEnd = w.b.Len()
		return
	}
	w.closeStartTag()
	w.newLine(true)
	switch n.kind {
	case xmlComment:
		w.b.WriteString("<!--")
		w.raw(separateDashes(s))
		w.b.WriteString("-->")
	case xmlPI:
		w.b.WriteString("<?")
		w.b.WriteString(goString(n.more.target))
		if s != "" {
			w.b.WriteByte(' ')
			w.raw(strings.ReplaceAll(s, "?>", "? >"))
		}
		w.b.WriteString("?>")
	case xmlDocType:
		w.docType(n.more)
	}
}

// separateDashes puts a space where a comment would end in a dash or have two in a row.
func separateDashes(s string) string {
	if !strings.Contains(s, "--") && !strings.HasSuffix(s, "-") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] == '-' && (i+1 == len(s) || s[i+1] == '-') {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (w *xmlWriter) docType(m *xmlMore) {
	w.b.WriteString("<!DOCTYPE " + goString(m.target))
	switch {
	case m.public != nil:
		w.b.WriteString(` PUBLIC "` + m.public.Go() + `" "` + goString(m.system) + `"`)
	case m.system != nil:
		w.b.WriteString(` SYSTEM "` + m.system.Go() + `"`)
	default:
		w.b.WriteByte(' ')
	}
	if m.subset != nil {
		w.b.WriteString("[" + m.subset.Go() + "]")
	}
	w.b.WriteByte('>')
}

// escape writes text or an attribute's value.
func (w *xmlWriter) escape(s string, attribute bool) {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '<' && c != '>' && c != '&' && c != '"' {
			i++
			continue
		}
		with, size := xmlEscape(s, i, attribute)
		if with == "" {
			i += size
			continue
		}
		w.b.WriteString(s[start:i])
		w.b.WriteString(with)
		i += size
		start = i
	}
	w.b.WriteString(s[start:])
}

// xmlEscape is what the character at s[i] is written as, "" for itself, and its size. A character that XML does not have throws.
func xmlEscape(s string, i int, attribute bool) (with string, size int) {
	switch c := s[i]; c {
	case '<':
		return "&lt;", 1
	case '>':
		return "&gt;", 1
	case '&':
		return "&amp;", 1
	case '"':
		if attribute {
			return "&quot;", 1
		}
		return "", 1
	case '\t':
		if attribute {
			return "&#x9;", 1
		}
		return "", 1
	case '\n':
		if attribute {
			return "&#xA;", 1
		}
		return "", 1
	case '\r':
		if attribute {
			return "&#xD;", 1
		}
		if i+1 < len(s) && s[i+1] == '\n' {
			return "\n", 2
		}
		return "\n", 1
	}
	return "", xmlCharSize(s, i)
}

// xmlCharSize is the size of the character at s[i]; one that XML does not have throws.
func xmlCharSize(s string, i int) int {
	r, size := utf8.DecodeRuneInString(s[i:])
	switch {
	case r == utf8.RuneError && size == 1:
		types.Throw(types.ArgumentException, "The surrogate pair is invalid. A high surrogate character (0xD800 - 0xDBFF) must always be paired with "+
			"a low surrogate character (0xDC00 - 0xDFFF).")
	case !isXMLChar(r):
		types.Throw(types.ArgumentException, invalidChar(r))
	}
	return size
}

// raw writes what is not escaped; line ends become line feeds.
func (w *xmlWriter) raw(s string) {
	for i := 0; i < len(s); {
		i += xmlCharSize(s, i)
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	w.b.WriteString(s)
}

// ToStr is the node as text, indented.
func (n *xmlNode) ToStr(t *types.Thread) *types.String { return n.written(t, 0) }

// Bits of SaveOptions.
const (
	saveUnformatted = 1
	saveDistinct    = 2
)

// written is XNode.ToString(options).
func (n *xmlNode) written(t *types.Thread, options int32) *types.String {
	w := newXMLWriter(t, options&saveUnformatted == 0, options&saveDistinct != 0)
	w.node(n)
	return types.NewString(w.result())
}

// ToStr is name="value".
func (a *xmlAttr) ToStr(t *types.Thread) *types.String {
	w := newXMLWriter(t, false, false)
	name := a.name.local.Go()
	switch uri := a.name.ns.text(); {
	case uri == "":
	case uri == xmlnsURI:
		name = xmlnsName + ":" + name
	default:
		prefix, ok := xmlPrefixOf(a.parent, uri, true)
		if !ok || prefix == "" {
			prefix = "p0"
		}
		name = prefix + ":" + name
	}
	w.writeAttribute(name, a.value.Go())
	return types.NewString(w.result()[1:])
}

// xmlPrefixOf is GetPrefixOfNamespace on an element: the prefix that it or an element around it declares. An attribute cannot use the empty prefix.
func xmlPrefixOf(e *xmlNode, uri string, attribute bool) (string, bool) {
	hidden := map[string]bool{}
	for n := e; n != nil; n = n.parent {
		for _, a := range n.attrs {
			if !a.declares() {
				continue
			}
			p := a.prefix()
			if a.value.Go() == uri && !hidden[p] && (p != "" || !attribute) {
				return p, true
			}
			hidden[p] = true
		}
	}
	switch uri {
	case xmlURI:
		return xmlPrefix, true
	case xmlnsURI:
		return xmlnsName, true
	}
	return "", false
}

// savedXML is what Save writes: the XML declaration and the nodes.
func savedXML(t *types.Thread, n *xmlNode, options int32, encoding string) string {
	w := newXMLWriter(t, options&saveUnformatted == 0, options&saveDistinct != 0)
	w.b.WriteString(`<?xml version="1.0" encoding="` + encoding + `"`)
	if n.kind == xmlDocument && n.more != nil && n.more.declaration != nil {
		switch s := goString(n.more.declaration.standalone); s {
		case "yes", "no":
			w.b.WriteString(` standalone="` + s + `"`)
		}
	}
	w.b.WriteString("?>")
	w.node(n)
	return w.result()
}
