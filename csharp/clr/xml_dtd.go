package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlDTD is what the internal subset of a document type declares. A nil one declares nothing.
type xmlDTD struct {
	entities map[string]xmlEntity
	// attributes are the declared attributes by element, in order.
	attributes map[string][]xmlDefault
}

// xmlEntity is a general entity.
type xmlEntity struct {
	text               string
	external, unparsed bool
}

// xmlDefault is a declared attribute.
type xmlDefault struct {
	name string
	// value is the default; has says whether there is one.
	value string
	has   bool
	// tokens: the attribute is of another type than CDATA, so that spaces in it are normalised.
	tokens bool
}

func (d *xmlDTD) entityOf(name string) (xmlEntity, bool) {
	if d == nil {
		return xmlEntity{}, false
	}
	e, ok := d.entities[name]
	return e, ok
}

// docType reads a document type declaration at DOCTYPE.
func (p *xmlParser) docType() {
	start := p.i
	if !strings.HasPrefix(p.s[p.i:], "DOCTYPE") {
		want := "DOCTYPE"
		if p.rooted || p.dtd != nil {
			want = "<!--"
		}
		p.failToken(p.i, want)
	}
	if !isXMLSpace(p.byteAt(p.i + 7)) {
		p.failWhite(p.i + 7)
	}
	switch {
	case p.dtd != nil:
		p.fail(start-2, "Cannot have multiple DTDs.")
	case p.rooted:
		p.fail(start-2, "DTD must be defined before the document root element.")
	}
	p.i += 8
	p.white()
	end, _ := p.nameEnd(p.i, true)
	m := &xmlMore{target: types.NewString(p.s[p.i:end]), subset: types.EmptyString}
	p.i = end
	p.white()
	m.public, m.system = p.externalID()
	p.dtd = &xmlDTD{entities: map[string]xmlEntity{}, attributes: map[string][]xmlDefault{}}
	if p.byteAt(p.i) == '[' {
		p.i++
		from := p.i
		p.subset()
		m.subset = types.NewString(normalNewlines(p.s[from:p.i]))
		p.i++
		p.white()
	} else if p.byteAt(p.i) != '>' {
		if m.system == nil {
			p.fail(p.i, "Expecting external ID, '[' or '>'.")
		}
		p.fail(p.i, "Expecting an internal subset or the end of the DOCTYPE declaration.")
	}
	if p.byteAt(p.i) != '>' {
		p.failToken(p.i, ">")
	}
	p.i++
	p.doc.addNode(p.t, &xmlNode{kind: xmlDocType, more: m})
}

// externalID reads SYSTEM "…" or PUBLIC "…" "…", if it is there.
func (p *xmlParser) externalID() (public, system *types.String) {
	switch rest := p.s[p.i:]; {
	case strings.HasPrefix(rest, "SYSTEM"):
		p.i += 6
	case strings.HasPrefix(rest, "PUBLIC"):
		p.i += 6
		public = p.literal()
	default:
		return nil, nil
	}
	system = p.literal()
	p.white()
	return public, system
}

// literal reads white space and a quoted text.
func (p *xmlParser) literal() *types.String {
	if !p.white() {
		p.failWhite(p.i)
	}
	quote := p.byteAt(p.i)
	if quote != '"' && quote != '\'' {
		p.failToken(p.i, "\"", "'")
	}
	n := strings.IndexByte(p.s[p.i+1:], quote)
	if n < 0 {
		p.fail(len(p.s), "There is an unclosed literal string.")
	}
	from := p.i + 1
	p.checkChars(from, from+n)
	p.i = from + n + 1
	return types.NewString(p.s[from : from+n])
}

// subset reads the internal subset up to its closing bracket.
func (p *xmlParser) subset() {
	for {
		p.t.Step(1)
		p.white()
		rest := p.s[p.i:]
		switch {
		case rest == "":
			p.fail(len(p.s), "Unexpected end of file while parsing DTD has occurred.")
		case rest[0] == ']':
			return
		case strings.HasPrefix(rest, "<!--"):
			p.i += 4
			p.until("-->", "Comment")
		case strings.HasPrefix(rest, "<?"):
			p.i += 2
			p.until("?>", "PI")
		case strings.HasPrefix(rest, "<!ENTITY"):
			p.i += 8
			p.entityDeclaration()
		case strings.HasPrefix(rest, "<!ATTLIST"):
			p.i += 9
			p.attributeList()
		case strings.HasPrefix(rest, "<!ELEMENT"), strings.HasPrefix(rest, "<!NOTATION"):
			p.skipDeclaration()
		case rest[0] == '%':
			p.fail(p.i, "Reference to undeclared parameter entity.")
		default:
			p.fail(p.i, "Expected DTD markup was not found.")
		}
	}
}

// skipDeclaration passes a declaration that does not concern the reading.
func (p *xmlParser) skipDeclaration() {
	for quote := byte(0); ; p.i++ {
		switch c := p.byteAt(p.i); {
		case p.i >= len(p.s):
			p.fail(len(p.s), "Unexpected end of file while parsing DTD has occurred.")
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			p.i++
			return
		}
	}
}

