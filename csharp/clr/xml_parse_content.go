package clr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// content reads one thing in the element that is open.
func (p *xmlParser) content() {
	if p.i >= len(p.s) {
		p.failUnclosed(0)
	}
	if p.s[p.i] != '<' {
		p.textRun()
		return
	}
	switch p.byteAt(p.i + 1) {
	case '?':
		p.i += 2
		p.instruction()
	case '!':
		p.contentMarkup()
	case '/':
		p.i += 2
		p.endTag()
	default:
		if p.i+1 >= len(p.s) {
			p.failUnclosed(0)
		}
		p.i++
		p.element()
	}
}

// contentMarkup reads a comment or a CDATA section.
func (p *xmlParser) contentMarkup() {
	rest := p.s[p.i:]
	switch {
	case len(rest) < 4:
		p.failUnclosed(0)
	case strings.HasPrefix(rest, "<!--"):
		p.comment()
	case rest[2] == '-':
		p.failToken(p.i+3, "-")
	case rest[2] == '[':
		if len(rest) < 9 {
			p.failUnclosed(0)
		}
		if !strings.HasPrefix(rest, "<![CDATA[") {
			p.failToken(p.i+3, "CDATA[")
		}
		p.i += 9
		p.at.addNode(p.t, &xmlNode{kind: xmlCData, text: p.until("]]>", "CDATA")})
	default:
		if token, _ := p.unexpected(p.i + 2); token == "DOCTYPE" {
			p.fail(p.i+2, "Unexpected DTD declaration.")
		}
		p.failToken(p.i+2, "<!--", "<[CDATA[")
	}
}

// until reads up to a mark, which it passes.
func (p *xmlParser) until(mark, what string) *types.String {
	n := strings.Index(p.s[p.i:], mark)
	if n < 0 {
		p.checkChars(p.i, len(p.s))
		p.fail(len(p.s), "Unexpected end of file while parsing "+what+" has occurred.")
	}
	start := p.i
	p.checkChars(start, start+n)
	p.i += n + len(mark)
	return p.newText(normalNewlines(p.s[start : start+n]))
}

func (p *xmlParser) newText(s string) *types.String {
	p.t.Alloc(96)
	return types.NewString(s)
}

// comment reads a comment at <!--.
func (p *xmlParser) comment() {
	p.i += 4
	if n := strings.Index(p.s[p.i:], "--"); n >= 0 && p.i+n+2 < len(p.s) && p.s[p.i+n+2] != '>' {
		p.checkChars(p.i, p.i+n)
		p.fail(p.i+n, "An XML comment cannot contain '--', and '-' cannot be the last character.")
	}
	p.at.addNode(p.t, &xmlNode{kind: xmlComment, text: p.until("-->", "Comment")})
}

// instruction reads a processing instruction past <?.
func (p *xmlParser) instruction() {
	end, _ := p.nameEnd(p.i, false)
	target := p.s[p.i:end]
	if strings.EqualFold(target, "xml") {
		if target == "xml" {
			p.fail(p.i, "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it.")
		}
		p.fail(p.i, "'"+target+"' is an invalid name for processing instructions.")
	}
	p.i = end
	if !p.white() && !strings.HasPrefix(p.s[p.i:], "?>") {
		p.fail(p.i, badNameChar(p.runeAt(p.i)))
	}
	p.at.addNode(p.t, &xmlNode{kind: xmlPI, text: p.until("?>", "PI"), more: &xmlMore{target: p.newText(target)}})
}

// endTag reads an end tag past </.
func (p *xmlParser) endTag() {
	open := p.starts[len(p.starts)-1]
	end := p.i + len(open.name)
	if !strings.HasPrefix(p.s[p.i:], open.name) || end < len(p.s) && (isNCChar(p.runeAt(end)) || p.s[end] == ':') {
		bad, _ := p.nameEnd(p.i, true)
		line, column := p.place(open.place)
		p.fail(p.i, "The '"+open.name+"' start tag on line "+strconv.Itoa(line)+" position "+strconv.Itoa(column)+
			" does not match the end tag of '"+p.s[p.i:bad]+"'.")
	}
	p.i = end
	p.white()
	if p.i >= len(p.s) {
		p.failUnclosed(0)
	}
	if p.s[p.i] != '>' {
		p.failToken(p.i, ">")
	}
	p.i++
	if p.at.first == nil {
		p.at.open = true
	}
	p.close()
}

// close leaves the element that is open.
func (p *xmlParser) close() {
	open := p.starts[len(p.starts)-1]
	p.starts = p.starts[:len(p.starts)-1]
	p.bound = p.bound[:open.bound]
	p.at = p.at.parent
}

// textRun reads text up to the next markup, expanding references.
func (p *xmlParser) textRun() {
	p.run.Reset()
	p.runReal = false
	p.text()
	if p.run.Len() == 0 || !p.runReal && !p.keepWhite() {
		return
	}
	p.at.addString(p.t, p.newText(p.run.String()))
}

// keepWhite reports whether text of white space only counts.
func (p *xmlParser) keepWhite() bool {
	return p.preserve || len(p.starts) > 0 && p.starts[len(p.starts)-1].keepText
}

