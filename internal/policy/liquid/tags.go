package liquid

import (
	"strconv"
	"strings"
)

// tags read the tags that stand by themselves or begin a block: markup is what follows the name, in is the block around it.
var tags map[string]func(p *parser, name, markup string, in *block) node

func init() { // the readers use the table
	tags = map[string]func(p *parser, name, markup string, in *block) node{
		"assign": readAssign, "capture": readCapture, "comment": readComment, "raw": readRaw, "literal": readLiteral,
		"increment": readCounter, "decrement": readCounter, "cycle": readCycle, "ifchanged": readIfChanged,
		"break": readLeave, "continue": readLeave, "include": readInclude, "extends": readExtends, "block": readBlock, "param": readParam,
		"if": readIf, "unless": readIf, "case": readCase, "for": readFor, "tablerow": readTableRow,
	}
}

type assign struct {
	to   string
	from *variable
}

func readAssign(p *parser, _, markup string, _ *block) node {
	to, from, ok := assignment(markup)
	if !ok {
		p.fail("Syntax Error in 'assign' tag - Valid syntax: assign [var] = [source]")
	}
	return &assign{to, p.variable(from)}
}

func (a *assign) render(r *run) flow {
	r.alloc(len(a.to) + 32)
	r.set(a.to, a.from.eval(r), true)
	return goOn
}

type capture struct {
	to    string
	nodes []node
}

func readCapture(p *parser, name, markup string, _ *block) node {
	to, ok := onlySegment(markup)
	if !ok {
		p.fail("Syntax Error in 'capture' tag - Valid syntax: capture [var]")
	}
	c := &capture{to: to}
	p.content(&block{name: name, nodes: &c.nodes})
	return c
}

func (c *capture) render(r *run) flow {
	s, f := r.captured(c.nodes)
	if f == goOn {
		r.set(c.to, str(s), true)
	}
	return f
}

// verbatim reads tokens as text up to the end of the block.
func (p *parser) verbatim(name string) (out []node) {
	for p.pos < len(p.tokens) {
		t := p.tokens[p.pos].text
		p.pos++
		if strings.HasPrefix(t, "{%") {
			if end, _, ok := splitTag(t); ok && end == "end"+name {
				return out
			}
		}
		out = append(out, literal(t))
	}
	p.fail("%s tag was never closed", name)
	return nil
}

// group renders what it has.
type group []node

func (g group) render(r *run) flow { return r.all(g) }

func (p *parser) noMarkup(name, markup string) {
	if strings.TrimSpace(markup) != "" {
		p.fail("Syntax Error in '%[1]s' tag - Valid syntax: %[1]s", name)
	}
}

func readRaw(p *parser, name, markup string, _ *block) node {
	p.noMarkup(name, markup)
	return group(p.verbatim(name))
}

func readComment(p *parser, name, markup string, _ *block) node {
	p.noMarkup(name, markup)
	p.verbatim(name)
	return nil
}

func readLiteral(p *parser, name, _ string, _ *block) node { return group(p.verbatim(name)) }

// counter is increment, which shows a number before it is raised, or decrement, which shows it after it is lowered.
type counter struct {
	name string
	by   int64
}

func readCounter(p *parser, name, markup string, _ *block) node {
	variable, ok := onlySegment(markup)
	if !ok {
		p.fail("Syntax Error in '%[1]s' tag - Valid syntax: %[1]s [var]", name)
	}
	if name == "increment" {
		return &counter{variable, 1}
	}
	return &counter{variable, -1}
}

func (c *counter) render(r *run) flow {
	v, _ := r.global(c.name)
	if v == nil {
		v = int32(0)
	}
	before := toInt64(v)
	after := before + c.by
	if (after > before) != (c.by > 0) {
		throw(excOverflow, "Arithmetic operation resulted in an overflow.")
	}
	shown := before
	if c.by < 0 {
		shown = after
	}
	if r.counters == nil {
		r.counters = map[string]Value{}
	}
	r.alloc(len(c.name) + 32)
	if after == int64(int32(after)) && before == int64(int32(before)) {
		r.counters[c.name] = int32(after)
	} else {
		r.counters[c.name] = after
	}
	r.write(strconv.FormatInt(shown, 10))
	return goOn
}

type cycle struct {
	name   operand
	values []operand
}

