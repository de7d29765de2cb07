package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// compare compiles the operators whose result is bool: comparisons, and &, | and ^ of bools.
func (c *funCompiler) compare(e *bind.Binary) condFn {
	switch {
	case e.Lifted:
		return c.liftedCompare(e)
	case e.Of == bind.String:
		return negate(c.stringEqual(e.X, e.Y), e.Op)
	case e.Of == bind.Reference:
		return negate(c.sameReference(e.X, e.Y), e.Op)
	case e.Of == bind.Delegate:
		return negate(c.sameDelegate(e.X, e.Y), e.Op)
	case e.Of == bind.Decimal:
		x, y, test := c.value(e.X), c.value(e.Y), sign(e.Op)
		return func(f *frame) bool {
			a, b := x(f), y(f)
			return test(decimal.Compare(a.Decimal(), b.Decimal()))
		}
	}
	if e.Of == bind.Int32 || e.Of == bind.Int64 {
		return c.signedCompare(e)
	}
	x, y, test := c.num(e.X), c.num(e.Y), numTest(e.Of, e.Op)
	if test == nil {
		panic(internal(e))
	}
	return func(f *frame) bool { return test(x(f), y(f)) }
}

func negate(x condFn, op bind.Op) condFn {
	if op != bind.Ne {
		return x
	}
	return func(f *frame) bool { return !x(f) }
}

// sign is the test that an operator makes of the sign of a comparison.
func sign(op bind.Op) func(int) bool {
	switch op {
	case bind.Eq:
		return func(c int) bool { return c == 0 }
	case bind.Ne:
		return func(c int) bool { return c != 0 }
	case bind.Lt:
		return func(c int) bool { return c < 0 }
	case bind.Gt:
		return func(c int) bool { return c > 0 }
	case bind.Le:
		return func(c int) bool { return c <= 0 }
	}
	return func(c int) bool { return c >= 0 }
}

// numTest is a comparison of words. Equality is that of the words but for floats; signed words compare as int64.
func numTest(of bind.Operands, op bind.Op) func(a, b uint64) bool {
	switch of {
	case bind.Int32, bind.Int64:
		return signedTests[op]
	case bind.Float32:
		return float32Tests[op]
	case bind.Float64:
		return float64Tests[op]
	}
	return wordTests[op]
}

var signedTests = map[bind.Op]func(a, b uint64) bool{
	bind.Eq: func(a, b uint64) bool { return a == b },
	bind.Ne: func(a, b uint64) bool { return a != b },
	bind.Lt: func(a, b uint64) bool { return int64(a) < int64(b) },
	bind.Gt: func(a, b uint64) bool { return int64(a) > int64(b) },
	bind.Le: func(a, b uint64) bool { return int64(a) <= int64(b) },
	bind.Ge: func(a, b uint64) bool { return int64(a) >= int64(b) },
}

var wordTests = map[bind.Op]func(a, b uint64) bool{
	bind.Eq:  signedTests[bind.Eq],
	bind.Ne:  signedTests[bind.Ne],
	bind.Lt:  func(a, b uint64) bool { return a < b },
	bind.Gt:  func(a, b uint64) bool { return a > b },
	bind.Le:  func(a, b uint64) bool { return a <= b },
	bind.Ge:  func(a, b uint64) bool { return a >= b },
	bind.And: func(a, b uint64) bool { return a&b != 0 },
	bind.Or:  func(a, b uint64) bool { return a|b != 0 },
	bind.Xor: func(a, b uint64) bool { return a != b },
}

var float32Tests = map[bind.Op]func(a, b uint64) bool{
	bind.Eq: func(a, b uint64) bool { return f32(a) == f32(b) },
	bind.Ne: func(a, b uint64) bool { return f32(a) != f32(b) },
	bind.Lt: func(a, b uint64) bool { return f32(a) < f32(b) },
	bind.Gt: func(a, b uint64) bool { return f32(a) > f32(b) },
	bind.Le: func(a, b uint64) bool { return f32(a) <= f32(b) },
	bind.Ge: func(a, b uint64) bool { return f32(a) >= f32(b) },
}

