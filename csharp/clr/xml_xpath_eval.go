package clr

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// xpathAxis gives the items that an axis leads to from one, nearest first.
type xpathAxis func(t *types.Thread, d domNode) []domNode

var xpathAxes = map[string]xpathAxis{"child": childAxis, "parent": parentAxis, "self": selfAxis, "attribute": attributeAxis,
	"descendant": descendantAxis, "descendant-or-self": descendantOrSelf, "ancestor": ancestorAxis, "ancestor-or-self": ancestorOrSelf,
	"following-sibling": followingAxis, "preceding-sibling": precedingAxis}

func anyItem(domNode) bool { return true }

func childAxis(t *types.Thread, d domNode) (out []domNode) {
	if d.n != nil {
		for c := d.n.first; c != nil; c = c.next {
			t.Step(1)
			out = append(out, domNode{n: c})
		}
	}
	return out
}

func selfAxis(_ *types.Thread, d domNode) []domNode { return []domNode{d} }

func parentAxis(_ *types.Thread, d domNode) []domNode {
	if p := d.parent(); p != nil {
		return []domNode{{n: p}}
	}
	return nil
}

func attributeAxis(t *types.Thread, d domNode) (out []domNode) {
	if d.n != nil {
		for _, a := range d.n.attrs {
			t.Step(1)
			if !a.declares() {
				out = append(out, domNode{a: a})
			}
		}
	}
	return out
}

func descendantAxis(t *types.Thread, d domNode) (out []domNode) {
	if d.n != nil {
		for c := d.n.after(d.n, false); c != nil; c = c.after(d.n, false) {
			t.Step(1)
			t.Alloc(16)
			out = append(out, domNode{n: c})
		}
	}
	return out
}

func descendantOrSelf(t *types.Thread, d domNode) []domNode {
	return append([]domNode{d}, descendantAxis(t, d)...)
}

func ancestorAxis(t *types.Thread, d domNode) (out []domNode) {
	for p := d.parent(); p != nil; p = p.parent {
		t.Step(1)
		out = append(out, domNode{n: p})
	}
	return out
}

func ancestorOrSelf(t *types.Thread, d domNode) []domNode {
	return append([]domNode{d}, ancestorAxis(t, d)...)
}

func followingAxis(t *types.Thread, d domNode) (out []domNode) {
	if d.n != nil {
		for c := d.n.next; c != nil; c = c.next {
			t.Step(1)
			out = append(out, domNode{n: c})
		}
	}
	return out
}

func precedingAxis(t *types.Thread, d domNode) (out []domNode) {
	if d.n != nil {
		for c := d.n.prev; c != nil; c = c.prev {
			t.Step(1)
			out = append(out, domNode{n: c})
		}
	}
	return out
}

// xpathStep goes along an axis from each item, keeping what passes the test and the predicates.
func xpathStep(from xpathExpr, axis xpathAxis, test func(domNode) bool, predicates []xpathExpr) xpathExpr {
	return func(c xpathContext) any {
		var out []domNode
		for _, d := range xpathNodes(from(c)) {
			var found []domNode
			for _, x := range axis(c.t, d) {
				if test(x) {
					found = append(found, x)
				}
			}
			for _, p := range predicates {
				found = xpathKeep(c, found, p)
			}
			out = append(out, found...)
		}
		return xpathDistinct(c.t, out)
	}
}

func xpathFilter(from, predicate xpathExpr) xpathExpr {
	return func(c xpathContext) any { return xpathKeep(c, xpathNodes(from(c)), predicate) }
}

// xpathKeep are the items for which a predicate holds: a number is a position.
func xpathKeep(c xpathContext, items []domNode, predicate xpathExpr) (out []domNode) {
	for i, d := range items {
		c.t.Step(1)
		v := predicate(xpathContext{c.t, d, i + 1, len(items)})
		if n, ok := v.(float64); ok {
			v = n == float64(i+1)
		}
		if xpathBool(v) {
			out = append(out, d)
		}
	}
	return out
}

// xpathDistinct sorts items by place and leaves out what comes twice.
func xpathDistinct(t *types.Thread, items []domNode) []domNode {
	if len(items) < 2 {
		return items
	}
	seen := make(map[domNode]bool, len(items))
	out := items[:0:0]
	for _, d := range items {
		t.Step(1)
		if !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b domNode) int {
		t.Step(4)
		return domOrder(a, b)
	})
	return out
}

// domOrder compares places; an attribute comes after its element and before the element's nodes.
func domOrder(a, b domNode) int {
	x, y := a.n, b.n
	if a.a != nil {
		x = a.a.parent
	}
	if b.a != nil {
		y = b.a.parent
	}
	if x != y {
		return xmlOrder(x, y)
	}
	at := func(d domNode) int {
		if d.a == nil {
			return -1
		}
		return d.a.index()
	}
	return at(a) - at(b)
}

func xpathNodes(v any) []domNode {
	nodes, ok := v.([]domNode)
	if !ok {
		types.Throw(xpathErrorType(), "Expression must evaluate to a node-set.")
	}
	return nodes
}

func xpathBool(v any) bool {
	switch x := v.(type) {
	case bool:
		return x
	case float64:
		return x != 0 && x == x
	case string:
		return x != ""
	}
	return len(v.([]domNode)) > 0
}

func xpathString(t *types.Thread, v any) string {
	switch x := v.(type) {
	case bool:
		return strconv.FormatBool(x)
	case float64:
		switch {
		case math.IsInf(x, 0):
			return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), "Inf", "Infinity", 1)
		case x == 0:
			return "0"
		}
		return strings.TrimPrefix(strconv.FormatFloat(x, 'f', -1, 64), "+")
	case string:
		return x
	}
	if nodes := v.([]domNode); len(nodes) > 0 {
		return nodes[0].text(t)
	}
	return ""
}