func readCycle(p *parser, _, markup string, _ *block) node {
	name, values, ok := cycleName(markup)
	parts := cycleValues(values)
	if !ok {
		if fragmentEnd(markup, 0) == 0 {
			p.fail("Syntax Error in 'cycle' tag - Valid syntax: cycle [name :] var [, var2, var3 ...]")
		}
		parts = cycleValues(markup)
		name = "'" + strings.Join(parts, "") + "'"
	}
	c := &cycle{name: compileOperand(name, 0)}
	for _, v := range parts {
		c.values = append(c.values, compileOperand(v, 0))
	}
	return c
}

func (c *cycle) render(r *run) flow {
	r.push()
	key := text(c.name.eval(r))
	i := r.cycles[key]
	if i >= len(c.values) {
		throw(excRange, "Index was outside the bounds of the array.")
	}
	r.write(text(c.values[i].eval(r)))
	if r.cycles == nil {
		r.cycles = map[string]int{}
	}
	r.alloc(len(key) + 32)
	r.cycles[key] = (i + 1) % len(c.values)
	r.pop()
	return goOn
}

type ifChanged []node

func readIfChanged(p *parser, name, _ string, _ *block) node {
	var nodes []node
	p.content(&block{name: name, nodes: &nodes})
	return ifChanged(nodes)
}

func (c ifChanged) render(r *run) flow {
	r.push()
	s, f := r.captured(c)
	r.pop()
	if f == goOn && (r.changed == nil || *r.changed != s) {
		r.changed = &s
		r.write(s)
	}
	return f
}

type leave flow

func readLeave(_ *parser, name, _ string, _ *block) node {
	if name == "break" {
		return leave(breakOff)
	}
	return leave(goNext)
}

func (l leave) render(*run) flow { return flow(l) }

// refused is a tag that needs other templates, which there are none of.
type refused struct{}

func (refused) render(*run) flow {
	throw(excFile, "Error - This liquid context does not allow includes")
	return goOn
}

func readInclude(p *parser, _, markup string, _ *block) node {
	if _, _, ok := findFragment(markup, 0); !ok {
		p.fail("Syntax Error in 'include' tag - Valid syntax: include [template]")
	}
	p.remark(p.at, true, "There are no other templates that 'include' could find.")
	return refused{}
}

func readExtends(p *parser, name, markup string, in *block) node {
	if fragmentEnd(markup, 0) == 0 {
		p.fail("Syntax Error in 'extends' tag - Valid syntax: extends [template]")
	}
	if len(*in.nodes) > 0 {
		p.fail("Liquid Error - 'extends' must be the first tag in an extending template")
	}
	p.remark(p.at, true, "There are no other templates that 'extends' could find.")
	var nodes []node
	p.content(&block{name: name, nodes: &nodes, open: true})
	return refused{}
}

// namedBlock is {% block %}, which without inheritance renders what it has.
type namedBlock []node

func readBlock(p *parser, tag, markup string, in *block) node {
	name, ok := firstWord(markup)
	if !ok {
		p.fail("Syntax Error in 'block' tag - Valid syntax: block [name]")
	}
	var nodes []node
	p.content(&block{name: tag, nodes: &nodes})
	if in.named[name] {
		p.fail("Liquid Error - Block '%s' already defined", name)
	} else if in.named == nil {
		in.named = map[string]bool{}
	}
	in.named[name] = true
	return namedBlock(nodes)
}

func (b namedBlock) render(r *run) flow {
	r.push()
	r.set("block", &drop{typeBlock, func(string) (Value, bool) { return nil, true }}, false)
	f := r.all(b)
	r.pop()
	return f
}

// param is {% param %}: the settings that are in force already may be asked for.
type param struct {
	name  string
	value operand
}

// paramValues are, by setting, what is in force.
var paramValues = map[string]string{"culture": "en-US", "dateformat": "dotnet", "syntax": "DotLiquid20"}

func readParam(p *parser, _, markup string, _ *block) node {
	name, value, ok := assignment(markup)
	plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	if !ok || value == "" {
		p.fail("Invalid markup format for tag Param: %s", markup)
	}
	if paramValues[plain] == "" {
		p.fail("The parameter '%s' is not supported here; culture, date_format and syntax are.", name)
	}
	return &param{plain, compileOperand(strings.TrimRightFunc(value, isSpace), 0)}
}

func (p *param) render(r *run) flow {
	if got, want := text(p.value.eval(r)), paramValues[p.name]; !strings.EqualFold(got, want) {
		throw(excUnsupported, "The %s '%s' is not supported: templates are rendered with '%s'.", p.name, got, want)
	}
	return goOn
}
