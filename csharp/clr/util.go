package clr

import (
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
)

// lateType finds a declared type of the library by its full name when it is first asked for. The universe does not exist
// yet when declarations are made, so ClrType methods go through it.
func lateType(fullName string) func() *types.Type {
	return sync.OnceValue(func() *types.Type { return Universe().Type(fullName) })
}

// newString is a String of Go text, charged to the thread.
func newString(t *types.Thread, s string) *types.String {
	t.Alloc(int64(len(s)) + 16)
	return types.NewString(s)
}

// refOrNull is a reference to s, null for nil.
func refOrNull(s *types.String) types.Value {
	if s == nil {
		return types.Null
	}
	return types.Ref(s)
}

// goString is the text of s, empty for null.
func goString(s *types.String) string {
	if s == nil {
		return ""
	}
	return s.Go()
}

// setOut assigns to the variable that a ref or out argument names.
func setOut(arg types.Value, v types.Value) { arg.Ref.(*types.Cell).V = v }

// seqOf are the elements of an IEnumerable<elem> argument, charged as they come. A null is an ArgumentNullException about param.
func seqOf(t *types.Thread, seq any, elem *types.Type, param string, f func(v types.Value)) {
	if seq == nil {
		types.ThrowNull(param)
	}
	e := types.Iterate(t, seq, elem)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		t.Step(1)
		f(e.Current())
	}
}

// newStrings is a string[].
func newStrings(items []*types.String) *types.Array {
	a := &types.Array{T: types.StringArray, Items: make([]types.Value, len(items))}
	for i, s := range items {
		a.Items[i] = refOrNull(s)
	}
	return a
}

// throwRange raises ArgumentOutOfRangeException with a message of its own.
func throwRange(message, param string) {
	types.ThrowArgument(types.ArgumentOutOfRangeException, message, param)
}

// throwActual raises ArgumentOutOfRangeException about a value, which .NET adds to the message.
func throwActual(message, param, actual string) {
	panic(&types.Exception{T: types.ArgumentOutOfRangeException, ParamName: types.NewString(param),
		Text: types.NewString(message + " (Parameter '" + param + "')\nActual value was " + actual + ".")})
}

// throwNegative raises ArgumentOutOfRangeException about a value that must not be negative, if it is.
func throwNegative(n int32, param string) {
	if n < 0 {
		v := itoa(n)
		throwActual(param+" ('"+v+"') must be a non-negative value.", param, v)
	}
}

// throwGreater raises ArgumentOutOfRangeException if n is above limit.
func throwGreater(n, limit int32, param string) {
	if n > limit {
		v := itoa(n)
		throwActual(param+" ('"+v+"') must be less than or equal to '"+itoa(limit)+"'.", param, v)
	}
}

// lateOnce keeps what f gives when it is first asked: for types that are constructed of declared ones.
func lateOnce(f func() *types.Type) func() *types.Type { return sync.OnceValue(f) }
