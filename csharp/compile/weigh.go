package compile

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// This file makes calls of the class library count for as much as they may do: one that is given long strings or byte arrays
// takes time with their length, which one step does not tell, and may make as long ones of them.

// unitsPerStep is how many code units or bytes of its operands a member may go over in a step.
const unitsPerStep = 128

// light are the members that take no longer for a long operand, or count what they do themselves.
var light = map[string]bool{
	"Length": true, "Item": true, "Chars": true, "this[]": true, "ToString": true, "Clone": true, "GetEnumerator": true, "GetTypeCode": true, "GetType": true,
	"Copy": true, "Intern": true, "IsInterned": true, "IsNullOrEmpty": true, "ReferenceEquals": true,
	"Substring": true, "Trim": true, "TrimStart": true, "TrimEnd": true, "Split": true, "Remove": true, "Insert": true, "Concat": true, "Join": true,
	"IndexOf": true, "LastIndexOf": true, "ToUpper": true, "ToLower": true, "ToUpperInvariant": true, "ToLowerInvariant": true,
	"Append": true, "AppendLine": true, "Add": true, "Push": true, "Enqueue": true, "ElementAt": true,
}

// weigher tells which operands of a call have a weight.
type weigher struct {
	this bool
	args []int
}

// weigherOf is the weigher of a member for a call with the arguments; nil if nothing in it can be heavy. Without arguments it is
// for any call.
func weigherOf(m *types.Member, args []bind.Expr) *weigher {
	if m.Kind == types.Indexer || light[m.Name] && !(m.Static && m.Name == "ToString") {
		return nil
	}
	w := &weigher{this: !m.Static && isHeavy(m.Declaring)}
	for i, p := range m.Params {
		if !isHeavy(p.Type) && p.Type != types.Object_ || p.Ref != types.ByValue {
			continue
		}
		if i < len(args) {
			if k, ok := constOf(args[i]); ok && units(k) < unitsPerStep {
				continue
			}
		}
		w.args = append(w.args, i)
	}
	if !w.this && len(w.args) == 0 {
		return nil
	}
	return w
}

func isHeavy(t *types.Type) bool { return t == types.StringType || t == types.ByteArray }

// units is how long a string or a byte array is; 0 for other objects.
func units(v types.Value) int {
	switch x := v.Ref.(type) {
	case *types.String:
		return x.Len()
	case *types.Bytes:
		return len(x.B)
	}
	return 0
}

// pay counts steps for n units.
func pay(t *types.Thread, n int) {
	if n >= unitsPerStep {
		t.Step(int64(n / unitsPerStep))
	}
}

// call is fn with its operands weighed; fn itself if w is nil.
func (w *weigher) call(fn memberFn) memberFn {
	if w == nil {
		return fn
	}
	return func(t *types.Thread, this types.Value, args []types.Value) types.Value {
		n := 0
		if w.this {
			n = units(this)
		}
		for _, i := range w.args {
			n += units(args[i])
		}
		pay(t, n)
		return made(t, n, fn(t, this, args))
	}
}

// made counts the bytes of what a member has made of heavy operands.
func made(t *types.Thread, n int, v types.Value) types.Value {
	if n >= unitsPerStep {
		t.Alloc(int64(units(v)))
	}
	return v
}

func (w *weigher) f0(fn func(*types.Thread, types.Value) types.Value) func(*types.Thread, types.Value) types.Value {
	if w == nil {
		return fn
	}
	return func(t *types.Thread, this types.Value) types.Value {
		n := units(this)
		pay(t, n)
		return made(t, n, fn(t, this))
	}
}

func (w *weigher) f1(fn func(t *types.Thread, this, a types.Value) types.Value) func(t *types.Thread, this, a types.Value) types.Value {
	if w == nil {
		return fn
	}
	this, arg := w.this, slices.Contains(w.args, 0)
	return func(t *types.Thread, v, a types.Value) types.Value {
		n := 0
		if this {
			n = units(v)
		}
		if arg {
			n += units(a)
		}
		pay(t, n)
		return made(t, n, fn(t, v, a))
	}
}
