package clr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// TestMembersThrowOnlyExceptions calls the members of System's types with arguments at their limits: whatever is wrong with them,
// the panic is an exception or a budget that is used up.
func TestMembersThrowOnlyExceptions(t *testing.T) {
	u := Universe()
	r := rand.New(rand.NewPCG(7, 7))
	u.Defs(func(d *types.Def) {
		if d.Namespace != "System" && d.FullName() != "System.Text.StringBuilder" || len(d.Params) > 0 {
			return
		}
		for _, m := range u.Table(d.Self()).All {
			if len(m.TypeParams) > 0 || m.Kind == types.Constant || m.Impl.Fn == nil && m.Impl.GFn == nil {
				continue
			}
			for range 40 {
				callRandomly(t, r, m)
			}
		}
	})
}

func callRandomly(t *testing.T, r *rand.Rand, m *types.Member) {
	thread := &types.Thread{U: Universe()}
	thread.Start(types.Budget{Steps: 1 << 20, Bytes: 1 << 22, Depth: 100, Time: 5 * time.Second})
	var this types.Value
	if !m.Static && m.Kind != types.Constructor {
		this = randomValue(r, m.Declaring)
		if this.Ref == nil && m.Declaring.IsRef() {
			return
		}
	}
	args := make([]types.Value, len(m.Params))
	for i, p := range m.Params {
		args[i] = randomValue(r, p.Type)
		if p.Ref != types.ByValue {
			args[i] = types.Ref(&types.Cell{V: args[i]})
		}
	}
	defer func() {
		switch x := recover().(type) {
		case nil, *types.Exception, *types.Exceeded:
		default:
			t.Errorf("%s(%s) panics: %v\n%s", m.Display(true), describe(args), x, firstLines(debug.Stack()))
		}
	}()
	if m.Impl.GFn != nil {
		m.Impl.GFn(thread, m.RunArgs(), this, args)
		return
	}
	m.Impl.Fn(thread, this, args)
}

func describe(args []types.Value) string {
	var out []string
	for _, a := range args {
		if s := a.Str(); s != nil {
			out = append(out, fmt.Sprintf("%q", s.Go()))
			continue
		}
		out = append(out, fmt.Sprint(a))
	}
	return strings.Join(out, ", ")
}

func firstLines(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	return strings.Join(lines[:min(len(lines), 24)], "\n")
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// randomValue is a value of a type, likely one at a limit.
func randomValue(r *rand.Rand, typ *types.Type) types.Value {
	if u, ok := typ.IsNullable(); ok {
		if r.IntN(2) == 0 {
			return types.Null
		}
		return types.Some(u, randomValue(r, u))
	}
	if typ.Kind == types.EnumKind {
		return types.Int(pick(r, int64(0), 1, 2, 4, 5, -1, 99))
	}
	switch typ {
	case types.BoolType:
		return types.Bool(r.IntN(2) == 0)
	case types.DoubleType:
		return types.Float64(pick(r, 0, 1, -1.5, math.NaN(), math.Inf(1), math.MaxFloat64, 5e-324, 1e10, -0.1))
	case types.SingleType:
		return types.Float32(pick(r, 0, 1, -1.5, float32(math.NaN()), float32(math.Inf(-1)), math.MaxFloat32))
	case types.DecimalType:
		return types.Dec(pick(r, decimal.Zero, decimal.One, decimal.MaxValue, decimal.MinValue, decimal.Decimal{Lo: 15, Scale: 28, Neg: true}))
	case types.DateTimeType:
		return types.Uint(uint64(pick(r, 0, dateOf(maxDateTicks, 0), dateOf(unixEpochTicks, 1), dateOf(638000000000000000, 2), dateOf(638000000000000000, 0))))
	case types.StringType:
		return pick(r, types.Null, types.Ref(types.EmptyString), text("abc"), text("日本😀"), text("1.5"), text("{0}"), text("%"), text("yyyy-MM-dd"), text("Europe/Rome"), text("-12"), text("\\"), text("'"))
	case types.ByteArray:
		return pick(r, types.Null, types.Ref(&types.Bytes{}), types.Ref(&types.Bytes{B: []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}))
	case types.Object_:
		return pick(r, types.Null, types.Ref(int32(5)), text("x"), types.Ref(1.5), types.Ref(types.Int32Type.Object()))
	case types.TypeType:
		return pick(r, types.Null, types.Ref(types.Int32Type.Object()), types.Ref(types.StringType.Object()), types.Ref(Universe().Type("System.DayOfWeek").Object()))
	case types.GuidType:
		return types.Ref(types.Guid{1, 2, 3})
	}
	switch typ.Name() {
	case "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Char", "TimeSpan":
		size, signed := integerShape(typ)
		n := pick(r, int64(0), 1, -1, 2, 3, 10, 16, math.MaxInt64, math.MinInt64, math.MaxInt32, math.MinInt32, 36_000_000_000)
		if signed || typ == types.TimeSpanType {
			return types.Int(n << (64 - 8*size) >> (64 - 8*size))
		}
		return types.Uint(uint64(n) << (64 - 8*size) >> (64 - 8*size))
	}
	return randomObject_(r, typ)
}

// randomObject_ is an object of a class or struct, or null.
func randomObject_(r *rand.Rand, typ *types.Type) types.Value {
	thread := &types.Thread{U: Universe()}
	switch {
	case typ.Kind == types.ArrayKind && typ.Rank == 1:
		if r.IntN(4) == 0 {
			return types.Null
		}
		items := make([]types.Value, r.IntN(4))
		for i := range items {
			items[i] = randomValue(r, typ.Elem)
		}
		return types.Ref(&types.Array{T: typ, Items: items})
	case typ == stringBuilderType():
		return pick(r, types.Null, types.Ref(newStringBuilder(thread, types.NewString("abcß"), 0)), types.Ref(newStringBuilder(thread, nil, 0)))
	case typ == stringComparerType():
		return types.Ref(stringComparers[r.IntN(6)])
	case typ == timeZoneType():
		z, _ := findZone("Europe/Rome")
		return pick(r, types.Null, types.Ref(z), types.Ref(utcZone))
	case typ == randomType():
		return types.Ref(seededRandom(3))
	case typ == dateOffsetType():
		return pick(r, types.Null, types.Ref(DateTimeOffset{UTC: maxDateTicks, Offset: -60}), types.Ref(DateTimeOffset{UTC: unixEpochTicks, Offset: 120}))
	case typ.DerivesFrom(types.ExceptionType):
		return types.Ref(&types.Exception{T: types.ArgumentException})
	}
	return types.Null
}

func text(s string) types.Value { return types.Ref(types.NewString(s)) }
