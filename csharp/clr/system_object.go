package clr

import "github.com/postern-gateway/postern/csharp/types"

func objectDecls() []*types.Decl {
	return []*types.Decl{
		types.T("class object",
			types.M("new()", types.S0(func() *plainObject { return &plainObject{} })),
			types.M("System.Type GetType()", types.Impl{F0: getType, Fn: func(t *types.Thread, this types.Value, _ []types.Value) types.Value { return getType(t, this) }}),
			types.M("bool Equals(object obj)", equalsImpl),
			types.M("int GetHashCode()", hashImpl),
			types.M("string ToString()", toStringImpl),
			types.M("static bool Equals(object objA, object objB)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				return types.Bool(objectEquals(t, x[0].Ref, x[1].Ref))
			})),
			types.M("static bool ReferenceEquals(object objA, object objB)", types.S2(sameObject)),
		),
		types.T("abstract class System.ValueType"),
		types.T("class System.Type",
			types.M("string Name { get; }", types.I0(func(r *types.RuntimeType) *types.String { return types.NewString(r.T.Name()) })),
			types.M("string FullName { get; }", types.I0(func(r *types.RuntimeType) *types.String { return types.NewString(typeFullName(r.T)) })),
			types.M("string Namespace { get; }", types.I0(typeNamespace)),
			types.M("string AssemblyQualifiedName { get; }", types.I0(func(r *types.RuntimeType) *types.String {
				return types.NewString(typeFullName(r.T) + ", " + assemblyOf(r.T))
			})),
			types.M("System.Type BaseType { get; }", types.I0(func(r *types.RuntimeType) *types.RuntimeType {
				if b := r.T.BaseType(); b != nil {
					return b.Object()
				}
				return nil
			})),
			types.M("bool IsValueType { get; }", types.I0(func(r *types.RuntimeType) bool { return r.T.IsValue() })),
			types.M("bool IsEnum { get; }", types.I0(func(r *types.RuntimeType) bool { return r.T.Kind == types.EnumKind })),
			types.M("bool IsArray { get; }", types.I0(func(r *types.RuntimeType) bool { return r.T.Kind == types.ArrayKind })),
			types.M("bool IsInterface { get; }", types.I0(func(r *types.RuntimeType) bool { return r.T.Kind == types.Interface })),
			types.M("bool IsClass { get; }", types.I0(func(r *types.RuntimeType) bool { return !r.T.IsValue() && r.T.Kind != types.Interface })),
			types.M("bool IsGenericType { get; }", types.I0(func(r *types.RuntimeType) bool { return len(r.T.Args) > 0 })),
			types.M("bool IsPrimitive { get; }", types.I0(isPrimitive)),
			types.M("System.Type GetElementType()", types.I0(func(r *types.RuntimeType) *types.RuntimeType {
				if r.T.Kind == types.ArrayKind {
					return r.T.Elem.Object()
				}
				return nil
			})),
			types.M("bool IsInstanceOfType(object o)", types.I1(func(r *types.RuntimeType, o any) bool { return o != nil && types.IsInstance(o, r.T) })),
			types.M("bool Equals(System.Type o)", types.I1(func(r, o *types.RuntimeType) bool { return r == o })),
			types.M("static bool operator ==(System.Type left, System.Type right)", types.S2(func(a, b *types.RuntimeType) bool { return a == b })),
			types.M("static bool operator !=(System.Type left, System.Type right)", types.S2(func(a, b *types.RuntimeType) bool { return a != b })),
		),
	}
}

// plainObject is new object(). The field keeps two of them from sharing an address.
type plainObject struct{ _ byte }

// ClrType is System.Object.
func (*plainObject) ClrType() *types.Type { return types.Object_ }

func getType(_ *types.Thread, this types.Value) types.Value {
	return types.Ref(types.TypeOf(receiverObject(this)).Object())
}

// The members that every object has; ops.go finds what the object itself does.
var (
	toStringImpl = both0(func(t *types.Thread, this types.Value) types.Value {
		return refOrNull(objectToString(t, receiverObject(this)))
	})
	hashImpl = both0(func(t *types.Thread, this types.Value) types.Value {
		return types.Int(int64(objectHash(t, receiverObject(this))))
	})
	equalsImpl = both1(func(t *types.Thread, this, o types.Value) types.Value {
		return types.Bool(objectEquals(t, receiverObject(this), o.Ref))
	})
)

