package csharp

import (
	"sort"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// CompletionKind is what a Completion stands for.
type CompletionKind string

// The kinds of completions.
const (
	CompleteProperty  CompletionKind = "property"
	CompleteMethod    CompletionKind = "method"
	CompleteType      CompletionKind = "type"
	CompleteNamespace CompletionKind = "namespace"
	CompleteKeyword   CompletionKind = "keyword"
	CompleteVariable  CompletionKind = "variable"
)

// Completion is one word that may stand where somebody is writing.
type Completion struct {
	// Label is the word.
	Label string
	Kind  CompletionKind
	// Detail is its type or signature, for people.
	Detail string
	// Member is the first of the members of that name, nil where it is none.
	Member *types.Member
}

// probeName stands for the word that is being written; no program has it.
const probeName = "__postern_probe__"

// Complete tells what may be written at offset of src, the text of "@( … )" or "@{ … }", which may be unfinished and full of
// mistakes. from is where the word at offset begins, whose letters before offset the completions have at their beginning,
// in upper or lower case. Inside strings and comments there are none.
func Complete(src string, env Env, offset int) (items []Completion, from int) {
	offset = max(0, min(offset, len(src)))
	from = offset
	for from > 0 && wordAt(src, from-1) {
		from--
	}
	if from < 2 || quoted(src, from) || from < len(src) && src[from] >= '0' && src[from] <= '9' {
		return nil, offset
	}
	end := offset
	for end < len(src) && wordAt(src, end) {
		end++
	}
	p := probe(src[:from]+probeName+src[end:], env)
	if !p.Found {
		p = probe(closed(src[:from]+probeName), env)
	}
	if !p.Found && !afterDot(src, from) {
		for _, g := range env.Globals {
			p.Names = append(p.Names, bind.Named{Name: g.Name, Type: g.Type})
		}
	}
	c := completer{u: env.Universe, prefix: strings.ToLower(src[from:offset]), seen: map[string]bool{}}
	switch {
	case p.Namespace != "":
		c.types(p.Namespace)
	case p.Of != nil:
		c.members(p)
	case !afterDot(src, from):
		c.names(p)
	}
	return c.items, from
}

// probe binds a text that holds the probe.
func probe(text string, env Env) *bind.Probe {
	p := &bind.Probe{Name: probeName}
	unit, found := syntax.Parse(text)
	bind.ProbeAt(unit, env.bind(found), p)
	return p
}

// afterDot reports whether the word at offset follows a dot.
func afterDot(src string, at int) bool {
	return strings.HasSuffix(strings.TrimRight(src[:at], " \t\r\n"), ".")
}

// quoted reports whether offset lies inside a string, a character or a comment, but not in a hole of an interpolated string.
func quoted(src string, offset int) bool {
	for at := 2; at < offset; {
		next := syntax.Skip(src, at)
		if next > at+1 && (offset < next || next == len(src) && offset == next && unfinished(src[at:next])) {
			return !inHole(src[at:next], offset-at)
		}
		at = next
	}
	return false
}

// inHole reports whether offset lies in the expression of a hole of an interpolated string, and there in no other string.
func inHole(text string, offset int) bool {
	quote := strings.IndexByte(text, '"')
	if quote < 1 || !strings.ContainsRune(text[:quote], '$') {
		return false
	}
	for at := quote + 1; at < offset; at++ {
		switch {
		case text[at] != '{':
		case at+1 < len(text) && text[at+1] == '{':
			at++
		default:
			end, in := hole(text, at+1, offset)
			if end >= offset {
				return in
			}
			at = end
		}
	}
	return false
}

// hole walks over the hole that begins at the offset, up to its end or to stop; in tells that stop lies in its expression.
func hole(text string, at, stop int) (end int, in bool) {
	depth, format := 0, false
	for at < stop {
		switch text[at] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return at, false
			}
		case ':':
			format = format || depth == 0
		}
		next := syntax.Skip(text, at)
		if next > at+1 && next > stop {
			return next, inHole(text[at:next], stop-at)
		}
		at = next
	}
	return at, !format
}

// unfinished reports whether the string or comment at the end of a text has no end of its own.
func unfinished(lexeme string) bool {
	switch {
	case strings.HasPrefix(lexeme, "//"):
		return true
	case strings.HasPrefix(lexeme, "/*"):
		return len(lexeme) < 4 || !strings.HasSuffix(lexeme, "*/")
	}
	return len(lexeme) < 2 || lexeme[len(lexeme)-1] != '"' && lexeme[len(lexeme)-1] != '\''
}

// closed is the text with the brackets closed that are open at its end.
func closed(text string) string {
	var open []byte
	for at := 1; at < len(text); at = syntax.Skip(text, at) {
		switch text[at] {
		case '(':
			open = append(open, ')')
		case '{':
			open = append(open, '}')
		case '[':
			open = append(open, ']')
		case ')', '}', ']':
			if len(open) > 0 && open[len(open)-1] == text[at] {
				open = open[:len(open)-1]
			}
		}
	}
	var b strings.Builder
	b.WriteString(text)
	for i := len(open) - 1; i >= 0; i-- {
		if open[i] == '}' {
			b.WriteByte(';')
		}
		b.WriteByte(open[i])
	}
	return b.String()
}

// completer gathers completions that begin with a prefix.
type completer struct {
	u      *types.Universe
	prefix string
	seen   map[string]bool
	items  []Completion
}

