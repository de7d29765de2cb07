package types

import (
	"math"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/decimal"
)

// literal reads a constant of type t: null, default, true, a number, a text, a character, or an enum's member (by its number, where it is
// the default value of a parameter; by its name, where the enum's declaration is known).
func (p *sigParser) literal(t *Type) Value {
	if u, ok := t.IsNullable(); ok && !p.is("null") && !p.is("default") {
		return Some(u, p.literal(u))
	}
	tok, kind := p.tok, p.kind
	p.next()
	switch {
	case kind == 'n':
		return p.numeral(tok, t)
	case kind == 's':
		return Ref(NewString(p.unquote(tok)))
	case kind == 'c':
		s := NewString(p.unquote(tok))
		if s.Len() != 1 {
			p.fail("a character is one code unit")
		}
		return Uint(uint64(s.Unit(0)))
	case tok == "null", tok == "default":
		if p.accept("(") {
			p.typ()
			p.expect(")")
		}
		return Null
	case tok == "true":
		return Bool(true)
	case tok == "false":
		return Bool(false)
	case kind == 'i' && t.Kind == EnumKind:
		return p.enumMember(tok, t)
	}
	p.fail("expected a constant, found %s", quote(tok))
	return Null
}

// enumMember finds the value of Enum.Member by reading the enum's declaration.
func (p *sigParser) enumMember(name string, t *Type) Value {
	name = name[strings.LastIndexByte(name, '.')+1:]
	d := t.Def.declared.Load()
	if d == nil {
		p.fail("the enum of %s is not declared", quote(name))
	}
	for _, m := range d.Members {
		if c, err := parseMember(m.Signature, t.Def, p.find); err == nil && c.Name == name {
			return c.Value
		}
	}
	p.fail("%s has no member %s", t.String(), quote(name))
	return Null
}

func (p *sigParser) numeral(tok string, t *Type) Value {
	if t.Kind == EnumKind {
		t = t.Def.Underlying
	}
	if t == CharType {
		n, _ := strconv.ParseUint(tok, 0, 16)
		return Uint(n)
	}
	digits := strings.TrimRight(tok, "uUlLfFdDmM")
	if strings.HasPrefix(tok, "0x") {
		digits = strings.TrimRight(tok, "uUlL")
	}
	switch t {
	case DoubleType, SingleType:
		f, err := strconv.ParseFloat(digits, 64)
		if err != nil && !math.IsInf(f, 0) {
			p.fail("bad number %s", quote(tok))
		}
		if t == SingleType {
			return Float32(float32(f))
		}
		return Float64(f)
	case DecimalType:
		d, syntax, fits := decimal.Parse(digits)
		if !syntax || !fits {
			p.fail("bad number %s", quote(tok))
		}
		return Dec(d)
	}
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
		return Int(n)
	}
	n, err := strconv.ParseUint(digits, 0, 64)
	if err != nil {
		p.fail("bad number %s", quote(tok))
	}
	return Uint(n)
}

// unquote resolves the escapes of a quoted text.
func (p *sigParser) unquote(tok string) string {
	body := tok[1 : len(tok)-1]
	if tok[0] == '\'' {
		body = strings.ReplaceAll(body, `\'`, `'`)
		body = strings.ReplaceAll(body, `"`, `\"`)
	}
	body = strings.ReplaceAll(body, `\0`, `\x00`)
	s, err := strconv.Unquote(`"` + body + `"`)
	if err != nil {
		p.fail("bad text %s", tok)
	}
	return s
}