func xpathNumber(t *types.Thread, v any) float64 {
	switch x := v.(type) {
	case float64:
		return x
	case bool:
		if x {
			return 1
		}
		return 0
	}
	n, err := strconv.ParseFloat(strings.Trim(xpathString(t, v), " \t\r\n"), 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

// xpathCompare compares by XPath's rules: a node-set holds if one of its nodes does.
func xpathCompare(t *types.Thread, op string, a, b any) bool {
	if nodes, ok := a.([]domNode); ok {
		if yes, isBool := b.(bool); isBool {
			return xpathCompare(t, op, len(nodes) > 0, yes)
		}
		for _, d := range nodes {
			t.Step(1)
			if xpathCompare(t, op, d.text(t), b) {
				return true
			}
		}
		return false
	}
	if nodes, ok := b.([]domNode); ok {
		if _, isBool := a.(bool); isBool {
			return xpathCompare(t, op, a, len(nodes) > 0)
		}
		for _, d := range nodes {
			t.Step(1)
			if xpathCompare(t, op, a, d.text(t)) {
				return true
			}
		}
		return false
	}
	if op == "=" || op == "!=" {
		return xpathSame(t, a, b) == (op == "=")
	}
	x, y := xpathNumber(t, a), xpathNumber(t, b)
	switch op {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

func xpathSame(t *types.Thread, a, b any) bool {
	_, boolA := a.(bool)
	_, boolB := b.(bool)
	_, numA := a.(float64)
	_, numB := b.(float64)
	switch {
	case boolA || boolB:
		return xpathBool(a) == xpathBool(b)
	case numA || numB:
		return xpathNumber(t, a) == xpathNumber(t, b)
	}
	return xpathString(t, a) == xpathString(t, b)
}

// xpathFunctions are the functions, with how many arguments they take.
var xpathFunctions = map[string]struct {
	least, most int
	call        func(c xpathContext, args []xpathExpr) any
}{
	"position": {0, 0, func(c xpathContext, _ []xpathExpr) any { return float64(c.pos) }},
	"last":     {0, 0, func(c xpathContext, _ []xpathExpr) any { return float64(c.size) }},
	"count":    {1, 1, func(c xpathContext, a []xpathExpr) any { return float64(len(xpathNodes(a[0](c)))) }},
	"not":      {1, 1, func(c xpathContext, a []xpathExpr) any { return !xpathBool(a[0](c)) }},
	"true":     {0, 0, func(xpathContext, []xpathExpr) any { return true }},
	"false":    {0, 0, func(xpathContext, []xpathExpr) any { return false }},
	"boolean":  {1, 1, func(c xpathContext, a []xpathExpr) any { return xpathBool(a[0](c)) }},
	"string":   {0, 1, func(c xpathContext, a []xpathExpr) any { return xpathArg(c, a) }},
	"number":   {0, 1, func(c xpathContext, a []xpathExpr) any { return xpathNumber(c.t, xpathArg(c, a)) }},
	"sum": {1, 1, func(c xpathContext, a []xpathExpr) any {
		n := 0.0
		for _, d := range xpathNodes(a[0](c)) {
			n += xpathNumber(c.t, d.text(c.t))
		}
		return n
	}},
	"floor":         {1, 1, func(c xpathContext, a []xpathExpr) any { return math.Floor(xpathNumber(c.t, a[0](c))) }},
	"ceiling":       {1, 1, func(c xpathContext, a []xpathExpr) any { return math.Ceil(xpathNumber(c.t, a[0](c))) }},
	"round":         {1, 1, func(c xpathContext, a []xpathExpr) any { return math.Floor(xpathNumber(c.t, a[0](c)) + 0.5) }},
	"local-name":    {0, 1, func(c xpathContext, a []xpathExpr) any { return xpathNamed(c, a, domNode.localName) }},
	"name":          {0, 1, func(c xpathContext, a []xpathExpr) any { return xpathNamed(c, a, domNode.fullName) }},
	"namespace-uri": {0, 1, func(c xpathContext, a []xpathExpr) any { return xpathNamed(c, a, domNode.uri) }},
	"contains": {2, 2, func(c xpathContext, a []xpathExpr) any {
		return strings.Contains(xpathString(c.t, a[0](c)), xpathString(c.t, a[1](c)))
	}},
	"starts-with": {2, 2, func(c xpathContext, a []xpathExpr) any {
		return strings.HasPrefix(xpathString(c.t, a[0](c)), xpathString(c.t, a[1](c)))
	}},
	"string-length": {0, 1, func(c xpathContext, a []xpathExpr) any {
		return float64(types.NewString(xpathString(c.t, xpathArg(c, a))).Len())
	}},
	"normalize-space": {0, 1, func(c xpathContext, a []xpathExpr) any {
		return strings.Join(strings.Fields(xpathString(c.t, xpathArg(c, a))), " ")
	}},
	"concat": {2, 100, func(c xpathContext, a []xpathExpr) any {
		s := ""
		for _, x := range a {
			s += xpathString(c.t, x(c))
			c.t.Alloc(int64(len(s)))
		}
		return s
	}},
}

// xpathArg is the text of the argument, or of the item where there is none.
func xpathArg(c xpathContext, args []xpathExpr) any {
	if len(args) == 0 {
		return c.item.text(c.t)
	}
	return xpathString(c.t, args[0](c))
}

func xpathNamed(c xpathContext, args []xpathExpr, f func(domNode) string) any {
	d := c.item
	if len(args) > 0 {
		nodes := xpathNodes(args[0](c))
		if len(nodes) == 0 {
			return ""
		}
		d = nodes[0]
	}
	return f(d)
}
