package clr

import "github.com/postern-gateway/postern/csharp/types"

// nullableDecls are the static helpers of System.Nullable and the members of Nullable<T> beyond what package types declares.
func nullableDecls() []*types.Decl {
	type V = types.Value
	box := func(u *types.Type, v V) any { return types.Box(types.NullableOf(u), v) }
	fn := types.Generic
	return []*types.Decl{
		types.T("static class System.Nullable",
			types.M("static int Compare<T>(T? n1, T? n2) where T : struct", fn(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
				return types.Int(int64(objectCompare(t, box(targs[0], x[0]), box(targs[0], x[1]))))
			})),
			types.M("static bool Equals<T>(T? n1, T? n2) where T : struct", fn(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
				return types.Bool(objectEquals(t, box(targs[0], x[0]), box(targs[0], x[1])))
			})),
			types.M("static System.Type GetUnderlyingType(System.Type nullableType)", types.S1(func(r *types.RuntimeType) *types.RuntimeType {
				if r == nil {
					types.ThrowNull("nullableType")
				}
				if u, ok := r.T.IsNullable(); ok {
					return u.Object()
				}
				return nil
			})),
		),
		types.T("struct System.Nullable<T>",
			types.M("new(T value)", fn(func(_ *types.Thread, targs []*types.Type, _ V, x []V) V { return types.Some(targs[0], x[0]) })),
			types.M("bool HasValue { get; }", both0(func(_ *types.Thread, this V) V { return types.Bool(this.Ref != nil) })),
			types.M("T Value { get; }", both0(func(_ *types.Thread, this V) V { return this.Unwrap() })),
			types.M("T GetValueOrDefault()", both0(func(_ *types.Thread, this V) V { return bareValue(this) })),
			types.M("T GetValueOrDefault(T defaultValue)", both1(func(_ *types.Thread, this, other V) V {
				if this.Ref == nil {
					return other
				}
				return bareValue(this)
			})),
			types.M("bool Equals(object other)", fn(func(t *types.Thread, targs []*types.Type, this V, x []V) V {
				return types.Bool(objectEquals(t, box(targs[0], this), x[0].Ref))
			})),
			types.M("int GetHashCode()", fn(func(t *types.Thread, targs []*types.Type, this V, _ []V) V {
				o := box(targs[0], this)
				if o == nil {
					return types.Int(0)
				}
				return types.Int(int64(objectHash(t, o)))
			})),
			types.M("string ToString()", fn(func(t *types.Thread, targs []*types.Type, this V, _ []V) V {
				o := box(targs[0], this)
				if o == nil {
					return types.Ref(types.EmptyString)
				}
				return refOrNull(objectToString(t, o))
			})),
		),
	}
}

// bareValue is the Value of T in one of Nullable<T>, default(T) if it is null.
func bareValue(v types.Value) types.Value {
	if v.Ref == types.Present {
		v.Ref = nil
	}
	return v
}
