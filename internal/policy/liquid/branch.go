package liquid

import (
	"slices"
	"strings"
)

// maxConditions is DotLiquid's bound for one if.
const maxConditions = 500

// condition is one comparison, and with what the one behind it is joined.
type condition struct {
	left, right operand
	op          *operator
	// unknown is an operator that does not exist; empty: none.
	unknown string
	// join is "and", "or" or empty; next is what comes behind.
	join string
	next *condition
}

// test evaluates from the left; what stands behind an "and" or "or" is one operand of it.
func (c *condition) test(r *run) bool {
	for ; ; c = c.next {
		r.t.Step(1)
		ok := c.holds(r)
		if c.join == "" || ok == (c.join == "or") {
			return ok
		}
	}
}

func (c *condition) holds(r *run) bool {
	left := c.left.eval(r)
	if c.op == nil && c.unknown == "" {
		b, isBool := left.(bool)
		return left != nil && (!isBool || b)
	}
	right := c.right.eval(r)
	if c.unknown != "" {
		throw(excLiquid, "Unknown operator %s", c.unknown)
	}
	return c.op.holds(r, left, right)
}

func (p *parser) condition(s, tag string) *condition {
	left, name, right, ok := comparison(s)
	if !ok {
		p.fail("Syntax Error in '%[1]s' tag - Valid syntax: %[1]s [expression]", tag)
	}
	c := &condition{left: compileOperand(strings.TrimLeft(left, "("), 0), right: compileOperand(strings.TrimRight(right, ")"), 0)}
	if name != "" {
		if c.op = operators[name]; c.op == nil {
			c.unknown = name
			p.remark(p.at, false, "There is no operator '%s': rendering fails here.", name)
		}
	}
	return c
}

// conditions reads the text of an if from its end.
func (p *parser) conditions(markup, tag string) *condition {
	parts := conditions(markup)
	if len(parts) == 0 || len(parts)%2 == 0 {
		p.fail("Syntax Error in '%[1]s' tag - Valid syntax: %[1]s [expression]", tag)
	}
	if len(parts)/2+1 > maxConditions {
		p.fail("Syntax Error in '%s' tag - max %d conditions are allowed", tag, maxConditions)
	}
	var c *condition
	for i := len(parts) - 1; i >= 0; i -= 2 {
		n := p.condition(parts[i], tag)
		if c != nil {
			if join := strings.TrimSpace(parts[i+1]); join == "and" || join == "or" {
				n.join, n.next = join, c
			}
		}
		c = n
	}
	return c
}

// branch is what is rendered where a condition holds; none: always.
type branch struct {
	when  *condition
	nodes []node
}

// choice is if and unless.
type choice struct {
	branches []*branch
	// unless turns the first condition round.
	unless bool
}

func readIf(p *parser, name, markup string, _ *block) node {
	c := &choice{unless: name == "unless"}
	first := &branch{when: p.conditions(markup, "if")}
	c.branches = append(c.branches, first)
	b := &block{name: name, nodes: &first.nodes}
	b.inner = func(tag, markup string) bool {
		next := &branch{}
		switch tag {
		case "elsif", "elseif":
			next.when = p.conditions(markup, "if")
		case "else":
		default:
			return false
		}
		c.branches, b.nodes = append(c.branches, next), &next.nodes
		return true
	}
	p.content(b)
	return c
}

func (c *choice) render(r *run) flow {
	r.push()
	f := goOn
	for i, b := range c.branches {
		if b.when == nil || b.when.test(r) != (c.unless && i == 0) {
			f = r.all(b.nodes)
			break
		}
	}
	r.pop()
	return f
}

// selection is case. Every branch whose value is the left side is rendered.
type selection struct{ branches []*branch }

func readCase(p *parser, name, markup string, _ *block) node {
	start, end, ok := findFragment(markup, 0)
	if !ok {
		p.fail("Syntax Error in 'case' tag - Valid syntax: case [condition]")
	}
	left := compileOperand(markup[start:end], 0)
	c := &selection{}
	var before []node // what stands before the first branch is never rendered
	b := &block{name: name, nodes: &before}
	var open []*branch
	finish := func() {
		for _, br := range open {
			br.nodes = *b.nodes
		}
	}
	b.inner = func(tag, markup string) bool {
		if tag != "when" && tag != "else" {
			return false
		}
		finish()
		open = nil
		if tag == "when" {
			open = p.when(left, markup)
		} else {
			p.noElseMarkup(markup)
			open = []*branch{{}}
		}
		c.branches, b.nodes = append(c.branches, open...), &[]node{}
		return true
	}
	p.content(b)
	finish()
	return c
}

func (p *parser) noElseMarkup(markup string) {
	if strings.TrimSpace(markup) != "" {
		p.fail("Syntax Error in 'case' tag - Valid else condition: {%% else %%} (no parameters)")
	}
}

// when makes a branch of each value.
func (p *parser) when(left operand, markup string) (out []*branch) {
	for {
		value, rest, ok := whenValue(markup)
		if !ok {
			p.fail("Syntax Error in 'case' tag - Valid when condition: {%% when [condition] [or condition2...] %%}")
		}
		out = append(out, &branch{when: &condition{left: left, op: operators["=="], right: compileOperand(value, 0)}})
		if rest == "" {
			return out
		}
		markup = rest
	}
}

func (c *selection) render(r *run) flow {
	r.push()
	defer r.pop()
	none := true
	for _, b := range c.branches {
		if b.when == nil {
			if !none {
				continue
			}
		} else if !b.when.test(r) {
			continue
		} else {
			none = false
		}
		if f := r.all(b.nodes); f != goOn {
			return f
		}
	}
	return goOn
}

// reversed is a copy of a list, the last element first.
func reversed(items []Value) []Value {
	out := slices.Clone(items)
	slices.Reverse(out)
	return out
}