var float64Tests = map[bind.Op]func(a, b uint64) bool{
	bind.Eq: func(a, b uint64) bool { return f64(a) == f64(b) },
	bind.Ne: func(a, b uint64) bool { return f64(a) != f64(b) },
	bind.Lt: func(a, b uint64) bool { return f64(a) < f64(b) },
	bind.Gt: func(a, b uint64) bool { return f64(a) > f64(b) },
	bind.Le: func(a, b uint64) bool { return f64(a) <= f64(b) },
	bind.Ge: func(a, b uint64) bool { return f64(a) >= f64(b) },
}

// signedCompare are the commonest comparisons: of ints and longs.
func (c *funCompiler) signedCompare(e *bind.Binary) condFn {
	i, inRegister := c.register(e.X)
	if k, ok := constOf(e.Y); ok {
		if inRegister {
			return registerCompareConst(e.Op, i, int64(k.Num))
		}
		if test := c.divisible(e, int64(k.Num)); test != nil {
			return test
		}
		return signedCompareConst(e.Op, c.num(e.X), int64(k.Num))
	}
	if j, ok := c.register(e.Y); ok && inRegister {
		return registerCompare(e.Op, i, j)
	}
	x, y := c.num(e.X), c.num(e.Y)
	switch e.Op {
	case bind.Eq:
		return func(f *frame) bool { return x(f) == y(f) }
	case bind.Ne:
		return func(f *frame) bool { return x(f) != y(f) }
	case bind.Lt:
		return func(f *frame) bool { return int64(x(f)) < int64(y(f)) }
	case bind.Le:
		return func(f *frame) bool { return int64(x(f)) <= int64(y(f)) }
	case bind.Gt:
		return func(f *frame) bool { return int64(x(f)) > int64(y(f)) }
	}
	return func(f *frame) bool { return int64(x(f)) >= int64(y(f)) }
}

// registerCompareConst compares a variable with a constant.
func registerCompareConst(op bind.Op, i int, k int64) condFn {
	switch op {
	case bind.Eq:
		return func(f *frame) bool { return int64(*f.reg(i)) == k }
	case bind.Ne:
		return func(f *frame) bool { return int64(*f.reg(i)) != k }
	case bind.Lt:
		return func(f *frame) bool { return int64(*f.reg(i)) < k }
	case bind.Le:
		return func(f *frame) bool { return int64(*f.reg(i)) <= k }
	case bind.Gt:
		return func(f *frame) bool { return int64(*f.reg(i)) > k }
	}
	return func(f *frame) bool { return int64(*f.reg(i)) >= k }
}

// registerCompare compares two variables.
func registerCompare(op bind.Op, i, j int) condFn {
	switch op {
	case bind.Eq:
		return func(f *frame) bool { return *f.reg(i) == *f.reg(j) }
	case bind.Ne:
		return func(f *frame) bool { return *f.reg(i) != *f.reg(j) }
	case bind.Lt:
		return func(f *frame) bool { return int64(*f.reg(i)) < int64(*f.reg(j)) }
	case bind.Le:
		return func(f *frame) bool { return int64(*f.reg(i)) <= int64(*f.reg(j)) }
	case bind.Gt:
		return func(f *frame) bool { return int64(*f.reg(i)) > int64(*f.reg(j)) }
	}
	return func(f *frame) bool { return int64(*f.reg(i)) >= int64(*f.reg(j)) }
}

// divisible is the test whether a variable's remainder by a power of two is, or is not, zero; nil for others.
func (c *funCompiler) divisible(e *bind.Binary, k int64) condFn {
	rem, ok := e.X.(*bind.Binary)
	if !ok || k != 0 || rem.Op != bind.Rem || rem.Of != e.Of || e.Op != bind.Eq && e.Op != bind.Ne {
		return nil
	}
	i, inRegister := c.register(rem.X)
	v, isConst := constOf(rem.Y)
	_, mask, ok := powerOfTwo(int64(v.Num))
	if !inRegister || !isConst || !ok {
		return nil
	}
	if e.Op == bind.Eq {
		return func(f *frame) bool { return int64(*f.reg(i))&mask == 0 }
	}
	return func(f *frame) bool { return int64(*f.reg(i))&mask != 0 }
}

