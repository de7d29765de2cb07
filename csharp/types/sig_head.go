package types

import (
	"slices"
	"strings"
)

// parsedHead is a type's declaration, as far as it can be read without knowing other types.
type parsedHead struct {
	def *Def
	// result is the position of a delegate's return type, bases that of what follows the name and type parameters.
	rest   string
	result string
}

// kindWords are the words that say what is declared.
var kindWords = map[string]Kind{"class": Class, "struct": Struct, "interface": Interface, "enum": EnumKind, "delegate": DelegateKind}

// openHead reads the modifiers, kind, name and type parameters of a head: "sealed class System.Text.StringBuilder : …". lookup finds a
// Def that exists already, which is then filled in instead of a new one.
func openHead(text string, lookup func(string, int) *Def) (h *parsedHead, err error) {
	defer catch(&err)
	p := newSigParser(text, nil, nil)
	var static, abstract, sealed bool
	for {
		switch {
		case p.accept("static"):
			static = true
		case p.accept("abstract"):
			abstract = true
		case p.accept("sealed"):
			sealed = true
		case p.accept("public"), p.accept("readonly"), p.accept("partial"):
		default:
			kind, ok := kindWords[p.tok]
			if !ok {
				p.fail("expected class, struct, interface, enum or delegate")
			}
			p.next()
			h = &parsedHead{}
			if kind == DelegateKind {
				h.result = p.delegateResult()
			}
			h.def = p.headName(kind, lookup)
			h.def.Static, h.def.Abstract, h.def.Sealed = static, abstract || kind == Interface, sealed || static || kind == Struct || kind == EnumKind || kind == DelegateKind
			h.rest = p.restText()
			return h, nil
		}
	}
}

// restText is the text from the present token on.
func (p *sigParser) restText() string {
	if p.kind == 0 {
		return ""
	}
	return p.text[p.pos-len(p.tok):]
}

// delegateResult passes over the return type and gives its text.
func (p *sigParser) delegateResult() string {
	start := p.pos - len(p.tok)
	depth := 0
	for p.kind != 0 {
		before := p.pos
		switch {
		case p.is("<"), p.is("["), p.is("("):
			depth++
		case p.is(">"), p.is("]"), p.is(")"):
			depth--
		}
		p.next()
		if depth == 0 && p.kind == 'i' && !strings.HasPrefix(p.tok, ".") {
			return p.text[start:before]
		}
	}
	p.fail("expected the delegate's name")
	return ""
}

func (p *sigParser) headName(kind Kind, lookup func(string, int) *Def) *Def {
	full := p.name()
	params, variance := p.typeParams()
	if p.kind == 'i' && strings.HasPrefix(p.tok, ".") {
		full += p.tok
		p.next()
	}
	d := lookup(full, len(params))
	if d == nil {
		ns, name, outer := splitName(full, kind, lookup)
		d = newDef(ns, name, kind, params...)
		d.Outer = outer
	} else {
		for i, n := range params {
			d.Params[i].ParamName = n
		}
	}
	for _, v := range variance {
		if v != Invariant {
			d.Variance = variance
		}
	}
	if d.Variance == nil {
		d.Variance = knownVariance[d.FullName()]
	}
	return d
}

// splitName divides a full name into namespace and name; Outer.Inner stays together where Outer is a known type or the namespace
// "would end in" one of the nesting types that are declared beside it.
func splitName(full string, _ Kind, lookup func(string, int) *Def) (ns, name string, in *Def) {
	i := strings.LastIndexByte(full, '.')
	if i < 0 {
		return "", full, nil
	}
	ns, name = full[:i], full[i+1:]
	for n := 0; n <= 4; n++ {
		if outer := lookup(ns, n); outer != nil {
			return outer.Namespace, outer.Name + "." + name, outer
		}
	}
	return ns, name, nil
}

// knownVariance is that of the interfaces and delegates whose declarations by reflection do not show it.
var knownVariance = map[string][]Variance{
	"System.Collections.Generic.IEnumerable`1":         {Covariant},
	"System.Collections.Generic.IEnumerator`1":         {Covariant},
	"System.Collections.Generic.IReadOnlyList`1":       {Covariant},
	"System.Collections.Generic.IReadOnlyCollection`1": {Covariant},
	"System.Collections.Generic.IComparer`1":           {Contravariant},
	"System.Collections.Generic.IEqualityComparer`1":   {Contravariant},
	"System.IComparable`1":                             {Contravariant},
	"System.IProgress`1":                               {Contravariant},
	"System.Linq.IGrouping`2":                          {Covariant, Covariant},
	"System.Linq.IOrderedEnumerable`1":                 {Covariant},
	"System.Linq.IQueryable`1":                         {Covariant},
	"Newtonsoft.Json.Linq.IJEnumerable`1":              {Covariant},
}

// closeHead reads what follows the name: base types, constraints, or a delegate's parameters. Bases that are not known are left out.
func (h *parsedHead) closeHead(find func(string, int) *Def) (err error) {
	defer catch(&err)
	d := h.def
	hd := &head{}
	p := newSigParser(h.rest, find, d.Params)
	if d.Kind == DelegateKind {
		hd.invoke = p.delegateInvoke(d, h.result, find)
		d.setHead(hd)
		return nil
	}
	if p.accept(":") {
		for {
			p.base(d, hd)
			if !p.accept(",") {
				break
			}
		}
	}
	d.Constraints = p.constraints(d.Params)
	if known := knownInterfaces[d.FullName()]; known != "" {
		q := newSigParser(known, find, d.Params)
		for q.base(d, hd); q.accept(","); {
			q.base(d, hd)
		}
	}
	if d.Kind == EnumKind && d.Underlying == nil {
		d.Underlying = Int32Type
	}
	d.setHead(hd)
	return nil
}

// setHead sets the heading; a well-known type keeps the interfaces that the language relies on.
func (d *Def) setHead(h *head) {
	for _, i := range impliedInterfaces[d] {
		if !slices.Contains(h.interfaces, i) {
			h.interfaces = append(h.interfaces, i)
		}
	}
	d.head.Store(h)
	headings.Add(1)
}

// base reads one base type or interface.
func (p *sigParser) base(d *Def, hd *head) {
	m := p.mark()
	var t *Type
	if !p.tolerate(func() { t = p.typ() }) {
		p.reset(m)
		p.skipType()
		return
	}
	switch {
	case d.Kind == EnumKind && t.Kind == Struct:
		d.Underlying = t
	case t.Kind == Interface && !slices.Contains(hd.interfaces, t):
		hd.interfaces = append(hd.interfaces, t)
	case t.Kind == Class && d.Kind == Class:
		hd.base = t
	}
}

func (p *sigParser) delegateInvoke(d *Def, result string, find func(string, int) *Def) *Member {
	m := &Member{Kind: Method, Name: "Invoke", Declaring: d.self}
	m.Def = m
	m.Result = newSigParser(result, find, d.Params).typ()
	p.expect("(")
	m.Params, _ = p.parameters(")")
	return m
}
