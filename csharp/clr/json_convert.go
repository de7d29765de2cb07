package clr

import (
	"github.com/postern-gateway/postern/csharp/types"
)

// serialize is JsonConvert.SerializeObject; the argument at index 1, if there is one, is the formatting.
func serialize(formatted bool) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		return types.Ref(objectToken(t, a[0].Ref).jsonText(t, formatted && a[1].Num != 0))
	})
}

// deserialize is JsonConvert.DeserializeObject of a type.
func deserialize(t *types.Thread, text *types.String, typ *types.Type) types.Value {
	if text == nil {
		types.ThrowNull("value")
	}
	d := &jsonDecoder{t: t, s: newJSONReader(t, text.Go())}
	return d.document(typ, true)
}

func constantString(s string) types.Impl {
	v := types.Ref(types.NewString(s))
	return types.Impl{F0: func(*types.Thread, types.Value) types.Value { return v }, Fn: func(*types.Thread, types.Value, []types.Value) types.Value { return v }}
}

// jsonScalarText is JsonConvert.ToString of a scalar of a type.
func jsonScalarText(typ *types.Type) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		o := types.Box(typ, a[0])
		if o == nil && typ == types.StringType {
			o = types.EmptyString
		}
		if f, ok := o.(float32); ok {
			return types.Ref(types.NewString(jsonFloat(float64(f), 32)))
		}
		if f, ok := o.(float64); ok {
			return types.Ref(types.NewString(jsonFloat(f, 64)))
		}
		w := newJSONWriter(t, false)
		if j, isToken := o.(*JToken); isToken {
			w.token(j)
		} else if e, isEnum := o.(*types.Enum); isEnum {
			w.text(goString(objectToString(t, e)))
		} else if !w.scalar(o) {
			types.Throw(types.ArgumentException, "Unsupported type: "+types.TypeOf(o).FullName()+". Use the JsonSerializer class to get the object's JSON representation.")
		}
		return types.Ref(newString(t, w.b.String()))
	})
}

func jsonConvertDecl() *types.Decl {
	members := []types.MemberDecl{
		jx("static string SerializeObject(object value)", serialize(false)),
		jx("static string SerializeObject(object value, Formatting formatting)", serialize(true)),
		jx("static string SerializeObject(object value, params JsonConverter[] converters)", serialize(false)),
		jx("static string SerializeObject(object value, Formatting formatting, params JsonConverter[] converters)", serialize(true)),
		jx("static object DeserializeObject(string value)", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			return deserialize(t, a[0].Str(), types.Object_)
		})),
		jx("static object DeserializeObject(string value, System.Type type)", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			typ := types.Object_
			if rt, ok := a[1].Ref.(*types.RuntimeType); ok {
				typ = rt.T
			}
			return types.Value{Ref: types.Box(typ, deserialize(t, a[0].Str(), typ))}
		})),
		jx("static T DeserializeObject<T>(string value)", types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
			return deserialize(t, a[0].Str(), targs[0])
		})),
		jx("static T DeserializeObject<T>(string value, params JsonConverter[] converters)", types.Generic(
			func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
				return deserialize(t, a[0].Str(), targs[0])
			})),
		jx("static T DeserializeAnonymousType<T>(string value, T anonymousTypeObject)", types.Generic(
			func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
				return deserialize(t, a[0].Str(), targs[0])
			})),
		jx("static string ToString(object value)", jsonScalarText(types.Object_)),
		jx("static string ToString(System.DateTimeOffset value)", jsonScalarText(types.Object_)),
		jx("static string ToString(System.Uri value)", jsonScalarText(types.Object_)),
		jx("static string ToString(System.Enum value)", jsonScalarText(types.Object_)),
	}
	for _, s := range [][2]string{{"True", "true"}, {"False", "false"}, {"Null", "null"}, {"Undefined", "undefined"}, {"NaN", "NaN"},
		{"PositiveInfinity", "Infinity"}, {"NegativeInfinity", "-Infinity"}} {
		members = append(members, jx("static readonly string "+s[0], constantString(s[1])))
	}
	for _, k := range []struct {
		cs  string
		typ *types.Type
	}{{"System.DateTime", types.DateTimeType}, {"System.Guid", types.GuidType}, {"System.TimeSpan", types.TimeSpanType}, {"bool", types.BoolType},
		{"byte", types.ByteType}, {"char", types.CharType}, {"decimal", types.DecimalType}, {"double", types.DoubleType}, {"float", types.SingleType},
		{"int", types.Int32Type}, {"long", types.Int64Type}, {"sbyte", types.SByteType}, {"short", types.Int16Type}, {"string", types.StringType},
		{"uint", types.UInt32Type}, {"ulong", types.UInt64Type}, {"ushort", types.UInt16Type}} {
		members = append(members, jx("static string ToString("+k.cs+" value)", jsonScalarText(k.typ)))
	}
	return jt("static class Newtonsoft.Json.JsonConvert", append(members, xmlJSONMembers()...)...)
}
