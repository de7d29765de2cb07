package policyxml

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/source"
)

// Format is the form of a document.
type Format uint8

const (
	// Auto reads RawXML and takes code that does not stand so for XML: the zero value.
	Auto Format = iota
	// RawXML has C# as it is.
	RawXML
	// XML is well-formed, C# in entities.
	XML
)

// ParseFormat reads "auto", "rawxml" and "xml".
func ParseFormat(s string) (Format, bool) {
	switch s {
	case "auto":
		return Auto, true
	case "rawxml":
		return RawXML, true
	case "xml":
		return XML, true
	}
	return Auto, false
}

// String is the format's word.
func (f Format) String() string {
	switch f {
	case RawXML:
		return "rawxml"
	case XML:
		return "xml"
	}
	return "auto"
}

// DefaultMaxBytes is the largest document (256 KiB, API Management's limit); a fragment may have MaxFragmentBytes.
const (
	DefaultMaxBytes  = 256 << 10
	MaxFragmentBytes = 512 << 10
	// MaxDepth is how deep elements may nest.
	MaxDepth = 256
)

// maxSearch bounds the search for ends of expressions over the whole document, so that a text of nothing but "@(" is
// read in linear time.
const maxSearch = 64 << 20

// maxAttributes bounds the attributes of one element.
const maxAttributes = 64

// maxExpanded bounds the text after named values have been put in.
const maxExpanded = 4 << 20

// Options say how to read a document.
type Options struct {
	// Format is the form it has.
	Format Format
	// NamedValues finds what stands for {{name}}; nil: nothing is put in.
	NamedValues func(name string) (NamedValue, bool)
	// MaxBytes bounds the text; zero: DefaultMaxBytes.
	MaxBytes int
}

// Parse reads a document. The document is nil exactly if a diagnostic is an error. Spans are offsets in text.
func Parse(name, text string, o Options) (*Document, []source.Diagnostic) {
	limit := o.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	user := source.NewText(name, text)
	if len(text) > limit {
		return nil, []source.Diagnostic{{Code: CodeTooLarge,
			Message: fmt.Sprintf("The document has %d bytes; at most %d are taken.", len(text), limit)}}
	}
	if d, ok := checkEncoding(text); !ok {
		return nil, []source.Diagnostic{d}
	}
	src := substitute(user, o.NamedValues)
	if len(src.Text) > maxExpanded {
		return nil, []source.Diagnostic{{Code: CodeTooLarge, Message: "The document is too large with its named values put in."}}
	}
	doc, err := read(src, o.Format)
	if err != nil && o.Format == Auto {
		if decoded, again := read(src, XML); again == nil {
			return decoded, nil
		}
	}
	if err != nil {
		return nil, []source.Diagnostic{err.diagnostic(src)}
	}
	return doc, nil
}

// checkEncoding refuses what is not UTF-8 and the characters that XML 1.0 does not have (section 2.2).
func checkEncoding(text string) (source.Diagnostic, bool) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return source.Diagnostic{Code: CodeEncoding, Message: "The document is not valid UTF-8.", Span: source.Span{Start: i, End: i + 1}}, false
		}
		if !xmlChar(r) {
			return source.Diagnostic{Code: CodeEncoding, Span: source.Span{Start: i, End: i + size},
				Message: fmt.Sprintf("'%s', hexadecimal value 0x%02X, is an invalid character.", printable(r), r)}, false
		}
		i += size
	}
	return source.Diagnostic{}, true
}

func xmlChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r < 0xD800 || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

func printable(r rune) string {
	if r < ' ' || r == 0x7f {
		return "."
	}
	return string(r)
}

// syntaxError is what makes reading stop, at an offset of the substituted text.
type syntaxError struct {
	code    string
	at      int
	message string
	// place tells that the message ends with line and position, as XmlReader's do.
	place bool
}

func (e *syntaxError) diagnostic(src *Source) source.Diagnostic {
	at := src.Original(e.at)
	message := e.message
	if e.place {
		p := src.User.Position(at)
		message += fmt.Sprintf(" Line %d, position %d.", p.Line, p.Column)
	}
	span := source.Span{Start: at, End: min(at+1, len(src.User.Content))}
	if name, secret := src.Secret(span); secret {
		message = fmt.Sprintf("What the named value %q puts in here makes the document ill-formed.", name)
	}
	return source.Diagnostic{Code: e.code, Message: message, Span: span}
}

// reader is one pass over a document.
type reader struct {
	src    *Source
	s      string
	pos    int
	format Format
	root   *Element
	open   []*Element
	// literals are the expressions and the bare quotes that were read as they are.
	literals []literal
	texts    []*builder
	// patience is how many bytes the search for ends of expressions may still look at.
	patience int
	// began tells that something stands before: an XML declaration may not follow.
	began bool
}

