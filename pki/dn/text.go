package dn

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/pki/internal/der"
	"github.com/postern-gateway/postern/pki/internal/oid"
)

// MaxText bounds the text of a name in bytes.
const MaxText = 64 << 10

// ParseText reads a name that a person wrote or a program printed. Two dialects are taken:
//
//   - .NET's (String, Decode, also OpenSSL's "C = US, O = x"): values are quoted if they
//     hold a separator, a quote within quotes is doubled, a backslash is a backslash;
//   - that of RFC 4514 and RFC 2253, for text that is not the first: a backslash escapes.
//
// Separators are comma, semicolon and line end, and "+" within one relative name. Types are
// names of .NET or OpenSSL in upper or lower case (S and ST, E and emailAddress are the same),
// or object identifiers with or without "OID.". "#" and hex is the DER of a value.
// The order is kept as written. The error names the place.
func ParseText(text string) (Name, error) {
	n, err := parse(text, dotNet)
	if err == nil || !strings.Contains(text, `\`) {
		return n, err
	}
	return parse(text, rfc4514)
}

// ParseRFC4514 reads the spelling of RFC 4514, as RFC4514 prints it; the relative names of the
// result are in the order of the encoding, opposite to the text.
func ParseRFC4514(text string) (Name, error) {
	if strings.Trim(text, " ") == "" {
		return Name{}, nil
	}
	n, err := parse(text, rfc4514)
	for i, j := 0, len(n.RDNs)-1; i < j; i, j = i+1, j-1 {
		n.RDNs[i], n.RDNs[j] = n.RDNs[j], n.RDNs[i]
	}
	return n, err
}

type dialect bool

const (
	dotNet  dialect = false
	rfc4514 dialect = true
)

// textParser stands at pos in text.
type textParser struct {
	text    string
	pos     int
	dialect dialect
}

func parse(text string, d dialect) (Name, error) {
	if len(text) > MaxText {
		return Name{}, fmt.Errorf("name: text of more than %d bytes", MaxText)
	}
	if !utf8.ValidString(text) {
		return Name{}, errors.New("name: text is not UTF-8")
	}
	p := &textParser{text: text, dialect: d}
	var n Name
	var rdn RDN
	for {
		a, err := p.attribute()
		if err != nil {
			return Name{}, fmt.Errorf("name: at byte %d: %w", p.pos, err)
		}
		rdn = append(rdn, a)
		if p.accept("+") {
			continue
		}
		n.RDNs, rdn = append(n.RDNs, rdn), nil
		if p.end() {
			return n, nil
		}
		if !p.accept(",;\n") {
			return Name{}, fmt.Errorf("name: at byte %d: separator expected", p.pos)
		}
	}
}

func (p *textParser) end() bool {
	p.blanks()
	return p.pos == len(p.text)
}

// blanks skips blanks; a line end is a separator and stays.
func (p *textParser) blanks() {
	for p.pos < len(p.text) && space(p.text[p.pos]) && p.text[p.pos] != '\n' {
		p.pos++
	}
}

// accept takes one of the bytes in set, after blanks.
func (p *textParser) accept(set string) bool {
	p.blanks()
	if p.pos < len(p.text) && strings.IndexByte(set, p.text[p.pos]) >= 0 {
		p.pos++
		return true
	}
	return false
}

func (p *textParser) attribute() (a Attribute, err error) {
	p.blanks()
	length := strings.IndexByte(p.text[p.pos:], '=')
	if length < 0 {
		return a, errors.New("no '=' after the attribute type")
	}
	name := strings.TrimSpace(p.text[p.pos : p.pos+length])
	if a.Type, err = typeOID(name); err != nil {
		return a, err
	}
	p.pos += length + 1
	p.blanks()
	switch {
	case strings.HasPrefix(p.text[p.pos:], `"`):
		err = p.quoted(&a)
	case strings.HasPrefix(p.text[p.pos:], "#"):
		err = p.encoded(&a)
	default:
		err = p.plain(&a)
	}
	if err == nil && !utf8.Valid(a.Value) && a.Raw == nil {
		err = errors.New("value is not UTF-8")
	}
	return a, err
}

