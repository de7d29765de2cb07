package liquid

import (
	"math"
	"math/bits"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// styleAny is NumberStyles.Any, styleCurrency NumberStyles.Currency.
const (
	styleCurrency = format.NumberStyle | format.Parentheses | format.CurrencySymbol
	styleAny      = styleCurrency | format.Exponent
)

func numberFilters() map[string]*filter {
	operand := required("operand", anObject)
	math := func(o operation) *filter {
		return with(anObject, func(_ *run, a []Value) Value { return o.apply(a[0], a[1]) }, operand)
	}
	return map[string]*filter{
		"Plus":      with(anObject, plus, operand),
		"Times":     with(anObject, times, operand),
		"Minus":     math(subtract),
		"DividedBy": math(divide),
		"Modulo":    math(modulo),
		"Round":     with(anObject, round, optional("places", anObject, nil)),
		"Ceil":      with(anObject, func(_ *run, a []Value) Value { return whole(a[0], decimal.Decimal.Ceiling) }),
		"Floor":     with(anObject, func(_ *run, a []Value) Value { return whole(a[0], decimal.Decimal.Floor) }),
		"Abs":       with(anObject, abs),
		"AtLeast":   with(anObject, bound(func(n, limit float64) bool { return limit > n }), required("atLeast", anObject)),
		"AtMost":    with(anObject, bound(func(n, limit float64) bool { return limit < n }), required("atMost", anObject)),
		"Currency":  with(anObject, currency, optional("languageTag", aString, nil)),
	}
}

// operation is one of arithmetic's.
type operation uint8

const (
	add operation = iota
	subtract
	multiply
	divide
	modulo
)

var operationNames = [...]string{"AddChecked", "SubtractChecked", "MultiplyChecked", "Divide", "Modulo"}

func plus(r *run, a []Value) Value {
	if s := asString(a[0]); s != nil {
		return r.joined(s, a[1])
	}
	return add.apply(a[0], a[1])
}

// times repeats a text that is multiplied with a whole number.
func times(r *run, a []Value) Value {
	s := asString(a[0])
	if k := kindOf(a[1]); s == nil || k != kInt32 && k != kInt64 {
		return multiply.apply(a[0], a[1])
	}
	n := int64(toInt32(a[1]))
	if n < 0 {
		throw(excRange, "Specified argument was out of the range of valid values. (Parameter 'count')")
	}
	r.t.Step(n)
	r.alloc(int(n) * 16)
	out := &List{make([]Value, n), typeRepeat}
	for i := range out.Items {
		out.Items[i] = s
	}
	return out
}

func isReal(v Value) bool { k := kindOf(v); return k == kDouble || k == kDecimal }

// apply is arithmetic in the type that both sides promote to: with a fraction on either side in decimal, and where that is too small
// in double.
func (o operation) apply(a, b Value) Value {
	if a == nil || b == nil {
		return nil
	}
	if isReal(a) || isReal(b) {
		v, x, y, ok := o.inDecimal(a, b)
		if ok {
			return v
		}
		return o.float(toDouble(x), toDouble(y))
	}
	ka, kb := kindOf(a), kindOf(b)
	switch {
	case ka == kb && ka == kInt32, ka != kb && (ka == kChar && kb == kInt32 || ka == kInt32 && kb == kChar):
		return o.ints(toInt64(a), toInt64(b), 32)
	case ka == kb && ka == kInt64, ka != kb && ka.numeric() && kb.numeric():
		return o.ints(toInt64(a), toInt64(b), 64)
	case ka == kb && ka == kDateTime && o == subtract:
		return types.TimeSpan(int64(a.(types.DateTime)&dateMask) - int64(b.(types.DateTime)&dateMask))
	case ka == kb && ka == kSpan && o <= subtract:
		if o == add {
			return a.(types.TimeSpan) + b.(types.TimeSpan)
		}
		return a.(types.TimeSpan) - b.(types.TimeSpan)
	case ka == kb:
		throw(excOperation, "The binary operator %[1]s is not defined for the types '%[2]s' and '%[2]s'.", operationNames[o], typeName(a))
	case !ka.numeric():
		throw(excOperation, "Argument is not numeric (Parameter 'left')")
	}
	throw(excOperation, "Argument is not numeric (Parameter 'right')")
	return nil
}

// inDecimal is the operation in decimal; where that overflows, x and y are the operands as far as they were converted.
func (o operation) inDecimal(a, b Value) (v, x, y Value, ok bool) {
	x, y = a, b
	defer func() {
		if p := recover(); p != nil {
			if t, is := p.(*thrown); !is || t.typ != excOverflow {
				panic(p)
			}
			ok = false
		}
	}()
	m := toDecimal(a)
	x = m
	n := toDecimal(b)
	y = n
	if n.IsZero() && o >= divide {
		return nil, x, y, false
	}
	var d decimal.Decimal
	switch o {
	case add:
		d, ok = decimal.Add(m, n)
	case subtract:
		d, ok = decimal.Sub(m, n)
	case multiply:
		d, ok = decimal.Mul(m, n)
	case divide:
		d, ok = decimal.Div(m, n)
	default:
		d, ok = decimal.Rem(m, n), true
	}
	return d, x, y, ok
}

func (o operation) float(a, b float64) Value {
	switch o {
	case add:
		return a + b
	case subtract:
		return a - b
	case multiply:
		return a * b
	case divide:
		return a / b
	}
	return math.Mod(a, b)
}

// ints is checked arithmetic of integers of so many bits.
func (o operation) ints(a, b int64, size int) Value {
	n, ok := o.int64(a, b)
	if !ok || size == 32 && n != int64(int32(n)) {
		throw(excOverflow, "Arithmetic operation resulted in an overflow.")
	}
	if size == 32 {
		return int32(n)
	}
	return n
}

func (o operation) int64(a, b int64) (n int64, ok bool) {
	switch o {
	case add:
		n = a + b
		return n, (n > a) == (b > 0)
	case subtract:
		n = a - b
		return n, (n < a) == (b > 0)
	case multiply:
		high, low := bits.Mul64(magnitude(a), magnitude(b))
		n = a * b
		negative := (a < 0) != (b < 0)
		return n, high == 0 && (low <= math.MaxInt64 || negative && low == 1<<63)
	}
	if b == 0 {
		throw(excDivide, "Attempted to divide by zero.")
	}
	if a == math.MinInt64 && b == -1 {
		return 0, false
	}
	if o == divide {
		return a / b, true
	}
	return a % b, true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// round rounds half to even; what is no number is null.
func round(_ *run, a []Value) (out Value) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(*thrown); !ok {
				panic(p)
			}
			out = nil
		}
	}()
	places := toInt32(a[1])
	d := toDecimal(a[0])
	if places < 0 || places > 28 {
		return nil
	}
	return d.Round(int(places), decimal.ToEven)
}