// declName reads white space and a name in a declaration.
func (p *xmlParser) declName() string {
	if !p.white() {
		p.failWhite(p.i)
	}
	end, _ := p.nameEnd(p.i, true)
	name := p.s[p.i:end]
	p.i = end
	return name
}

func (p *xmlParser) declEnd() {
	p.white()
	if p.byteAt(p.i) != '>' {
		p.failToken(p.i, ">")
	}
	p.i++
}

// entityDeclaration reads an entity's declaration past <!ENTITY. The first declaration of a name counts; parameter entities are passed over.
func (p *xmlParser) entityDeclaration() {
	at := p.i
	p.white()
	if p.byteAt(p.i) == '%' {
		p.i = at
		p.skipDeclaration()
		return
	}
	p.i = at
	name := p.declName()
	e := xmlEntity{}
	save := p.i
	p.white()
	if c := p.byteAt(p.i); c == '"' || c == '\'' {
		p.i = save
		e.text = p.entityText(p.literal().Go())
	} else {
		_, system := p.externalID()
		if system == nil {
			p.failToken(p.i, "\"", "'")
		}
		e.external = true
		if strings.HasPrefix(p.s[p.i:], "NDATA") {
			p.i += 5
			p.declName()
			e.unparsed = true
		}
	}
	p.declEnd()
	if _, ok := p.dtd.entities[name]; !ok {
		p.dtd.entities[name] = e
	}
}

// entityText expands the character references in an entity's value; general ones stay until it is used.
func (p *xmlParser) entityText(raw string) string {
	raw = normalNewlines(raw)
	if !strings.Contains(raw, "&#") {
		return raw
	}
	s, i := p.s, p.i
	p.s, p.i = raw, 0
	var b strings.Builder
	for p.i < len(raw) {
		if strings.HasPrefix(raw[p.i:], "&#") {
			b.WriteString(p.numericReference())
			continue
		}
		b.WriteByte(raw[p.i])
		p.i++
	}
	p.s, p.i = s, i
	return b.String()
}

// attributeList reads the declared attributes of an element past <!ATTLIST.
func (p *xmlParser) attributeList() {
	element := p.declName()
	for {
		white := p.white()
		if p.byteAt(p.i) == '>' {
			p.i++
			return
		}
		if !white {
			p.failWhite(p.i)
		}
		p.i--
		d := xmlDefault{name: p.declName()}
		d.tokens = p.attributeType() != "CDATA"
		if !p.white() {
			p.failWhite(p.i)
		}
		p.attributeDefault(&d)
		known := false
		for _, x := range p.dtd.attributes[element] {
			known = known || x.name == d.name
		}
		if !known {
			p.dtd.attributes[element] = append(p.dtd.attributes[element], d)
		}
	}
}

// attributeType reads a declared attribute's type: a word, or a list in brackets.
func (p *xmlParser) attributeType() string {
	if !p.white() {
		p.failWhite(p.i)
	}
	word := ""
	if p.byteAt(p.i) != '(' {
		end, _ := p.nameEnd(p.i, false)
		word = p.s[p.i:end]
		p.i = end
		if word != "NOTATION" {
			return word
		}
		p.white()
	}
	n := strings.IndexByte(p.s[p.i:], ')')
	if p.byteAt(p.i) != '(' || n < 0 {
		p.failToken(p.i, "(")
	}
	p.i += n + 1
	return word
}

// attributeDefault reads a declared attribute's default.
func (p *xmlParser) attributeDefault(d *xmlDefault) {
	if p.byteAt(p.i) == '#' {
		p.i++
		end, _ := p.nameEnd(p.i, false)
		word := p.s[p.i:end]
		switch word {
		case "REQUIRED", "IMPLIED":
			p.i = end
			return
		case "FIXED":
			p.i = end
			if !p.white() {
				p.failWhite(p.i)
			}
		default:
			p.failToken(p.i, "REQUIRED")
		}
	}
	quote := p.byteAt(p.i)
	if quote != '"' && quote != '\'' {
		p.failToken(p.i, "\"", "'")
	}
	p.i++
	d.value, d.has = p.attributeValue(quote), true
	if d.tokens {
		d.value = strings.Join(strings.Fields(d.value), " ")
	}
}

// defaults adds an element's defaults to the attributes it has, and normalises those that are lists of tokens.
func (d *xmlDTD) defaults(p *xmlParser, element string, attrs []*rawXMLAttr) []*rawXMLAttr {
	if d == nil {
		return attrs
	}
	for _, x := range d.attributes[element] {
		var have *rawXMLAttr
		for _, a := range attrs {
			if a.name() == x.name {
				have = a
			}
		}
		switch {
		case have != nil && x.tokens:
			have.value = types.NewString(strings.Join(strings.Fields(have.value.Go()), " "))
		case have == nil && x.has:
			a := &rawXMLAttr{local: x.name, value: p.newText(x.value), place: p.i, valuePlace: p.i}
			if prefix, local, ok := strings.Cut(x.name, ":"); ok {
				a.prefix, a.local = prefix, local
			}
			p.bind(a)
			attrs = append(attrs, a)
		}
	}
	return attrs
}