// typeOID reads an attribute type: a name, or an object identifier.
func typeOID(name string) (string, error) {
	id := name
	if len(name) > 4 && strings.EqualFold(name[:4], "OID.") {
		id = name[4:]
	}
	if dotted(id) {
		return id, nil
	}
	if id, ok := oid.Named(name); ok {
		return id, nil
	}
	if strings.EqualFold(name, "EMAIL") {
		return EmailAddress, nil
	}
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return "", fmt.Errorf("unknown attribute type %q", name)
}

// dotted reports whether s is an object identifier in dotted form, without needless zeros.
func dotted(s string) bool {
	arcs := strings.Split(s, ".")
	if len(arcs) < 2 || len(s) > 512 || len(arcs[0]) != 1 || arcs[0][0] > '2' {
		return false
	}
	for _, arc := range arcs {
		if arc == "" || len(arc) > 1 && arc[0] == '0' || strings.Trim(arc, "0123456789") != "" {
			return false
		}
	}
	return true
}

// quoted reads a value in quotes. In .NET's dialect a doubled quote is a quote, in that of
// RFC 2253 a backslash escapes.
func (p *textParser) quoted(a *Attribute) error {
	p.pos++
	a.Value = []byte{}
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"' && strings.HasPrefix(p.text[p.pos:], `""`):
			a.Value = append(a.Value, '"')
			p.pos += 2
		case c == '"':
			p.pos++
			return nil
		case c == '\\' && p.dialect == rfc4514:
			if err := p.escape(a); err != nil {
				return err
			}
		default:
			a.Value = append(a.Value, c)
			p.pos++
		}
	}
	return errors.New("closing quote missing")
}

// encoded reads "#" and the DER of the value in hex.
func (p *textParser) encoded(a *Attribute) error {
	rest := p.text[p.pos+1:]
	length := strings.IndexAny(rest, " \t\r\v\f,;+\n")
	if length < 0 {
		length = len(rest)
	}
	raw, err := hex.DecodeString(rest[:length])
	if err != nil {
		return errors.New("'#' is not followed by hex")
	}
	r := der.NewReader(raw)
	e, err := r.Next()
	if err != nil || !r.Empty() {
		return errors.New("'#' is not followed by the DER of one value")
	}
	a.Tag, a.Value, a.Raw = e.ID, e.Content, e.Full
	if err := a.check(); err != nil {
		return err
	}
	p.pos += 1 + length
	return nil
}

// plain reads a value up to a separator; blanks at its ends do not belong to it, unless escaped.
func (p *textParser) plain(a *Attribute) error {
	a.Value = []byte{}
	keep := 0
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case strings.IndexByte(",;+\n", c) >= 0:
			a.Value = a.Value[:keep]
			return nil
		case c == '"':
			return errors.New("quote within a value")
		case c == '\\' && p.dialect == rfc4514:
			if err := p.escape(a); err != nil {
				return err
			}
			keep = len(a.Value)
		default:
			a.Value = append(a.Value, c)
			if !space(c) {
				keep = len(a.Value)
			}
			p.pos++
		}
	}
	a.Value = a.Value[:keep]
	return nil
}

// escape reads a backslash and what it escapes: a special character, or an octet in hex (RFC 4514 section 3).
func (p *textParser) escape(a *Attribute) error {
	rest := p.text[p.pos+1:]
	if rest != "" && strings.IndexByte(`"+,;<>\ #=`, rest[0]) >= 0 {
		a.Value = append(a.Value, rest[0])
		p.pos += 2
		return nil
	}
	if len(rest) >= 2 {
		if octet, err := hex.DecodeString(rest[:2]); err == nil {
			a.Value = append(a.Value, octet...)
			p.pos += 3
			return nil
		}
	}
	return errors.New("backslash is not followed by a special character or hex")
}
