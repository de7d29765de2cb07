package liquid

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// flow tells how a node ended: a break or continue goes out to the next loop.
type flow uint8

const (
	goOn flow = iota
	breakOff
	goNext
)

// node is a piece of a compiled template.
type node interface{ render(r *run) flow }

// run is one rendering.
type run struct {
	t *types.Thread
	// globals are what the template is given, counters what increment and decrement have made beside and in the place of them.
	globals  *Hash
	counters map[string]Value
	// scopes are the variables of the blocks that are open, the outermost first: assign and capture set those.
	scopes []map[string]Value
	out    []byte
	limit  int
	// at is the place that is rendered.
	at int
	// cycles and progress are what cycle and for remember by name; changed is the last text of ifchanged.
	cycles, progress map[string]int
	changed          *string
}

// maxScopes is where DotLiquid says that blocks nest too deep.
const maxScopes = 80

// push opens a scope.
func (r *run) push() {
	if len(r.scopes) > maxScopes {
		throw(excStack, "Nesting too deep")
	}
	r.scopes = append(r.scopes, nil)
}

func (r *run) pop() { r.scopes = r.scopes[:len(r.scopes)-1] }

// set gives a variable its value in the innermost scope, or the outermost.
func (r *run) set(name string, v Value, outermost bool) {
	i := len(r.scopes) - 1
	if outermost {
		i = 0
	}
	if r.scopes[i] == nil {
		r.scopes[i] = map[string]Value{}
	}
	r.scopes[i][name] = v
}

func (r *run) lookup(name string) (Value, bool) {
	for i := len(r.scopes) - 1; i >= 0; i-- {
		if v, ok := r.scopes[i][name]; ok {
			return v, true
		}
	}
	return r.global(name)
}

func (r *run) global(name string) (Value, bool) {
	if v, ok := r.counters[name]; ok {
		return v, true
	}
	if r.globals == nil {
		return nil, false
	}
	return r.globals.Get(name)
}

// alloc counts bytes of memory.
func (r *run) alloc(n int) { r.t.Alloc(int64(n)) }

func (r *run) write(s string) {
	if len(r.out)+len(s) > r.limit {
		throw(excBudget, "The rendered text is larger than %d bytes.", r.limit)
	}
	r.out = append(r.out, s...)
}

// all renders nodes until one leaves.
func (r *run) all(nodes []node) flow {
	for _, n := range nodes {
		r.t.Step(1)
		if f := n.render(r); f != goOn {
			return f
		}
	}
	return goOn
}

// scoped renders nodes in a scope of their own.
func (r *run) scoped(nodes []node) flow {
	r.push()
	f := r.all(nodes)
	r.pop()
	return f
}

// captured renders nodes into a text of its own.
func (r *run) captured(nodes []node) (s string, f flow) {
	keep := r.out
	r.out = nil
	f = r.all(nodes)
	s, r.out = string(r.out), keep
	r.alloc(len(s))
	return s, f
}

// literal is text.
type literal string

func (l literal) render(r *run) flow {
	r.write(string(l))
	return goOn
}

// placed is a node that stands somewhere, for messages.
type placed struct {
	at int
	node
}

func (p *placed) render(r *run) flow {
	r.at = p.at
	return p.node.render(r)
}

// variable is a value with filters.
type variable struct {
	of      operand
	filters []filterCall
}

func (v *variable) eval(r *run) Value {
	if v.of == nil {
		return nil
	}
	out := v.of.eval(r)
	for i := range v.filters {
		r.t.Step(1)
		out = v.filters[i].apply(r, out)
	}
	return out
}

// output is {{ }}.
type output struct{ *variable }

func (o *output) render(r *run) flow {
	switch v := o.eval(r).(type) {
	case nil, *drop:
	case *types.String:
		r.write(v.Go())
	case bool:
		r.write(strings.ToLower(text(v)))
	case *List, *Hash:
		items, _ := r.elements(v)
		for _, item := range items {
			r.t.Step(1)
			r.write(printed(item))
		}
	default:
		r.write(printed(v))
	}
	return goOn
}
