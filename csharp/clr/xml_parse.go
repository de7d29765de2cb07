package clr

import (
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlMaxDepth bounds how deep elements nest in a text, xmlMaxExpansion how much the entities of a text expand to.
const (
	xmlMaxDepth     = 10_000
	xmlMaxExpansion = 10_000_000
)

// Bits of LoadOptions.
const loadPreserve = 1

// xmlParser reads a document as .NET's XmlReader does with LINQ to XML's settings: the declarations of an internal subset count, nothing is
// fetched. Its messages and their places are XmlReader's.
type xmlParser struct {
	t *types.Thread
	s string
	i int
	// doc is what is read, at the node that is open.
	doc, at *xmlNode
	depth   int
	// starts are the places of the open elements' names; their names as written.
	starts []xmlOpen
	// bound are the prefixes in scope.
	bound    []xmlBinding
	preserve bool
	dtd      *xmlDTD
	rooted   bool
	names    map[string]*xmlName
	spaces   map[string]*xmlNamespace
	expanded int
	// standing text: a run of text that may go on, and whether it is more than white space.
	run      strings.Builder
	runReal  bool
	entities []string
}

// xmlOpen is an element whose end has not been seen.
type xmlOpen struct {
	name     string
	place    int
	bound    int
	keepText bool
}

// parseXMLDocument reads a whole document; options are LoadOptions.
func parseXMLDocument(t *types.Thread, text *types.String, options int32) *xmlNode {
	p := &xmlParser{t: t, s: text.Go(), preserve: options&loadPreserve != 0, names: map[string]*xmlName{}, spaces: map[string]*xmlNamespace{},
		bound: []xmlBinding{{prefix: xmlnsName, uri: xmlnsURI}, {prefix: xmlPrefix, uri: xmlURI}, {}}}
	p.doc = &xmlNode{kind: xmlDocument, more: &xmlMore{}}
	p.at = p.doc
	t.Alloc(int64(len(p.s)))
	if strings.HasPrefix(p.s, "\uFEFF") {
		p.i = len("\uFEFF")
	}
	p.declaration()
	for p.document() {
		t.Step(1)
	}
	return p.doc
}

// place is the line and column of the byte at i, both from 1; columns count UTF-16 units.
func (p *xmlParser) place(i int) (line, column int) {
	i = min(i, len(p.s))
	line, start := 1, 0
	for j := 0; j < i; j++ {
		if c := p.s[j]; c == '\n' || c == '\r' && (j+1 >= len(p.s) || p.s[j+1] != '\n') {
			line, start = line+1, j+1
		}
	}
	return line, types.NewString(p.s[start:i]).Len() + 1
}

// fail throws with the place i.
func (p *xmlParser) fail(i int, message string) {
	p.t.Step(int64(len(p.s)/64) + 1)
	line, column := p.place(i)
	throwXMLAt(message, line, column)
}

// byteAt is the byte at i, 0 past the end.
func (p *xmlParser) byteAt(i int) byte {
	if i < len(p.s) {
		return p.s[i]
	}
	return 0
}

// runeAt is the character at i, 0 past the end.
func (p *xmlParser) runeAt(i int) rune {
	if i >= len(p.s) {
		return 0
	}
	r, size := utf8.DecodeRuneInString(p.s[i:])
	if r == utf8.RuneError && size == 1 && i+2 < len(p.s) { // a lone surrogate
		return rune(0xD000) | rune(p.s[i+1]&0x3F)<<6 | rune(p.s[i+2]&0x3F)
	}
	return r
}

// unexpected is the token at i as messages have it; ok is false at the end of the text.
func (p *xmlParser) unexpected(i int) (token string, ok bool) {
	if i >= len(p.s) {
		return "", false
	}
	end := i
	for end < len(p.s) {
		r, size := utf8.DecodeRuneInString(p.s[end:])
		if !isNCChar(r) {
			break
		}
		end += size
	}
	if end == i {
		_, size := utf8.DecodeRuneInString(p.s[i:])
		end = i + size
	}
	return p.s[i:end], true
}

// failToken throws about the token at i where one of those wanted should be.
func (p *xmlParser) failToken(i int, wanted ...string) {
	token, ok := p.unexpected(i)
	if !ok {
		p.fail(i, "Unexpected end of file has occurred.")
	}
	p.fail(i, "'"+token+"' is an unexpected token. The expected token is '"+strings.Join(wanted, "' or '")+"'.")
}

func (p *xmlParser) failWhite(i int) {
	token, ok := p.unexpected(i)
	if !ok {
		p.fail(i, "Unexpected end of file has occurred.")
	}
	p.fail(i, "'"+token+"' is an unexpected token. Expecting whitespace.")
}

// failUnclosed throws about the elements that are open but for the last skip.
func (p *xmlParser) failUnclosed(skip int) {
	open := p.starts[:max(0, len(p.starts)-skip)]
	var b strings.Builder
	for i := len(open) - 1; i >= 0 && b.Len() < 4096; i-- {
		b.WriteString(open[i].name)
		if i > 0 {
			b.WriteString(", ")
		} else {
			b.WriteString(".")
		}
	}
	p.fail(len(p.s), "Unexpected end of file has occurred. The following elements are not closed: "+b.String())
}

// white passes over white space and reports whether there was any.
func (p *xmlParser) white() bool {
	start := p.i
	for p.i < len(p.s) && isXMLSpace(p.s[p.i]) {
		p.i++
	}
	return p.i > start
}

// nameEnd is the end of the name at i; colons are the places of colons that it may have: none, or one in a qualified name.
func (p *xmlParser) nameEnd(i int, qualified bool) (end, colon int) {
	colon = -1
	for {
		r := p.runeAt(i)
		if !isNCStart(r) {
			if i+1 >= len(p.s) {
				p.fail(i, "Unexpected end of file while parsing Name has occurred.")
			}
			p.fail(i, badStartChar(r))
		}
		for i < len(p.s) && isNCChar(p.runeAt(i)) {
			if p.s[i] < utf8.RuneSelf {
				i++
			} else {
				_, size := utf8.DecodeRuneInString(p.s[i:])
				i += size
			}
		}
		if p.byteAt(i) != ':' {
			if i >= len(p.s) {
				p.fail(i, "Unexpected end of file while parsing Name has occurred.")
			}
			return i, colon
		}
		if colon >= 0 || !qualified {
			p.fail(i, badNameChar(':'))
		}
		colon = i
		i++
	}
}

// document reads one thing at the top of the document; false at its end.
func (p *xmlParser) document() bool {
	start := p.i
	if p.white() && p.preserve && (p.i >= len(p.s) || p.s[p.i] == '<') {
		p.doc.addString(p.t, types.NewString(normalNewlines(p.s[start:p.i])))
	}
	if p.i >= len(p.s) {
		if !p.rooted {
			throwXML("Root element is missing.")
		}
		return false
	}
	if p.s[p.i] != '<' {
		if r := p.runeAt(p.i); !isXMLChar(r) {
			p.fail(p.i, invalidChar(r))
		}
		p.fail(p.i, "Data at the root level is invalid.")
	}
	if len(p.s)-p.i < 4 {
		p.fail(p.i, "Data at the root level is invalid.")
	}
	switch p.s[p.i+1] {
	case '?':
		p.i += 2
		p.instruction()
	case '!':
		p.documentMarkup()
	case '/':
		p.fail(p.i+2, "Unexpected end tag.")
	default:
		if p.rooted {
			p.fail(p.i+1, "There are multiple root elements.")
		}
		p.rooted = true
		p.i++
		p.element()
		for len(p.starts) > 0 {
			p.t.Step(1)
			p.content()
		}
	}
	return true
}

// documentMarkup reads a comment or the document type.
func (p *xmlParser) documentMarkup() {
	switch {
	case strings.HasPrefix(p.s[p.i:], "<!--"):
		p.comment()
	case p.s[p.i+2] == '-':
		p.failToken(p.i+3, "-")
	case p.s[p.i+2] == '[':
		p.fail(p.i, "Data at the root level is invalid.")
	default:
		p.i += 2
		p.docType()
	}
}

// declaration reads the XML declaration, if there is one.
func (p *xmlParser) declaration() {
	if !strings.HasPrefix(p.s[p.i:], "<?xml") || isNCChar(p.runeAt(p.i+5)) || p.i+5 >= len(p.s) {
		return
	}
	p.i += 5
	d := &xmlDeclaration{}
	const invalid = "Syntax for an XML declaration is invalid."
	for state := 0; ; {
		white := p.white()
		if p.byteAt(p.i) == '?' {
			if p.byteAt(p.i+1) != '>' {
				p.failToken(p.i, "'>'")
			}
			if state == 0 {
				p.fail(p.i, invalid)
			}
			p.i += 2
			p.doc.more.declaration = d
			return
		}
		if !white && state != 0 {
			p.failToken(p.i, "?>")
		}
		end, _ := p.nameEnd(p.i, false)
		name := p.s[p.i:end]
		step := map[string]int{"version": 1, "encoding": 2, "standalone": 3}[name]
		if step <= state || step > 1 && state == 0 {
			p.fail(p.i, invalid)
		}
		p.i = end
		value, at := p.pseudoValue(invalid)
		state = step
		d.set(p, name, value, at)
	}
}

// pseudoValue reads = and a quoted value; at is the place of the value.
func (p *xmlParser) pseudoValue(invalid string) (value *types.String, at int) {
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
	at = p.i
	n := strings.IndexAny(p.s[at:], string(quote)+"<&")
	if n < 0 {
		p.fail(p.i, "There is an unclosed literal string.")
	}
	if p.s[at+n] != quote {
		p.fail(p.i, invalid)
	}
	p.i = at + n + 1
	return types.NewString(p.s[at : at+n]), at
}

// set takes a part of the declaration.
func (d *xmlDeclaration) set(p *xmlParser, name string, value *types.String, at int) {
	switch name {
	case "version":
		if value.Go() != "1.0" {
			p.fail(at, "Version number '"+value.Go()+"' is invalid.")
		}
		d.version = value
	case "encoding":
		d.encoding = value
	default:
		if v := value.Go(); v != "yes" && v != "no" {
			p.fail(at-1, "Syntax for an XML declaration is invalid.")
		}
		d.standalone = value
	}
}

func normalNewlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// checkChars throws at the first character of s[from:to] that XML does not have.
func (p *xmlParser) checkChars(from, to int) {
	for i := from; i < to; {
		if c := p.s[i]; c >= ' ' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(p.s[i:])
		if r == utf8.RuneError && size == 1 {
			p.fail(i, invalidChar(p.runeAt(i)))
		}
		if !isXMLChar(r) {
			p.fail(i, invalidChar(r))
		}
		i += size
	}
}