func signedCompareConst(op bind.Op, x numFn, k int64) condFn {
	switch op {
	case bind.Eq:
		return func(f *frame) bool { return int64(x(f)) == k }
	case bind.Ne:
		return func(f *frame) bool { return int64(x(f)) != k }
	case bind.Lt:
		return func(f *frame) bool { return int64(x(f)) < k }
	case bind.Le:
		return func(f *frame) bool { return int64(x(f)) <= k }
	case bind.Gt:
		return func(f *frame) bool { return int64(x(f)) > k }
	}
	return func(f *frame) bool { return int64(x(f)) >= k }
}

// liftedCompare compiles comparisons of nullable operands: null equals null and is neither more nor less than anything.
func (c *funCompiler) liftedCompare(e *bind.Binary) condFn {
	x, y := c.value(e.X), c.value(e.Y)
	test := valueTest(e.Of, e.Op)
	whenBothNull, whenOneNull := e.Op == bind.Eq, e.Op == bind.Ne
	return func(f *frame) bool {
		a, b := x(f), y(f)
		switch {
		case a.Ref == nil && b.Ref == nil:
			return whenBothNull
		case a.Ref == nil || b.Ref == nil:
			return whenOneNull
		}
		return test(a, b)
	}
}

func valueTest(of bind.Operands, op bind.Op) func(a, b types.Value) bool {
	if of == bind.Decimal {
		test := sign(op)
		return func(a, b types.Value) bool { return test(decimal.Compare(a.Decimal(), b.Decimal())) }
	}
	test := numTest(of, op)
	return func(a, b types.Value) bool { return test(a.Num, b.Num) }
}

// stringEqual compiles == of strings: ordinal, null equal to null only.
func (c *funCompiler) stringEqual(ex, ey bind.Expr) condFn {
	if isNull(ex) || isNull(ey) {
		return c.sameReference(ex, ey)
	}
	x := c.value(ex)
	if k, ok := constOf(ey); ok {
		want := k.Str().Go()
		return func(f *frame) bool {
			s, ok := x(f).Ref.(*types.String)
			return ok && s.Go() == want
		}
	}
	y := c.value(ey)
	return func(f *frame) bool {
		a, b := x(f), y(f)
		s, ok1 := a.Ref.(*types.String)
		t, ok2 := b.Ref.(*types.String)
		if ok1 && ok2 && s != t && s.Len() == t.Len() {
			pay(f.t, s.Len()/16)
		}
		return ok1 == ok2 && (!ok1 || s == t || s.Go() == t.Go())
	}
}

func isNull(e bind.Expr) bool {
	v, ok := constOf(e)
	return ok && v.Ref == nil && !e.Type().UnderlyingNum()
}

// sameReference compiles == of references.
func (c *funCompiler) sameReference(ex, ey bind.Expr) condFn {
	if isNull(ex) {
		ex, ey = ey, ex
	}
	x := c.value(ex)
	if isNull(ey) {
		return func(f *frame) bool { return x(f).Ref == nil }
	}
	y := c.value(ey)
	return func(f *frame) bool {
		a, b := x(f), y(f)
		return sameObject(a.Ref, b.Ref)
	}
}

func (c *funCompiler) sameDelegate(ex, ey bind.Expr) condFn {
	if isNull(ex) || isNull(ey) {
		return c.sameReference(ex, ey)
	}
	x, y := c.value(ex), c.value(ey)
	return func(f *frame) bool {
		a, b := x(f), y(f)
		d, _ := a.Ref.(*types.Delegate)
		e, _ := b.Ref.(*types.Delegate)
		return d.Same(e)
	}
}
