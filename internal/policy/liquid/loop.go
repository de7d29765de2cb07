package liquid

import (
	"fmt"
	"strings"
)

// loop is for.
type loop struct {
	name, variable   string
	of               operand
	reversed         bool
	attributes       map[string]operand
	resume           bool
	nodes, otherwise []node
	hasElse          bool
}

func compileAttributes(markup string) map[string]operand {
	out := map[string]operand{}
	for k, v := range attributes(markup) {
		out[k] = compileOperand(v, 0)
	}
	return out
}

func readFor(p *parser, name, markup string, _ *block) node {
	variable, collection, rest, ok := loopHead(markup, fragmentsEnd)
	if !ok {
		p.fail("Syntax Error in 'for' tag - Valid syntax: for [item] in [collection]")
	}
	l := &loop{name: variable + "-" + collection, variable: variable, of: compileOperand(collection, 0), attributes: compileAttributes(markup)}
	l.reversed = strings.HasPrefix(rest[skipSpace(rest, 0):], "reversed")
	l.resume = attributes(markup)["offset"] == "continue"
	b := &block{name: name, nodes: &l.nodes}
	b.inner = func(tag, _ string) bool {
		if tag != "else" {
			return false
		}
		l.hasElse, l.otherwise = true, nil
		b.nodes = &l.otherwise
		return true
	}
	p.content(b)
	return l
}

// attribute is a number among the attributes; ok is false where it is not there.
func attribute(r *run, attributes map[string]operand, name string) (n int, ok bool) {
	o := attributes[name]
	if o == nil {
		return 0, false
	}
	return int(toInt32(o.eval(r))), true
}

// segment are the elements that offset and limit leave, and the index of the first.
func (l *loop) segment(r *run, items []Value) (segment []Value, from int) {
	if l.resume {
		from = r.progress[l.name]
	} else {
		from, _ = attribute(r, l.attributes, "offset")
	}
	to := len(items)
	if limit, ok := attribute(r, l.attributes, "limit"); ok {
		to = min(to, limit+from)
	}
	start := max(from, 0)
	if to <= start {
		return nil, from
	}
	return items[start:to], from
}

func (l *loop) render(r *run) flow {
	items, ok := r.elements(l.of.eval(r))
	if !ok {
		if l.hasElse {
			return r.scoped(l.otherwise)
		}
		return goOn
	}
	segment, from := l.segment(r, items)
	if l.reversed {
		r.alloc(len(segment) * 16)
		segment = reversed(segment)
	}
	if r.progress == nil {
		r.progress = map[string]int{}
	}
	r.progress[l.name] = from + len(segment)
	r.push()
	defer r.pop()
	if len(segment) == 0 {
		return r.all(l.otherwise)
	}
	for i, item := range segment {
		r.t.Step(1)
		r.set(l.variable, loopItem(r, item), false)
		r.set("forloop", l.state(i, len(segment)), false)
		if r.all(l.nodes) == breakOff {
			return goOn
		}
	}
	return goOn
}

// loopItem is an element as the loop's variable shows it: an entry whose value is a dictionary gives that one's members too.
func loopItem(r *run, item Value) Value {
	p, ok := item.(*pair)
	if !ok {
		return item
	}
	h, ok := p.value.(*Hash)
	if !ok {
		return item
	}
	return &drop{typeKeyValue, func(name string) (Value, bool) {
		switch name {
		case "0", "Key", "itemName":
			return str(p.key), true
		case "1", "Value":
			return h, true
		}
		return h.Get(name)
	}}
}

func (l *loop) state(i, n int) *Hash {
	h := &Hash{values: make(map[string]Value, 8), typ: typeObjects}
	h.Set("name", str(l.name)).Set("length", int32(n)).Set("index", int32(i+1)).Set("index0", int32(i))
	h.Set("rindex", int32(n-i)).Set("rindex0", int32(n-i-1)).Set("first", i == 0).Set("last", i == n-1)
	return h
}

// table is tablerow.
type table struct {
	variable   string
	of         operand
	attributes map[string]operand
	nodes      []node
}

func readTableRow(p *parser, name, markup string, _ *block) node {
	variable, collection, _, ok := loopHead(markup, signature)
	if !ok {
		p.fail("Syntax Error in 'tablerow' tag - Valid syntax: tablerow [item] in [collection] cols=[number]")
	}
	t := &table{variable: variable, of: compileOperand(collection, 0), attributes: compileAttributes(markup)}
	p.content(&block{name: name, nodes: &t.nodes})
	return t
}

func (t *table) render(r *run) flow {
	items, ok := r.elements(t.of.eval(r))
	if !ok {
		return goOn
	}
	if offset, ok := attribute(r, t.attributes, "offset"); ok {
		items = items[min(max(offset, 0), len(items)):]
	}
	if limit, ok := attribute(r, t.attributes, "limit"); ok {
		items = items[:min(max(limit, 0), len(items))]
	}
	columns, ok := attribute(r, t.attributes, "cols")
	if !ok {
		columns = len(items)
	}
	r.write("<tr class=\"row1\">\n")
	r.push()
	defer r.pop()
	row, column := 1, 0
	for i, item := range items {
		r.t.Step(1)
		r.set(t.variable, item, false)
		r.set("tablerowloop", tableState(i, len(items), column, columns), false)
		column++
		cell, f := r.captured(t.nodes)
		if f != goOn {
			return f
		}
		r.write(fmt.Sprintf("<td class=\"col%d\">%s</td>", column, cell))
		if column == columns && i != len(items)-1 {
			column = 0
			row++
			r.write(fmt.Sprintf("</tr>\n<tr class=\"row%d\">", row))
		}
	}
	r.write("</tr>\n")
	return goOn
}

func tableState(i, n, column, columns int) *Hash {
	h := NewHash()
	h.Set("length", int32(n)).Set("index", int32(i+1)).Set("index0", int32(i)).Set("col", int32(column+1)).Set("col0", int32(column))
	h.Set("rindex", int32(n-i)).Set("rindex0", int32(n-i-1)).Set("first", i == 0).Set("last", i == n-1)
	return h.Set("col_first", column == 0).Set("col_last", column == columns-1)
}
