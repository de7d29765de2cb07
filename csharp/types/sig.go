package types

import (
	"fmt"
	"strings"
)

// sigParser reads heads and member signatures. Its errors are mistakes of whoever wrote the declaration; they are panics of type sigError, which
// the entry points turn into errors.
type sigParser struct {
	text string
	pos  int
	// tok is the present token, kind its kind: 'i' name (dots included), 's' string, 'c' char, 'n' number, 'p' punctuation, 0 end.
	tok  string
	kind byte
	// find resolves a type's full name.
	find func(name string, arity int) *Def
	// params are the type parameters in scope.
	params []*Type
}

type sigError struct{ message string }

func (p *sigParser) fail(format string, args ...any) {
	panic(sigError{fmt.Sprintf(format, args...) + " in " + quote(p.text)})
}

func quote(s string) string { return "\"" + s + "\"" }

// catch turns a sigError into an error.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case sigError:
		*err = fmt.Errorf("types: %s", r.message)
	default:
		panic(r)
	}
}

func newSigParser(text string, find func(string, int) *Def, params []*Type) *sigParser {
	p := &sigParser{text: text, find: find, params: params}
	p.next()
	return p
}

func isNameByte(c byte) bool {
	return c == '_' || c == '@' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// next reads the next token.
func (p *sigParser) next() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t' || p.text[p.pos] == '\n') {
		p.pos++
	}
	if p.pos >= len(p.text) {
		p.tok, p.kind = "", 0
		return
	}
	start := p.pos
	switch c := p.text[p.pos]; {
	case isNameByte(c):
		for p.pos < len(p.text) && (isNameByte(p.text[p.pos]) || isDigit(p.text[p.pos]) || p.text[p.pos] == '.') {
			p.pos++
		}
		p.tok, p.kind = strings.ReplaceAll(p.text[start:p.pos], "@", ""), 'i'
	case isDigit(c) || c == '-' && p.pos+1 < len(p.text) && isDigit(p.text[p.pos+1]):
		p.number()
		p.tok, p.kind = p.text[start:p.pos], 'n'
	case c == '"' || c == '\'':
		p.quoted(c)
		p.tok, p.kind = p.text[start:p.pos], 's'
		if c == '\'' {
			p.kind = 'c'
		}
	default:
		p.pos++
		if c == '=' && p.pos < len(p.text) && p.text[p.pos] == '>' {
			p.pos++
		}
		p.tok, p.kind = p.text[start:p.pos], 'p'
	}
}

func (p *sigParser) number() {
	for p.pos++; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		exponent := (c == '+' || c == '-') && (p.text[p.pos-1] == 'e' || p.text[p.pos-1] == 'E')
		if !isDigit(c) && c != '.' && !isNameByte(c) && !exponent {
			return
		}
	}
}

func (p *sigParser) quoted(end byte) {
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '\\':
			p.pos++
		case end:
			p.pos++
			return
		}
	}
	p.fail("unterminated text")
}

func (p *sigParser) is(tok string) bool { return p.tok == tok && p.kind != 's' && p.kind != 'c' }

func (p *sigParser) accept(tok string) bool {
	if p.is(tok) {
		p.next()
		return true
	}
	return false
}

func (p *sigParser) expect(tok string) {
	if !p.accept(tok) {
		p.fail("expected %s, found %s", quote(tok), quote(p.tok))
	}
}

func (p *sigParser) name() string {
	if p.kind != 'i' {
		p.fail("expected a name, found %s", quote(p.tok))
	}
	n := p.tok
	p.next()
	return n
}

// mark and reset allow looking ahead.
type sigMark struct {
	pos  int
	tok  string
	kind byte
}

func (p *sigParser) mark() sigMark   { return sigMark{p.pos, p.tok, p.kind} }
func (p *sigParser) reset(m sigMark) { p.pos, p.tok, p.kind = m.pos, m.tok, m.kind }