func read(src *Source, format Format) (*Document, *syntaxError) {
	r := &reader{src: src, s: src.Text, format: format, patience: maxSearch}
	r.pos = len(r.s) - len(strings.TrimPrefix(r.s, "\ufeff"))
	for r.pos < len(r.s) {
		var err *syntaxError
		if r.s[r.pos] == '<' {
			err = r.markup()
		} else {
			err = r.characters()
		}
		if err != nil {
			return nil, err
		}
		r.began = true
	}
	if len(r.open) > 0 {
		return nil, r.endOfFile()
	}
	if r.root == nil {
		return nil, xmlError(r.pos, "Root element is missing.")
	}
	if format == Auto {
		format = RawXML
	}
	return &Document{Root: r.root, Source: src, Format: format, literals: r.literals}, nil
}

func xmlError(at int, format string, args ...any) *syntaxError {
	return &syntaxError{code: CodeXML, at: at, message: fmt.Sprintf(format, args...), place: true}
}

func (r *reader) endOfFile() *syntaxError {
	if len(r.open) == 0 {
		return xmlError(len(r.s), "Unexpected end of file has occurred.")
	}
	var names []string
	for i := len(r.open) - 1; i >= 0; i-- {
		names = append(names, r.open[i].Name)
	}
	return xmlError(len(r.s), "Unexpected end of file has occurred. The following elements are not closed: %s.", strings.Join(names, ", "))
}

// unexpected is XmlReader's complaint about the token at the offset.
func (r *reader) unexpected(at int, expected string) *syntaxError {
	if at >= len(r.s) {
		return r.endOfFile()
	}
	return xmlError(at, "'%s' is an unexpected token. %s", r.token(at), expected)
}

// token is a name, or the one character at the offset.
func (r *reader) token(at int) string {
	end := at
	for end < len(r.s) {
		c, size := utf8.DecodeRuneInString(r.s[end:])
		if !nameRune(c, end == at) {
			break
		}
		end += size
	}
	if end == at {
		_, size := utf8.DecodeRuneInString(r.s[at:])
		end = at + size
	}
	return r.s[at:end]
}

// markup reads what begins with "<".
func (r *reader) markup() *syntaxError {
	rest := r.s[r.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return r.comment()
	case strings.HasPrefix(rest, "<![CDATA["):
		return r.cdata()
	case strings.HasPrefix(rest, "<!"):
		if strings.HasPrefix(rest, "<!DOCTYPE") {
			return &syntaxError{code: CodeDocumentType, at: r.pos, place: true,
				message: "For security reasons DTD is prohibited in this XML document."}
		}
		return r.unexpected(r.pos+2, "Expecting '--' or '[CDATA['.")
	case strings.HasPrefix(rest, "<?"):
		return r.instruction()
	case strings.HasPrefix(rest, "</"):
		return r.endTag()
	}
	return r.startTag()
}

func (r *reader) comment() *syntaxError {
	start := r.pos + 4
	i := strings.Index(r.s[start:], "--")
	if i < 0 {
		return r.endOfFile()
	}
	if !strings.HasPrefix(r.s[start+i:], "-->") {
		return xmlError(start+i, "An XML comment cannot contain '--', and '-' cannot be the last character.")
	}
	r.pos = start + i + 3
	return nil
}

func (r *reader) cdata() *syntaxError {
	if len(r.open) == 0 {
		return xmlError(r.pos+1, "Data at the root level is invalid.")
	}
	start := r.pos + len("<![CDATA[")
	i := strings.Index(r.s[start:], "]]>")
	if i < 0 {
		return r.endOfFile()
	}
	b := r.texts[len(r.texts)-1]
	r.newlines(b, start, start+i)
	r.pos = start + i + 3
	return nil
}

// newlines appends [start, end) with its line ends as XML has them (section 2.11).
func (r *reader) newlines(b *builder, start, end int) {
	for start < end {
		i := strings.IndexByte(r.s[start:end], '\r')
		if i < 0 {
			b.verbatim(r.s[start:end], start)
			return
		}
		b.verbatim(r.s[start:start+i], start)
		start += i
		b.replaced("\n", start)
		start++
		if start < end && r.s[start] == '\n' {
			start++
		}
	}
}

// instruction skips a processing instruction or the XML declaration.
func (r *reader) instruction() *syntaxError {
	name := r.name(r.pos + 2)
	if name == "" {
		return r.badName(r.pos + 2)
	}
	if strings.EqualFold(name, "xml") && r.began {
		return xmlError(r.pos+2, "Unexpected XML declaration. The XML declaration must be the first node in the document, and no white space characters are allowed to appear before it.")
	}
	i := strings.Index(r.s[r.pos:], "?>")
	if i < 0 {
		return r.endOfFile()
	}
	r.pos += i + 2
	return nil
}

