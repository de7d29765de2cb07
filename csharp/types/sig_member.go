package types

import (
	"strings"
)

// parseMember reads a member's signature, declared in d.
func parseMember(text string, d *Def, find func(string, int) *Def) (m *Member, err error) {
	defer catch(&err)
	p := newSigParser(text, find, d.Params)
	m = &Member{Declaring: d.self, Static: d.Static}
	m.Def = m
	constant, readonly := false, false
	for {
		switch {
		case p.accept("static"):
			m.Static = true
		case p.accept("const"):
			constant, m.Static = true, true
		case p.accept("readonly"):
			readonly = true
		case p.accept("public"), p.accept("abstract"), p.accept("virtual"), p.accept("override"), p.accept("sealed"), p.accept("extern"):
		default:
			p.member(m, d, constant, readonly)
			return m, nil
		}
	}
}

func (p *sigParser) member(m *Member, d *Def, constant, readonly bool) {
	switch {
	case p.is("new"):
		p.next()
		p.constructor(m, d)
		return
	case p.is("implicit"), p.is("explicit"):
		m.Kind, m.Static, m.Name = Conversion, true, "op_Implicit"
		if p.tok == "explicit" {
			m.Name = "op_Explicit"
		}
		p.next()
		p.expect("operator")
		m.Result = p.typ()
		p.expect("(")
		m.Params, _ = p.parameters(")")
		return
	}
	if p.typeParamsAhead(m) {
		return
	}
	m.Result = p.typ()
	if p.is("(") && m.Result == d.self { // StringBuilder(string value)
		p.constructor(m, d)
		return
	}
	p.afterType(m, constant, readonly)
}

// typeParamsAhead reads a generic method. Its type parameters come after its return type, which may use them, so they are looked for first.
func (p *sigParser) typeParamsAhead(m *Member) bool {
	open := strings.Index(p.text, ">(") + 1
	if open == 0 || strings.Contains(p.text[:open], " operator ") {
		return false
	}
	depth, i := 0, open-1
	for ; i >= 0; i-- {
		switch p.text[i] {
		case '>':
			depth++
		case '<':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	start := i
	for start > 0 && p.text[start-1] != ' ' {
		start--
	}
	at := p.pos - len(p.tok)
	if start <= at || i < 0 { // the first thing in the text: a constructor or a tuple, not a method
		return false
	}
	names, _ := newSigParser(p.text[i:open], nil, nil).typeParams()
	for n, name := range names {
		m.TypeParams = append(m.TypeParams, NewTypeParam(name, n, true))
	}
	q := newSigParser(p.text[at:start], p.find, append(append([]*Type{}, p.params...), m.TypeParams...))
	m.Kind, m.Name, m.Result = Method, p.text[start:i], q.typ()
	rest := newSigParser(p.text[open:], p.find, q.params)
	rest.expect("(")
	m.Params, m.Extension = rest.parameters(")")
	m.Constraints = rest.constraints(m.TypeParams)
	return true
}

func (p *sigParser) constructor(m *Member, d *Def) {
	m.Kind, m.Name, m.Result, m.Static = Constructor, ".ctor", d.self, false
	p.expect("(")
	m.Params, _ = p.parameters(")")
}

// afterType reads what follows the type of a member that is not a generic method.
func (p *sigParser) afterType(m *Member, constant, readonly bool) {
	name := p.name()
	switch {
	case name == "operator":
		p.operator(m)
	case name == "this" && p.accept("["):
		m.Kind, m.Name = Indexer, "Item"
		m.Params, _ = p.parameters("]")
		p.accessors(m)
	case p.accept("("):
		m.Kind, m.Name = Method, name
		m.Params, m.Extension = p.parameters(")")
		p.namedOperator(m)
	case p.is("{"):
		m.Kind, m.Name = Property, name
		p.accessors(m)
	case constant:
		m.Kind, m.Name, m.CanGet = Constant, name, true
		if p.accept("=") {
			m.Value = p.literal(m.Result)
		}
	default:
		m.Kind, m.Name, m.CanGet, m.CanSet = Field, name, true, !readonly && !m.Static
	}
	if p.kind != 0 && !p.is(";") {
		p.fail("unexpected %s", quote(p.tok))
	}
}

// namedOperator makes an operator of a method that is called op_Something.
func (p *sigParser) namedOperator(m *Member) {
	switch {
	case m.Name == "op_Implicit", m.Name == "op_Explicit":
		m.Kind, m.Static = Conversion, true
	case strings.HasPrefix(m.Name, "op_"):
		m.Kind, m.Static = Operator, true
	}
}

func (p *sigParser) accessors(m *Member) {
	p.expect("{")
	for !p.accept("}") {
		switch {
		case p.accept("get"):
			m.CanGet = true
		case p.accept("set"):
			m.CanSet = true
		case p.accept("init"), p.accept(";"), p.accept("private"), p.accept("protected"):
		default:
			p.fail("expected get or set, found %s", quote(p.tok))
		}
	}
}

// operatorNames are the metadata names, by symbol, for binary and then unary use.
var operatorNames = map[string][2]string{
	"+": {"op_Addition", "op_UnaryPlus"}, "-": {"op_Subtraction", "op_UnaryNegation"},
	"*": {"op_Multiply", ""}, "/": {"op_Division", ""}, "%": {"op_Modulus", ""},
	"&": {"op_BitwiseAnd", ""}, "|": {"op_BitwiseOr", ""}, "^": {"op_ExclusiveOr", ""},
	"<<": {"op_LeftShift", ""}, ">>": {"op_RightShift", ""},
	"==": {"op_Equality", ""}, "!=": {"op_Inequality", ""}, "<": {"op_LessThan", ""}, ">": {"op_GreaterThan", ""},
	"<=": {"op_LessThanOrEqual", ""}, ">=": {"op_GreaterThanOrEqual", ""},
	"!": {"", "op_LogicalNot"}, "~": {"", "op_OnesComplement"}, "++": {"", "op_Increment"}, "--": {"", "op_Decrement"},
	"true": {"", "op_True"}, "false": {"", "op_False"},
}

func (p *sigParser) operator(m *Member) {
	symbol := ""
	for !p.is("(") && p.kind != 0 {
		symbol += p.tok
		p.next()
	}
	p.expect("(")
	m.Params, _ = p.parameters(")")
	m.Kind, m.Static = Operator, true
	names := operatorNames[symbol]
	m.Name = names[0]
	if len(m.Params) == 1 {
		m.Name = names[1]
	}
	if m.Name == "" {
		p.fail("unknown operator %s", quote(symbol))
	}
}

// parameters reads parameters up to the token end; extension tells that the first has "this".
func (p *sigParser) parameters(end string) (out []Param, extension bool) {
	for !p.accept(end) {
		if len(out) > 0 {
			p.expect(",")
		}
		var q Param
		for {
			switch {
			case p.accept("this"):
				extension = true
				continue
			case p.accept("params"):
				q.Params = true
				continue
			case p.accept("ref"):
				q.Ref = ByRef
				continue
			case p.accept("out"):
				q.Ref = ByOut
				continue
			case p.accept("in"):
				q.Ref = ByIn
				continue
			}
			break
		}
		q.Type = p.typ()
		q.Name = p.name()
		if p.accept("=") {
			q.Optional = true
			q.Default = p.literal(q.Type)
		}
		out = append(out, q)
	}
	return out, extension
}
