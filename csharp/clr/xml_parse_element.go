package clr

import (
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// rawXMLAttr is an attribute as written, before its prefix is known.
type rawXMLAttr struct {
	prefix, local string
	place         int
	valuePlace    int
	value         *types.String
}

func (a *rawXMLAttr) name() string {
	if a.prefix == "" {
		return a.local
	}
	return a.prefix + ":" + a.local
}

// element reads a start tag past <, and opens the element unless it is empty.
func (p *xmlParser) element() {
	start := p.i
	end, colon := p.nameEnd(p.i, true)
	open := xmlOpen{name: p.s[start:end], place: start, bound: len(p.bound), keepText: len(p.starts) > 0 && p.starts[len(p.starts)-1].keepText}
	p.i = end
	var attrs []*rawXMLAttr
	empty := false
	switch c := p.byteAt(end); {
	case isXMLSpace(c):
		attrs, empty = p.attributes()
	case c == '>':
		p.i++
	case c == '/':
		if p.byteAt(end+1) != '>' {
			if end+1 >= len(p.s) {
				p.fail(end, "Unexpected end of file while parsing > has occurred.")
			}
			p.failToken(end, ">")
		}
		empty, p.i = true, end+2
	default:
		p.fail(end, badNameChar(p.runeAt(end)))
	}
	if len(p.starts) >= xmlMaxDepth {
		p.fail(start, "The document nests its elements too deep.")
	}
	attrs = p.dtd.defaults(p, open.name, attrs)
	prefix, local := "", open.name
	if colon >= 0 {
		prefix, local = p.s[start:colon], p.s[colon+1:end]
	}
	e := &xmlNode{kind: xmlElement, name: p.nameOf(p.uriOf(prefix, start), local)}
	p.t.Alloc(int64(160 + 80*len(attrs)))
	p.bindAttributes(e, attrs, &open)
	p.at.addNode(p.t, e)
	if empty {
		p.bound = p.bound[:open.bound]
		return
	}
	p.starts = append(p.starts, open)
	p.at = e
}

// nameOf is the name of a namespace and local name, the same object for the same name.
func (p *xmlParser) nameOf(uri, local string) *xmlName {
	key := uri + "}" + local
	n := p.names[key]
	if n == nil {
		ns := p.spaces[uri]
		if ns == nil {
			ns = newNamespace(types.NewString(uri))
			p.spaces[uri] = ns
		}
		n = &xmlName{ns, types.NewString(local)}
		p.names[key] = n
		p.t.Alloc(int64(len(key) + 96))
	}
	return n
}

// uriOf is the namespace that a prefix is bound to; place is that of the name.
func (p *xmlParser) uriOf(prefix string, place int) string {
	for i := len(p.bound) - 1; i >= 0; i-- {
		if p.bound[i].prefix == prefix {
			return p.bound[i].uri
		}
	}
	p.fail(place, "'"+prefix+"' is an undeclared prefix.")
	return ""
}

// bindAttributes gives the element its attributes.
func (p *xmlParser) bindAttributes(e *xmlNode, attrs []*rawXMLAttr, open *xmlOpen) {
	seen := map[*xmlName]bool{}
	for _, a := range attrs {
		uri := ""
		if a.prefix != "" {
			uri = p.uriOf(a.prefix, a.place)
		}
		name := p.nameOf(uri, a.local)
		if seen[name] {
			p.fail(a.place, "'"+a.name()+"' is a duplicate attribute name.")
		}
		seen[name] = true
		if a.prefix == xmlPrefix && a.local == "space" {
			switch strings.Trim(a.value.Go(), " \t\r\n") {
			case "preserve":
				open.keepText = true
			case "default":
				open.keepText = false
			default:
				p.fail(a.place, "'"+a.value.Go()+"' is an invalid xml:space value.")
			}
		}
		e.appendAttr(&xmlAttr{name: name, value: a.value})
	}
}

// attributes reads the attributes of a start tag and its end; empty: it was />.
func (p *xmlParser) attributes() (attrs []*rawXMLAttr, empty bool) {
	for {
		p.t.Step(1)
		white := p.white()
		c := p.byteAt(p.i)
		switch {
		case p.i >= len(p.s):
			p.failUnclosed(0)
		case c == '>':
			p.i++
			return attrs, false
		case c == '/':
			if p.i+1 >= len(p.s) {
				p.failUnclosed(0)
			}
			if p.s[p.i+1] != '>' {
				p.failToken(p.i+1, ">")
			}
			p.i += 2
			return attrs, true
		}
		if r := p.runeAt(p.i); !isNCStart(r) {
			p.fail(p.i, badStartChar(r))
		}
		if !white {
			p.failWhite(p.i)
		}
		attrs = append(attrs, p.attribute())
	}
}

// attribute reads one attribute; a namespace declaration takes effect at once.
func (p *xmlParser) attribute() *rawXMLAttr {
	start := p.i
	end, colon := p.nameEnd(start, true)
	a := &rawXMLAttr{local: p.s[start:end], place: start}
	if colon >= 0 {
		a.prefix, a.local = p.s[start:colon], p.s[colon+1:end]
	}
	p.i = end
	p.white()
	if p.byteAt(p.i) != '=' {
		p.failToken(p.i, "=")
	}
	p.i++
	p.white()
	quote := p.byteAt(p.i)
	if quote != '"' && quote != '\'' {
		p.failToken(p.i, "\"", "'")
	}
	p.i++
	a.valuePlace = p.i
	a.value = p.newText(p.attributeValue(quote))
	p.bind(a)
	return a
}

// bind takes up a namespace declaration.
func (p *xmlParser) bind(a *rawXMLAttr) {
	uri := a.value.Go()
	prefix := a.local
	switch {
	case a.prefix == "" && a.local == xmlnsName:
		prefix = ""
	case a.prefix != xmlnsName:
		return
	case uri == "":
		p.fail(a.valuePlace-1, "Invalid namespace declaration.")
	}
	const reserved = "Prefix '%' cannot be mapped to namespace name reserved for \"xml\" or \"xmlns\"."
	switch {
	case uri == xmlnsURI && prefix != xmlnsName, uri == xmlURI && prefix != xmlPrefix:
		p.fail(a.valuePlace, strings.Replace(reserved, "%", prefix, 1))
	case prefix == xmlnsName:
		p.fail(a.valuePlace, "Prefix \"xmlns\" is reserved for use by XML.")
	case prefix == xmlPrefix && uri != xmlURI:
		p.fail(a.place, "Prefix \"xml\" is reserved for use by XML and can be mapped only to namespace name \"http://www.w3.org/XML/1998/namespace\".")
	}
	p.bound = append(p.bound, xmlBinding{prefix: prefix, uri: uri})
}

// attributeValue reads a value up to its quote, which it passes.
func (p *xmlParser) attributeValue(quote byte) string {
	var b strings.Builder
	start := p.i
	for {
		if p.i >= len(p.s) {
			p.fail(len(p.s), "There is an unclosed literal string.")
		}
		switch c := p.s[p.i]; {
		case c == quote:
			b.WriteString(p.s[start:p.i])
			p.i++
			return b.String()
		case c == '<':
			p.fail(p.i, "'<', hexadecimal value 0x3C, is an invalid attribute character.")
		case c == '&':
			b.WriteString(p.s[start:p.i])
			p.valueReference(&b)
			start = p.i
		case c == '\n' || c == '\t' || c == '\r':
			b.WriteString(p.s[start:p.i])
			b.WriteByte(' ')
			p.i++
			if c == '\r' && p.byteAt(p.i) == '\n' {
				p.i++
			}
			start = p.i
		case c >= ' ' && c < utf8.RuneSelf:
			p.i++
		default:
			_, size := utf8.DecodeRuneInString(p.s[p.i:])
			p.checkChars(p.i, p.i+size)
			p.i += size
		}
	}
}

// valueReference expands the reference at p.i in an attribute's value.
func (p *xmlParser) valueReference(b *strings.Builder) {
	if s, ok := p.charReference(); ok {
		b.WriteString(s)
		return
	}
	name, value, ok := p.entity(true)
	if !ok {
		return
	}
	p.within(name, value, func() {
		for p.i < len(p.s) {
			switch c := p.s[p.i]; c {
			case '<':
				p.fail(p.i, "'<', hexadecimal value 0x3C, is an invalid attribute character.")
			case '&':
				p.valueReference(b)
			case '\n', '\t', '\r':
				b.WriteByte(' ')
				p.i++
			default:
				b.WriteByte(c)
				p.i++
			}
		}
	})
}
