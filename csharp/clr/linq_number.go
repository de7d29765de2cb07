package clr

import (
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// total is a running sum: of integers, of floating-point numbers, or of decimals, and how many there were.
type total struct {
	i int64
	f float64
	d decimal.Decimal
	n int64
}

// summable is a type of number that Sum and Average take.
type summable struct {
	keyword string
	typ     *types.Type
	add     func(s *total, v types.Value)
	sum     func(s *total) types.Value
	// average is of the type of the keyword averages.
	average  func(s *total) types.Value
	averages string
}

func throwSumOverflow() {
	types.Throw(types.OverflowException, "Arithmetic operation resulted in an overflow.")
}

func throwDecimalSum() {
	types.Throw(types.OverflowException, "Value was either too large or too small for a Decimal.")
}

func addLong(s *total, v types.Value) {
	x := v.Int64()
	sum := s.i + x
	if (sum > s.i) != (x > 0) && x != 0 {
		throwSumOverflow()
	}
	s.i = sum
}

var summables = []summable{
	{"int", types.Int32Type, addLong, func(s *total) types.Value {
		if s.i != int64(int32(s.i)) {
			throwSumOverflow()
		}
		return types.Int(s.i)
	}, averageLong, "double"},
	{"long", types.Int64Type, addLong, func(s *total) types.Value { return types.Int(s.i) }, averageLong, "double"},
	{"float", types.SingleType, func(s *total, v types.Value) { s.f += float64(v.Float32()) },
		func(s *total) types.Value { return types.Float32(float32(s.f)) },
		func(s *total) types.Value { return types.Float32(float32(s.f / float64(s.n))) }, "float"},
	{"double", types.DoubleType, func(s *total, v types.Value) { s.f += v.Float64() },
		func(s *total) types.Value { return types.Float64(s.f) },
		func(s *total) types.Value { return types.Float64(s.f / float64(s.n)) }, "double"},
	{"decimal", types.DecimalType, func(s *total, v types.Value) {
		d, ok := decimal.Add(s.d, v.Decimal())
		if !ok {
			throwDecimalSum()
		}
		s.d = d
	}, func(s *total) types.Value { return types.Dec(s.d) }, func(s *total) types.Value {
		d, ok := decimal.Div(s.d, decimal.FromInt64(s.n))
		if !ok {
			throwDecimalSum()
		}
		return types.Dec(d)
	}, "decimal"},
}

func averageLong(s *total) types.Value { return types.Float64(float64(s.i) / float64(s.n)) }

// addChecked keeps a running sum of int within int, as .NET's addition is checked at every step.
func (n *summable) addChecked(s *total, v types.Value) {
	n.add(s, v)
	if n.typ == types.Int32Type && s.i != int64(int32(s.i)) {
		throwSumOverflow()
	}
}

func linqNumberMembers() []types.MemberDecl {
	var out []types.MemberDecl
	for i := range summables {
		n := &summables[i]
		for _, nullable := range []string{"", "?"} {
			of, averages := n.keyword+nullable, n.averages+nullable
			for _, selector := range []bool{false, true} {
				params := "(this IEnumerable<" + of + "> source)"
				if selector {
					params = "<TSource>(this IEnumerable<TSource> source, Func<TSource, " + of + "> selector)"
				}
				out = append(out, from(of+" Sum"+params, n.sumOf(nullable != "", selector)), from(averages+" Average"+params, n.averageOf(nullable != "", selector)))
			}
		}
	}
	return out
}

// numbers runs f over the numbers of a source: elements, or what a selector gives of them; nulls are left out.
func (n *summable) numbers(t *types.Thread, k []*types.Type, a []types.Value, nullable, selector bool, f func(v types.Value)) {
	elem := n.typ
	if nullable {
		elem = types.NullableOf(n.typ)
	}
	var sel *types.Delegate
	if selector {
		elem, sel = k[0], delegateArg(a[1], "selector")
	}
	each(t, a[0], elem, func(v types.Value) bool {
		if sel != nil {
			v = sel.Call1(t, v)
		}
		if nullable {
			if v.Ref == nil {
				return true
			}
			v = v.Unwrap()
		}
		f(v)
		return true
	})
}

func (n *summable) sumOf(nullable, selector bool) linqFn {
	return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		var s total
		n.numbers(t, k, a, nullable, selector, func(v types.Value) { n.addChecked(&s, v) })
		v := n.sum(&s)
		if nullable {
			return types.Some(n.typ, v)
		}
		return v
	}
}

func (n *summable) averageOf(nullable, selector bool) linqFn {
	result := types.DoubleType
	if n.averages == n.keyword {
		result = n.typ
	}
	return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		var s total
		n.numbers(t, k, a, nullable, selector, func(v types.Value) {
			n.add(&s, v)
			s.n++
		})
		switch {
		case s.n == 0 && nullable:
			return types.Null
		case s.n == 0:
			throwNoElements()
		case nullable:
			return types.Some(result, n.average(&s))
		}
		return n.average(&s)
	}
}