func (r *reader) endTag() *syntaxError {
	at := r.pos + 2
	name := r.name(at)
	if name == "" {
		return r.badName(at)
	}
	if len(r.open) == 0 {
		return xmlError(at, "Unexpected end tag.")
	}
	e := r.open[len(r.open)-1]
	if e.Name != name {
		p := r.src.User.Position(e.NameSpan.Start)
		return xmlError(at, "The '%s' start tag on line %d position %d does not match the end tag of '%s'.", e.Name, p.Line, p.Column, name)
	}
	close := r.skipSpace(at + len(name))
	if close >= len(r.s) || r.s[close] != '>' {
		return r.unexpected(close, "The expected token is '>'.")
	}
	r.finish(e, r.pos)
	r.pos = close + 1
	return nil
}

// finish closes the innermost element, whose content ends at the offset.
func (r *reader) finish(e *Element, end int) {
	b := r.texts[len(r.texts)-1]
	r.open, r.texts = r.open[:len(r.open)-1], r.texts[:len(r.texts)-1]
	e.Inner, e.InnerSpan = r.s[e.textStart:end], r.src.span(e.textStart, end)
	e.Text = b.value(r.src, e.textStart, end)
	r.classify(&e.Text)
}

func (r *reader) startTag() *syntaxError {
	at := r.pos + 1
	name := r.name(at)
	if name == "" {
		return r.badName(at)
	}
	switch {
	case len(r.open) == 0 && r.root != nil:
		return xmlError(at, "There are multiple root elements.")
	case len(r.open) >= MaxDepth:
		return &syntaxError{code: CodeTooDeep, at: r.pos, message: fmt.Sprintf("Elements nest deeper than %d levels.", MaxDepth)}
	}
	e := &Element{Name: name, NameSpan: r.src.span(at, at+len(name))}
	start := r.pos
	r.pos = at + len(name)
	empty, err := r.attributes(e)
	if err != nil {
		return err
	}
	e.Span = r.src.span(start, r.pos)
	e.textStart = r.pos
	if len(r.open) == 0 {
		r.root = e
	} else {
		parent := r.open[len(r.open)-1]
		parent.Children = append(parent.Children, e)
	}
	r.open, r.texts = append(r.open, e), append(r.texts, &builder{})
	if empty {
		r.finish(e, r.pos)
	}
	return nil
}

// attributes reads up to the end of a start tag.
func (r *reader) attributes(e *Element) (empty bool, err *syntaxError) {
	for {
		at := r.skipSpace(r.pos)
		switch {
		case at >= len(r.s):
			return false, r.endOfFile()
		case r.s[at] == '>':
			r.pos = at + 1
			return false, nil
		case strings.HasPrefix(r.s[at:], "/>"):
			r.pos = at + 2
			return true, nil
		case r.s[at] == '/':
			return false, r.unexpected(at+1, "The expected token is '>'.")
		case at == r.pos && len(e.Attrs) > 0:
			return false, r.unexpected(at, "Expecting white space.")
		}
		r.pos = at
		if err := r.attribute(e); err != nil {
			return false, err
		}
	}
}

func (r *reader) attribute(e *Element) *syntaxError {
	at := r.pos
	name := r.name(at)
	if name == "" {
		return r.badName(at)
	}
	if len(e.Attrs) == maxAttributes {
		return &syntaxError{code: CodeTooLarge, at: at, message: fmt.Sprintf("An element has at most %d attributes.", maxAttributes)}
	}
	if e.Attr(name) != nil {
		return xmlError(at, "'%s' is a duplicate attribute name.", name)
	}
	eq := r.skipSpace(at + len(name))
	if eq >= len(r.s) || r.s[eq] != '=' {
		return r.unexpected(eq, "The expected token is '='.")
	}
	quote := r.skipSpace(eq + 1)
	if quote >= len(r.s) || r.s[quote] != '"' && r.s[quote] != '\'' {
		return r.unexpected(quote, `The expected token is '"' or '''.`)
	}
	r.pos = quote
	v, err := r.attributeValue(e, name)
	if err != nil {
		return err
	}
	e.Attrs = append(e.Attrs, Attr{Name: name, NameSpan: r.src.span(at, at+len(name)), Value: v})
	return nil
}

func (r *reader) skipSpace(at int) int {
	for at < len(r.s) && isSpace(r.s[at]) {
		at++
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// name is the XML name at the offset, empty if there is none.
func (r *reader) name(at int) string {
	end := at
	for end < len(r.s) {
		c, size := utf8.DecodeRuneInString(r.s[end:])
		if !nameRune(c, end == at) && !(c == ':' && end > at) {
			break
		}
		end += size
	}
	return r.s[at:end]
}

func nameRune(c rune, first bool) bool {
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z', c == '_':
		return true
	case c >= '0' && c <= '9', c == '-', c == '.', c == 0xB7:
		return !first
	}
	return c >= 0xC0 && c != 0xD7 && c != 0xF7 && (c < 0x2000 || c >= 0x2070) && c != utf8.RuneError
}

func (r *reader) badName(at int) *syntaxError {
	if at >= len(r.s) {
		return r.endOfFile()
	}
	c, _ := utf8.DecodeRuneInString(r.s[at:])
	return xmlError(at, "Name cannot begin with the '%s' character, hexadecimal value 0x%02X.", printable(c), c)
}