// text reads text up to < or the end.
func (p *xmlParser) text() {
	for p.i < len(p.s) && p.s[p.i] != '<' {
		start := p.i
		n := strings.IndexAny(p.s[start:], "<&]")
		if n < 0 {
			n = len(p.s) - start
		}
		for n < len(p.s)-start && p.s[start+n] == ']' {
			if strings.HasPrefix(p.s[start+n:], "]]>") {
				p.checkChars(start, start+n)
				p.fail(start+n, "']]>' is not allowed in character data.")
			}
			m := strings.IndexAny(p.s[start+n+1:], "<&]")
			if m < 0 {
				m = len(p.s) - start - n - 1
			}
			n += m + 1
		}
		p.checkChars(start, start+n)
		p.i = start + n
		part := normalNewlines(p.s[start:p.i])
		p.run.WriteString(part)
		p.runReal = p.runReal || strings.Trim(part, " \t\n") != ""
		if p.byteAt(p.i) == '&' {
			p.textReference()
		}
	}
}

// textReference expands the reference at p.i in text.
func (p *xmlParser) textReference() {
	if s, ok := p.charReference(); ok {
		p.run.WriteString(s)
		p.runReal = p.runReal || strings.Trim(s, " \t\r\n") != ""
		return
	}
	name, value, ok := p.entity(false)
	if !ok {
		return
	}
	p.within(name, value, func() {
		depth := len(p.starts)
		p.text()
		for p.i < len(p.s) || len(p.starts) > depth {
			if len(p.starts) < depth {
				break
			}
			p.flushRun()
			if p.i >= len(p.s) {
				p.failUnclosed(0)
			}
			p.t.Step(1)
			if p.s[p.i] == '<' {
				p.content()
			} else {
				p.text()
			}
		}
		if len(p.starts) != depth {
			throwXML("Entity replacement text must nest properly within markup declarations.")
		}
	})
}

// flushRun ends the standing text before markup inside an entity.
func (p *xmlParser) flushRun() {
	if p.run.Len() > 0 && (p.runReal || p.keepWhite()) {
		p.at.addString(p.t, p.newText(p.run.String()))
	}
	p.run.Reset()
	p.runReal = false
}

// within reads an entity's text in place of the document's.
func (p *xmlParser) within(name, value string, read func()) {
	for _, outer := range p.entities {
		if outer == name {
			p.fail(p.i, "General entity '"+name+"' references itself.")
		}
	}
	p.t.Step(int64(len(value)/16) + 1)
	if p.expanded += len(value); p.expanded > xmlMaxExpansion {
		throwXML("The input document has exceeded a limit set by MaxCharactersFromEntities.")
	}
	s, i := p.s, p.i
	p.entities = append(p.entities, name)
	p.s, p.i = value, 0
	read()
	p.s, p.i = s, i
	p.entities = p.entities[:len(p.entities)-1]
}

var xmlNamedChars = map[string]string{"amp": "&", "lt": "<", "gt": ">", "apos": "'", "quot": "\""}

// charReference reads a character reference or one of the five names at p.i; ok is false for any other reference.
func (p *xmlParser) charReference() (string, bool) {
	if p.byteAt(p.i+1) == '#' {
		return p.numericReference(), true
	}
	rest := p.s[p.i+1:]
	if len(rest) > 5 {
		rest = rest[:5]
	}
	if n := strings.IndexByte(rest, ';'); n > 0 {
		if s, ok := xmlNamedChars[rest[:n]]; ok {
			p.i += n + 2
			return s, true
		}
	}
	return "", false
}

// numericReference reads &#65; or &#x41; at p.i.
func (p *xmlParser) numericReference() string {
	i, base, message := p.i+2, 10, "Invalid syntax for a decimal numeric entity reference."
	if p.byteAt(i) == 'x' {
		i, base, message = i+1, 16, "Invalid syntax for a hexadecimal numeric entity reference."
	}
	start, n := i, 0
	for {
		d := hexDigit(p.byteAt(i))
		if d < 0 || d >= base {
			break
		}
		if n = n*base + d; n > 1<<31-1 {
			p.fail(i, "Invalid value of a character entity reference.")
		}
		i++
	}
	if p.byteAt(i) != ';' || i == start {
		if i >= len(p.s) {
			p.fail(p.i, "Unexpected end of file has occurred.")
		}
		p.fail(i, message)
	}
	if !isXMLChar(rune(n)) || n > utf8.MaxRune {
		p.fail(start, invalidChar(rune(min(n, utf8.MaxRune))))
	}
	p.i = i + 1
	return string(rune(n))
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// entity reads the reference to a declared entity at p.i and passes it; ok is false for an external one, which has no text.
func (p *xmlParser) entity(attribute bool) (name, value string, ok bool) {
	p.i++
	start := p.i
	if r := p.runeAt(start); !isNCStart(r) {
		p.fail(start, "An error occurred while parsing EntityName.")
	}
	end := start
	for end < len(p.s) && isNCChar(p.runeAt(end)) {
		_, size := utf8.DecodeRuneInString(p.s[end:])
		end += size
	}
	if end >= len(p.s) || p.s[end] == ':' {
		p.fail(start, "An error occurred while parsing EntityName.")
	}
	if p.s[end] != ';' {
		p.failToken(end, ";")
	}
	name = p.s[start:end]
	p.i = end + 1
	e, declared := p.dtd.entityOf(name)
	switch {
	case !declared:
		p.fail(start, "Reference to undeclared entity '"+name+"'.")
	case e.unparsed:
		p.fail(start, "Reference to unparsed entity '"+name+"'.")
	case e.external && attribute:
		p.fail(start, "External entity '"+name+"' reference cannot appear in the attribute value.")
	}
	return name, e.text, !e.external
}