// typ reads a type.
func (p *sigParser) typ() *Type {
	t := p.simpleType()
	var ranks []int
	for {
		switch {
		case p.is("?"):
			p.next()
			if t.IsValue() || t.Kind == TypeParam {
				t = NullableOf(t)
			}
		case p.is("["):
			m := p.mark()
			p.next()
			rank := 1
			for p.accept(",") {
				rank++
			}
			if !p.accept("]") {
				p.reset(m)
				return wrapRanks(t, ranks)
			}
			ranks = append(ranks, rank)
		default:
			return wrapRanks(t, ranks)
		}
	}
}

func wrapRanks(t *Type, ranks []int) *Type {
	for i := len(ranks) - 1; i >= 0; i-- {
		t = ArrayOf(t, ranks[i])
	}
	return t
}

func (p *sigParser) simpleType() *Type {
	if p.accept("(") {
		return p.tupleType()
	}
	name := p.name()
	if name == "void" {
		return VoidType
	}
	if name == "dynamic" {
		return DynamicType
	}
	for i := len(p.params) - 1; i >= 0; i-- {
		if p.params[i].ParamName == name {
			return p.params[i]
		}
	}
	var args []*Type
	if p.accept("<") {
		args = append(args, p.typ())
		for p.accept(",") {
			args = append(args, p.typ())
		}
		p.expect(">")
		if p.kind == 'i' && strings.HasPrefix(p.tok, ".") { // List<T>.Enumerator
			name += p.tok
			p.next()
		} else if p.is(".") {
			p.next()
			name += "." + p.name()
		}
	}
	d := p.find(name, len(args))
	if d == nil {
		p.fail("unknown type %s", quote(name))
	}
	return d.Of(args...)
}

func (p *sigParser) tupleType() *Type {
	var elems []*Type
	var names []string
	for {
		elems = append(elems, p.typ())
		n := ""
		if p.kind == 'i' {
			n = p.name()
		}
		names = append(names, n)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return TupleType(elems, names)
}

// typeParams reads <in T, out U>, if it is there.
func (p *sigParser) typeParams() (names []string, variance []Variance) {
	if !p.accept("<") {
		return nil, nil
	}
	for {
		v := Invariant
		switch {
		case p.is("in"):
			v = Contravariant
		case p.is("out"):
			v = Covariant
		}
		if v != Invariant {
			p.next()
		}
		names, variance = append(names, p.name()), append(variance, v)
		if !p.accept(",") {
			p.expect(">")
			return names, variance
		}
	}
}

// constraints reads the where clauses about params.
func (p *sigParser) constraints(params []*Type) []Constraint {
	var out []Constraint
	for p.accept("where") {
		if out == nil {
			out = make([]Constraint, len(params))
		}
		name := p.name()
		i := 0
		for i < len(params) && params[i].ParamName != name {
			i++
		}
		if i == len(params) {
			p.fail("where clause about unknown %s", quote(name))
		}
		p.expect(":")
		for {
			p.bound(&out[i])
			if !p.accept(",") {
				break
			}
		}
	}
	return out
}

func (p *sigParser) bound(c *Constraint) {
	switch {
	case p.accept("class"):
		c.Class = true
	case p.accept("struct"):
		c.Struct = true
	case p.accept("notnull"), p.accept("unmanaged"):
	case p.is("new"):
		p.next()
		p.expect("(")
		p.expect(")")
		c.New = true
	default:
		m := p.mark()
		if !p.tolerate(func() { c.Bounds = append(c.Bounds, p.typ()) }) {
			p.reset(m)
			p.skipType()
		}
	}
}

// tolerate runs f and reports whether it succeeded.
func (p *sigParser) tolerate(f func()) (ok bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
			ok = true
		case sigError:
			ok = false
		default:
			panic(r)
		}
	}()
	f()
	return
}

// skipType passes over a type that is not known.
func (p *sigParser) skipType() {
	depth := 0
	for p.kind != 0 {
		switch {
		case p.is("<"), p.is("("):
			depth++
		case p.is(">"), p.is(")"):
			depth--
		case depth == 0 && (p.is(",") || p.is("where") || p.is(";")):
			return
		}
		p.next()
	}
}
