package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// binary compiles the binary operators that are neither conditions nor plain arithmetic on words: decimals, delegates,
// and lifted arithmetic.
func (c *funCompiler) binary(e *bind.Binary) valFn {
	if e.Of == bind.Delegate {
		return c.delegates(e)
	}
	x, y, at := c.value(e.X), c.value(e.Y), pack(e.Span())
	if e.Of == bind.Bool {
		return threeValued(e.Op, x, y)
	}
	op := valueOp(e)
	if !e.Lifted {
		return func(f *frame) types.Value {
			a, b := x(f), y(f)
			f.m.at = at
			return op(a, b)
		}
	}
	return func(f *frame) types.Value {
		a, b := x(f), y(f)
		if a.Ref == nil || b.Ref == nil {
			return types.Null
		}
		f.m.at = at
		return op(a, b)
	}
}

// valueOp is an arithmetic operator on Values; the result of a lifted one is present.
func valueOp(e *bind.Binary) func(a, b types.Value) types.Value {
	if e.Of == bind.Decimal {
		op := decimalOp(e.Op)
		return func(a, b types.Value) types.Value { return types.Dec(op(a.Decimal(), b.Decimal())) }
	}
	op := numOp(e.Of, e.Op, e.Checked)
	t := e.T
	if u, ok := t.IsNullable(); ok {
		t = u
	}
	if cut := cutTo(t); cut != nil {
		return func(a, b types.Value) types.Value {
			return types.Value{Num: cut(op(a.Num, b.Num)), Ref: types.Present}
		}
	}
	return func(a, b types.Value) types.Value { return types.Value{Num: op(a.Num, b.Num), Ref: types.Present} }
}

func decimalOp(op bind.Op) func(a, b decimal.Decimal) decimal.Decimal {
	switch op {
	case bind.Add:
		return checkedDecimal(decimal.Add)
	case bind.Sub:
		return checkedDecimal(decimal.Sub)
	case bind.Mul:
		return checkedDecimal(decimal.Mul)
	case bind.Div:
		div := checkedDecimal(decimal.Div)
		return func(a, b decimal.Decimal) decimal.Decimal {
			if b.IsZero() {
				throwDivideByZero()
			}
			return div(a, b)
		}
	}
	return func(a, b decimal.Decimal) decimal.Decimal {
		if b.IsZero() {
			throwDivideByZero()
		}
		return decimal.Rem(a, b)
	}
}

func checkedDecimal(op func(a, b decimal.Decimal) (decimal.Decimal, bool)) func(a, b decimal.Decimal) decimal.Decimal {
	return func(a, b decimal.Decimal) decimal.Decimal {
		d, ok := op(a, b)
		if !ok {
			throwDecimalOverflow()
		}
		return d
	}
}

// threeValued is &, | and ^ of bool?: & and | are known where one operand decides (C# specification, 12.13.5).
func threeValued(op bind.Op, x, y valFn) valFn {
	// decides is the value of an operand that settles the result; ^ has none.
	decides := uint64(2)
	switch op {
	case bind.And:
		decides = 0
	case bind.Or:
		decides = 1
	}
	return func(f *frame) types.Value {
		a, b := x(f), y(f)
		switch {
		case a.Ref != nil && a.Num == decides:
			return a
		case b.Ref != nil && b.Num == decides:
			return b
		case a.Ref == nil || b.Ref == nil:
			return types.Null
		case op == bind.Xor:
			return types.Value{Num: a.Num ^ b.Num, Ref: types.Present}
		}
		return a
	}
}

// liftedOp compiles a user-defined operator on nullable operands.
func (c *funCompiler) liftedOp(e *bind.LiftedOp) valFn {
	x, y, at := c.value(e.X), valFn(nil), pack(e.Span())
	if e.Y != nil {
		y = c.value(e.Y)
	}
	call := memberCall(e.Method)
	result, nullable := e.T.IsNullable()
	xt := unlifted(e.X.Type())
	yt, operands := xt, 1
	if e.Y != nil {
		yt, operands = unlifted(e.Y.Type()), 2
	}
	return func(f *frame) types.Value {
		a, b := x(f), types.Value{}
		missing := a.Ref == nil
		if y != nil {
			b = y(f)
			missing = missing || b.Ref == nil
		}
		if missing {
			return liftedNull(e.Op, nullable, a.Ref == nil && (y == nil || b.Ref == nil))
		}
		args := reserve(f.t, operands)
		args[0] = unwrap(xt, a)
		if y != nil {
			args[1] = unwrap(yt, b)
		}
		f.m.at = at
		v := call(f.t, types.Value{}, args)
		release(f.t, args)
		if nullable {
			return types.Some(result, v)
		}
		return v
	}
}

func liftedNull(op bind.Op, nullable, both bool) types.Value {
	switch {
	case nullable:
		return types.Null
	case op == bind.Eq:
		return types.Bool(both)
	case op == bind.Ne:
		return types.Bool(!both)
	}
	return types.Bool(false)
}

func unlifted(t *types.Type) *types.Type {
	if u, ok := t.IsNullable(); ok {
		return u
	}
	return t
}

// unwrap makes a Value of t of a present Nullable<t>.
func unwrap(t *types.Type, v types.Value) types.Value {
	if t.UnderlyingNum() {
		v.Ref = nil
	}
	return v
}

// delegates compiles + and - of delegates.
func (c *funCompiler) delegates(e *bind.Binary) valFn {
	x, y := c.value(e.X), c.value(e.Y)
	op := combine
	if e.Op == bind.Sub {
		op = remove
	}
	return func(f *frame) types.Value {
		a, b := x(f), y(f)
		return op(a, b)
	}
}