// both0 is an Impl of no argument by both ways.
func both0(f func(t *types.Thread, this types.Value) types.Value) types.Impl {
	return types.Impl{F0: f, Fn: func(t *types.Thread, this types.Value, _ []types.Value) types.Value { return f(t, this) }}
}

// both1 is an Impl of one argument by both ways.
func both1(f func(t *types.Thread, this, a types.Value) types.Value) types.Impl {
	return types.Impl{F1: f, Fn: func(t *types.Thread, this types.Value, args []types.Value) types.Value { return f(t, this, args[0]) }}
}

// sameObject is ReferenceEquals: boxed values are never the same, as each call boxes anew.
func sameObject(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if _, isString := a.(*types.String); !isString && types.TypeOf(a).IsValue() {
		return false
	}
	return sameReference(a, b)
}

func typeNamespace(r *types.RuntimeType) *types.String {
	t := r.T
	for t.Kind == types.ArrayKind {
		t = t.Elem
	}
	switch {
	case t.Kind == types.Void:
		return types.NewString("System")
	case t.Def == nil || t.Def.Namespace == "":
		return nil
	}
	return types.NewString(t.Def.Namespace)
}

func isPrimitive(r *types.RuntimeType) bool {
	switch r.T {
	case types.BoolType, types.CharType, types.SByteType, types.ByteType, types.Int16Type, types.UInt16Type, types.Int32Type, types.UInt32Type,
		types.Int64Type, types.UInt64Type, types.SingleType, types.DoubleType:
		return true
	}
	return false
}

// typeFullName is Type.FullName, in which type arguments are given with their assemblies.
func typeFullName(t *types.Type) string {
	switch {
	case t.Kind == types.ArrayKind:
		full, elem := t.FullName(), t.Elem.FullName()
		return typeFullName(t.Elem) + full[len(elem):]
	case t.Def == nil || len(t.Args) == 0 || t.Anon != nil || t == t.Def.Self():
		if t.Def != nil && t.Anon == nil && len(t.Args) > 0 {
			return t.Def.FullName()
		}
		return t.FullName()
	}
	s := t.Def.FullName() + "["
	for i, a := range t.Args {
		if i > 0 {
			s += ","
		}
		s += "[" + typeFullName(a) + ", " + assemblyOf(a) + "]"
	}
	return s + "]"
}

// assemblyOf is the assembly that .NET 10 has a type in.
func assemblyOf(t *types.Type) string {
	for t.Kind == types.ArrayKind {
		t = t.Elem
	}
	const system = ", Version=10.0.0.0, Culture=neutral, PublicKeyToken="
	if t.Def == nil {
		return "System.Private.CoreLib" + system + "7cec85d7bea7798e"
	}
	switch t.Def.Namespace {
	case "Newtonsoft.Json", "Newtonsoft.Json.Linq":
		return "Newtonsoft.Json, Version=13.0.0.0, Culture=neutral, PublicKeyToken=30ad4fe6b2a6aeed"
	case "System.Xml.Linq":
		return "System.Private.Xml.Linq" + system + "cc7b13ffcd2ddd51"
	case "System.Xml":
		return "System.Private.Xml" + system + "cc7b13ffcd2ddd51"
	case "System.Linq":
		return "System.Linq" + system + "b03f5f7f11d50a3a"
	case "System.Text.RegularExpressions":
		return "System.Text.RegularExpressions" + system + "b03f5f7f11d50a3a"
	case "System.Security.Cryptography", "System.Security.Cryptography.X509Certificates":
		return "System.Security.Cryptography" + system + "b03f5f7f11d50a3a"
	}
	switch t.Def.FullName() {
	case "System.Uri":
		return "System.Private.Uri" + system + "b03f5f7f11d50a3a"
	case "System.Net.IPAddress":
		return "System.Net.Primitives" + system + "b03f5f7f11d50a3a"
	case "System.Collections.Generic.Stack`1":
		return "System.Collections" + system + "b03f5f7f11d50a3a"
	}
	return "System.Private.CoreLib" + system + "7cec85d7bea7798e"
}
