package liquid

import (
	"cmp"
	"math/big"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// operator is one of those of conditions.
type operator struct {
	holds func(r *run, left, right Value) bool
}

// operators by their spellings: as they are, in lower case, and with an upper case first letter.
var operators = func() map[string]*operator {
	out := map[string]*operator{}
	for name, holds := range map[string]func(r *run, a, b Value) bool{
		"==": equalSides,
		"!=": func(r *run, a, b Value) bool { return !equalSides(r, a, b) },
		"<>": func(r *run, a, b Value) bool { return !equalSides(r, a, b) },
		"<":  ordering(func(n int) bool { return n == -1 }), ">": ordering(func(n int) bool { return n == 1 }),
		"<=": ordering(func(n int) bool { return n <= 0 }), ">=": ordering(func(n int) bool { return n >= 0 }),
		"contains": contains, "startsWith": startsWith, "endsWith": endsWith, "hasKey": hasKey, "hasValue": hasValue,
	} {
		o := &operator{holds}
		out[name], out[strings.ToLower(name)], out[strings.ToUpper(name[:1])+name[1:]] = o, o, o
	}
	return out
}()

func equalSides(r *run, a, b Value) bool {
	if s, ok := a.(*symbol); ok {
		return s.test(b)
	}
	if s, ok := b.(*symbol); ok {
		return s.test(a)
	}
	return looseEqual(r, a, b)
}

// ordering compares the right side, converted to the type of the left.
func ordering(is func(int) bool) func(r *run, a, b Value) bool {
	return func(r *run, a, b Value) bool {
		if a == nil || b == nil {
			return false
		}
		return is(order(a, changeType(b, kindOf(a))))
	}
}

// order is Comparer.Default.Compare of values of one type.
func order(a, b Value) int {
	switch a := a.(type) {
	case bool:
		x, y := toInt64(a), toInt64(b)
		return cmp.Compare(x, y)
	case types.Char:
		return int(a) - int(b.(types.Char))
	case int32:
		return cmp.Compare(a, b.(int32))
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case decimal.Decimal:
		return decimal.Compare(a, b.(decimal.Decimal))
	case types.DateTime:
		return cmp.Compare(a&dateMask, b.(types.DateTime)&dateMask)
	case types.TimeSpan:
		return cmp.Compare(a, b.(types.TimeSpan))
	case *big.Int:
		return a.Cmp(b.(*big.Int))
	case *types.String:
		return sign(clr.CompareCulture(a, b.(*types.String)))
	}
	if a == b {
		return 0
	}
	throw(excArgument, "At least one object must implement IComparable.")
	return 0
}

func sign(n int) int { return cmp.Compare(n, 0) }

// same is Object.Equals: values of one type with one content, collections by identity.
func same(a, b Value) bool {
	if kindOf(a) != kindOf(b) {
		return false
	}
	switch x := a.(type) {
	case *types.String:
		return x.Go() == b.(*types.String).Go()
	case decimal.Decimal:
		return decimal.Compare(x, b.(decimal.Decimal)) == 0
	case float64:
		y := b.(float64)
		return x == y || x != x && y != y
	case types.DateTime:
		return x&dateMask == b.(types.DateTime)&dateMask
	case *big.Int:
		return x.Cmp(b.(*big.Int)) == 0
	case *pair:
		y := b.(*pair)
		return x.key == y.key && same(x.value, y.value)
	}
	return a == b
}

// looseEqual is DotLiquid's equality: sequences by their elements, values of different types where one converts to the other.
func looseEqual(r *run, a, b Value) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	ka, kb := kindOf(a), kindOf(b)
	if ka != kString && kb != kString && isSequence(a) && isSequence(b) {
		return equalElements(r, a, b)
	}
	if ka == kb {
		return same(a, b)
	}
	if v, ok := converted(b, ka); ok {
		return same(v, a)
	}
	v, ok := converted(a, kb)
	return ok && same(v, b)
}

func equalElements(r *run, a, b Value) bool {
	r.t.Enter()
	defer r.t.Leave()
	x, _ := r.elements(a)
	y, _ := r.elements(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		r.t.Step(1)
		if !looseEqual(r, x[i], y[i]) {
			return false
		}
	}
	return true
}

// converted is changeType that tells failure.
func converted(v Value, to kind) (out Value, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			if t, is := p.(*thrown); !is || t.typ != excCast && t.typ != excFormat && t.typ != excOverflow {
				panic(p)
			}
			out, ok = nil, false
		}
	}()
	return changeType(v, to), true
}

// strictEqual is equality for contains: numbers with numbers, text with text.
func strictEqual(r *run, a, b Value) bool {
	if a != nil && b != nil {
		ka, kb := kindOf(a), kindOf(b)
		number := func(k kind) bool { return k >= kInt32 && k <= kDecimal }
		text := func(k kind) bool { return k == kString || k == kChar }
		if ka != kb && !(number(ka) && number(kb)) && !(text(ka) && text(kb)) {
			return false
		}
		if ka == kList && kb == kList && typeName(a) != typeName(b) {
			return false
		}
	}
	return looseEqual(r, a, b)
}

func contains(r *run, a, b Value) bool {
	if s, ok := a.(*types.String); ok && b != nil {
		find, ok := b.(*types.String)
		if !ok {
			throw(excCast, "Unable to cast object of type '%s' to type 'System.String'.", typeName(b))
		}
		r.t.Step(int64(s.Len()) / 64)
		return strings.Contains(s.Go(), find.Go())
	}
	items, _ := r.elements(a)
	for _, item := range items {
		r.t.Step(1)
		if strictEqual(r, item, b) {
			return true
		}
	}
	return false
}

// affix compares the first or last element that is not null, or the beginning or end of a text.
func affix(r *run, a, b Value, last bool, test func(s, v *types.String) bool) bool {
	if l, ok := a.(*List); ok && l.indexed() {
		var found Value
		for _, item := range l.Items {
			if item != nil && (found == nil || last) {
				found = item
			}
		}
		return equalSides(r, found, b)
	}
	s, ok := a.(*types.String)
	v, isText := b.(*types.String)
	return ok && isText && test(s, v)
}

func startsWith(r *run, a, b Value) bool { return affix(r, a, b, false, clr.StartsWith) }

func endsWith(r *run, a, b Value) bool { return affix(r, a, b, true, clr.EndsWith) }

func hasKey(_ *run, a, b Value) bool {
	h, ok := a.(*Hash)
	if !ok || b == nil {
		return false
	}
	_, ok = h.Get(text(b))
	return ok
}

func hasValue(r *run, a, b Value) bool {
	h, ok := a.(*Hash)
	if !ok {
		return false
	}
	r.t.Step(int64(len(h.keys)))
	for _, v := range h.values {
		if same(v, b) {
			return true
		}
	}
	return false
}