func (c *completer) add(x Completion) {
	if !c.seen[x.Label] && strings.HasPrefix(strings.ToLower(x.Label), c.prefix) {
		c.seen[x.Label] = true
		c.items = append(c.items, x)
	}
}

// sortFrom puts the completions from the n-th on in the order of their words.
func (c *completer) sortFrom(n int) {
	sort.SliceStable(c.items[n:], func(i, j int) bool {
		a, b := c.items[n+i].Label, c.items[n+j].Label
		if x, y := strings.ToLower(a), strings.ToLower(b); x != y {
			return x < y
		}
		return a < b
	})
}

// members are those of a value or of a type.
func (c *completer) members(p *bind.Probe) {
	t := p.Of
	if u, ok := t.IsNullable(); ok && !p.Static {
		c.add(Completion{Label: "HasValue", Kind: CompleteProperty, Detail: "bool"})
		c.add(Completion{Label: "Value", Kind: CompleteProperty, Detail: u.Short()})
	}
	if t.Kind == types.ArrayKind {
		c.add(Completion{Label: "Length", Kind: CompleteProperty, Detail: "int"})
	}
	for i, name := range t.Anon {
		c.add(Completion{Label: name, Kind: CompleteProperty, Detail: t.Args[i].Short()})
	}
	for i, name := range t.Names {
		if name != "" {
			c.add(Completion{Label: name, Kind: CompleteProperty, Detail: t.Args[i].Short()})
		}
	}
	counts := map[string]int{}
	c.each(t, func(m *types.Member) {
		if m.Static == p.Static && m.Kind == types.Method {
			counts[m.Name]++
		}
	})
	c.each(t, func(m *types.Member) {
		if m.Static != p.Static && !(p.Static && m.Kind == types.Constant) {
			return
		}
		c.member(m, counts[m.Name])
	})
	for _, m := range p.Extensions {
		c.add(Completion{Label: m.Name, Kind: CompleteMethod, Detail: "(extension) " + signature(m), Member: m})
	}
	c.sortFrom(0)
}

// each calls f with what t declares and inherits, the most derived first.
func (c *completer) each(t *types.Type, f func(*types.Member)) {
	visit := func(t *types.Type) {
		for _, m := range c.u.Table(t).All {
			f(m)
		}
	}
	if t.Kind == types.Interface {
		visit(t)
		for _, i := range t.Interfaces() {
			visit(i)
		}
		visit(types.Object_)
		return
	}
	for x := t; x != nil; x = x.BaseType() {
		visit(x)
	}
}

func (c *completer) member(m *types.Member, overloads int) {
	x := Completion{Label: m.Name, Kind: CompleteProperty, Member: m}
	switch m.Kind {
	case types.Method:
		x.Kind, x.Detail = CompleteMethod, signature(m)
		if overloads > 1 {
			x.Detail += overloadsText(overloads - 1)
		}
	case types.Property, types.Field, types.Constant:
		x.Detail = m.Result.Short()
	default:
		return // indexers, operators, constructors have no names
	}
	c.add(x)
}

func overloadsText(n int) string {
	if n == 1 {
		return " (+ 1 overload)"
	}
	return " (+ " + strconv.Itoa(n) + " overloads)"
}

// signature is a method as its documentation writes it.
func signature(m *types.Member) string {
	text := m.Display(false)
	if i := strings.Index(text, "."+m.Name); i >= 0 {
		text = text[i+1:]
	}
	return m.Result.Short() + " " + text
}

// types are those of a namespace, and the namespaces in it.
func (c *completer) types(ns string) {
	c.u.Defs(func(d *types.Def) {
		switch {
		case d.Hidden:
		case d.Namespace == ns && !strings.Contains(d.Name, "."):
			c.add(typeCompletion(d))
		case strings.HasPrefix(d.Namespace, ns+"."):
			word, _, _ := strings.Cut(d.Namespace[len(ns)+1:], ".")
			c.add(Completion{Label: word, Kind: CompleteNamespace, Detail: ns + "." + word})
		}
	})
	c.sortFrom(0)
}

func typeCompletion(d *types.Def) Completion {
	return Completion{Label: d.Name, Kind: CompleteType, Detail: d.Self().String()}
}

// expressionWords and statementWords are the keywords that a policy expression may use.
const (
	expressionWords = "true false null new typeof default is as dynamic bool byte char decimal double float int long object sbyte short string uint ulong ushort"
	statementWords  = "var return if else for foreach while do switch case break continue throw try catch finally using const in out ref from where select orderby group let join"
)

// names are values, types and keywords.
func (c *completer) names(p *bind.Probe) {
	if !p.Type {
		for _, n := range p.Names {
			x := Completion{Label: n.Name, Kind: CompleteVariable}
			if n.Type != nil {
				x.Detail = n.Type.Short()
			}
			if n.Func {
				x.Kind = CompleteMethod
			}
			c.add(x)
		}
	}
	n := len(c.items)
	c.u.Defs(func(d *types.Def) {
		if !d.Hidden && types.OpenNamespaces[d.Namespace] && !strings.Contains(d.Name, ".") {
			c.add(typeCompletion(d))
		}
	})
	for _, word := range strings.Fields(expressionWords + " " + statementWords) {
		c.add(Completion{Label: word, Kind: CompleteKeyword})
	}
	c.sortFrom(n)
}