// whole makes an integer of what reads as a number; other things are null.
func whole(v Value, of func(decimal.Decimal) decimal.Decimal) Value {
	d, status := format.ParseDec(text(v), styleAny)
	if status != format.OK {
		return nil
	}
	return of(d)
}

func abs(_ *run, a []Value) Value {
	f, status := format.ParseFloat(text(a[0]), format.NumberStyle, 64)
	if status != format.OK {
		return 0.0
	}
	return math.Abs(f)
}

// bound takes the limit instead of a number that is beyond it.
func bound(beyond func(n, limit float64) bool) func(r *run, a []Value) Value {
	return func(_ *run, a []Value) Value {
		n, status := format.ParseFloat(text(a[0]), format.NumberStyle, 64)
		limit, limitStatus := format.ParseFloat(text(a[1]), format.NumberStyle, 64)
		switch {
		case status != format.OK || limitStatus != format.OK:
			return a[0]
		case beyond(n, limit):
			return limit
		}
		return n
	}
}

func currency(_ *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	if tag := asString(a[1]); tag != nil && tag.Go() != "en-US" {
		throw(excUnsupported, "The culture '%s' is not supported: amounts are written in US English.", tag.Go())
	}
	var d decimal.Decimal
	if isReal(a[0]) {
		d = toDecimal(a[0])
	} else {
		var status format.Status
		if d, status = format.ParseDec(text(a[0]), styleCurrency); status != format.OK {
			return str(text(a[0]))
		}
	}
	s, _ := format.Dec(d, "C")
	return str(s)
}
