package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// eachToken calls f with the tokens of an argument.
func eachToken(t *types.Thread, source types.Value, f func(*JToken)) {
	seqOf(t, source.Ref, jTokenType(), "source", func(v types.Value) { f(tokenArg(v)) })
}

// flatten is an extension method that makes of each token a list, lazily.
func flatten(elem func(targs []*types.Type) *types.Type, f func(t *types.Thread, j *JToken, targs []*types.Type) []*JToken) types.Impl {
	return types.Generic(func(_ *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
		need(a[0], "source")
		typ := elem(targs)
		return types.Ref(&jsonSeq{typ: iJEnumerableDef.of(typ), elem: typ, list: func(t *types.Thread) (out []*JToken) {
			eachToken(t, a[0], func(j *JToken) {
				if j == nil {
					types.ThrowNullReference()
				}
				out = append(out, f(t, j, targs)...)
			})
			return out
		}})
	})
}

func anyToken([]*types.Type) *types.Type { return jTokenType() }

// keyedValues are the values under a key of each token, or all children without one.
func keyedValues(t *types.Thread, source, key types.Value, keyed bool) (out []*JToken) {
	eachToken(t, source, func(j *JToken) {
		switch {
		case keyed && key.Ref == nil, !keyed:
			if j.isContainer() {
				out = append(out, j.items...)
			} else if keyed {
				out = append(out, j)
			}
		default:
			if v := j.at(t, key.Ref); v != nil {
				out = append(out, v)
			}
		}
	})
	return out
}

func valuesExtension(keyed bool) types.Impl {
	return types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
		need(a[0], "source")
		return types.Ref(&jsonSeq{typ: iJEnumerableDef.of(jTokenType()), elem: jTokenType(), list: func(t *types.Thread) []*JToken {
			return keyedValues(t, a[0], a[len(a)-1], keyed)
		}})
	})
}

// convertedValues is Values<U>.
func convertedValues(keyed bool) types.Impl {
	return types.Generic(func(_ *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
		need(a[0], "source")
		to := targs[len(targs)-1]
		return types.Ref(newSequence(to, func(t *types.Thread) types.Enumerator {
			list := keyedValues(t, a[0], a[len(a)-1], keyed)
			i := 0
			return &pull{next: func(t *types.Thread) (types.Value, bool) {
				if i >= len(list) {
					return types.Value{}, false
				}
				i++
				return convertToken(t, list[i-1], to), true
			}}
		}))
	})
}

// valueExtension is Value<U>: the sequence, which must be a token, converted.
func valueExtension() types.Impl {
	return types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
		need(a[0], "value")
		j, ok := a[0].Ref.(*JToken)
		if !ok {
			types.Throw(types.ArgumentException, "Source value must be a JToken.")
		}
		return convertToken(t, j, targs[len(targs)-1])
	})
}

func jsonExtensionsDecl() *types.Decl {
	self := func(_ *types.Thread, j *JToken, _ []*types.Type) []*JToken { return []*JToken{j} }
	children := func(_ *types.Thread, j *JToken, _ []*types.Type) []*JToken { return slices.Clone(j.items) }
	last := func(targs []*types.Type) *types.Type { return targs[len(targs)-1] }
	return jt("static class Newtonsoft.Json.Linq.Extensions",
		jx("static IJEnumerable<JProperty> Properties(this IEnumerable<JObject> source)", flatten(func([]*types.Type) *types.Type { return jPropertyType() }, children)),
		jx("static IJEnumerable<JToken> Ancestors<T>(this IEnumerable<T> source) where T : JToken", flatten(anyToken,
			func(_ *types.Thread, j *JToken, _ []*types.Type) []*JToken { return j.ancestors(false) })),
		jx("static IJEnumerable<JToken> AncestorsAndSelf<T>(this IEnumerable<T> source) where T : JToken", flatten(anyToken,
			func(_ *types.Thread, j *JToken, _ []*types.Type) []*JToken { return j.ancestors(true) })),
		jx("static IJEnumerable<JToken> AsJEnumerable(this IEnumerable<JToken> source)", flatten(anyToken, self)),
		jx("static IJEnumerable<T> AsJEnumerable<T>(this IEnumerable<T> source) where T : JToken", flatten(last, self)),
		jx("static IJEnumerable<JToken> Children<T>(this IEnumerable<T> source) where T : JToken", flatten(anyToken, children)),
		jx("static IEnumerable<U> Children<T, U>(this IEnumerable<T> source) where T : JToken", flatten(last,
			func(_ *types.Thread, j *JToken, targs []*types.Type) []*JToken { return ofType(j.items, last(targs)) })),
		jx("static IJEnumerable<JToken> Descendants<T>(this IEnumerable<T> source) where T : JContainer", flatten(anyToken,
			func(t *types.Thread, j *JToken, _ []*types.Type) []*JToken { return j.descendants(t, false) })),
		jx("static IJEnumerable<JToken> DescendantsAndSelf<T>(this IEnumerable<T> source) where T : JContainer", flatten(anyToken,
			func(t *types.Thread, j *JToken, _ []*types.Type) []*JToken { return j.descendants(t, true) })),
		jx("static IJEnumerable<JToken> Values(this IEnumerable<JToken> source)", valuesExtension(false)),
		jx("static IJEnumerable<JToken> Values(this IEnumerable<JToken> source, object key)", valuesExtension(true)),
		jx("static IEnumerable<U> Values<U>(this IEnumerable<JToken> source)", convertedValues(false)),
		jx("static IEnumerable<U> Values<U>(this IEnumerable<JToken> source, object key)", convertedValues(true)),
		jx("static U Value<U>(this IEnumerable<JToken> value)", valueExtension()),
		jx("static U Value<T, U>(this IEnumerable<T> value) where T : JToken", valueExtension()),
	)
}

// keyOfEach is the indexer of IJEnumerable: the values under a key of each token.
func keyOfEach() types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
		if this.Ref == nil {
			types.ThrowNullReference()
		}
		if j, ok := this.Ref.(*JToken); ok {
			return tokenRef(j.at(t, a[0].Ref))
		}
		return types.Ref(&jsonSeq{typ: iJEnumerableDef.of(jTokenType()), elem: jTokenType(), list: func(t *types.Thread) []*JToken {
			return keyedValues(t, this, a[0], true)
		}})
	})
}

func jsonDecls() []*types.Decl {
	enumerate := types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
		return newEnumeratorObject(t, receiverObject(this), targs[0])
	})
	return slices.Concat(bigIntegerDecls(), []*types.Decl{
		jt("enum Newtonsoft.Json.Formatting", constants("Newtonsoft.Json.Formatting", "None", 0, "Indented", 1)...),
		jt("enum Newtonsoft.Json.Linq.JTokenType", jsonKindConstants()...),
		hiddenJSON("class Newtonsoft.Json.JsonConverter"),
		jt("interface Newtonsoft.Json.Linq.IJEnumerable<T> : IEnumerable<T>, System.Collections.IEnumerable",
			jx("IJEnumerable<JToken> this[object key] { get; }", keyOfEach())),
		jt("struct Newtonsoft.Json.Linq.JEnumerable<T> : IJEnumerable<T>, IEnumerable<T>, System.Collections.IEnumerable",
			jx("IJEnumerable<JToken> this[object key] { get; }", keyOfEach()),
			jx("IEnumerator<T> GetEnumerator()", enumerate)),
		tokenDecl(), containerDecl(), objectDecl(), jsonArrayDecl(), propertyDecl(), constructorDecl(), valueDecl(), rawDecl(),
		jsonExtensionsDecl(), jsonConvertDecl(),
	}, jsonExceptionDecls())
}

func hiddenJSON(head string, members ...types.MemberDecl) *types.Decl {
	d := jt(head, members...)
	d.Hidden = true
	return d
}

func jsonKindConstants() []types.MemberDecl {
	var pairs []any
	for i, name := range jsonKindNames {
		pairs = append(pairs, name, i)
	}
	return constants("Newtonsoft.Json.Linq.JTokenType", pairs...)
}

func jsonExceptionDecls() []*types.Decl {
	var out []*types.Decl
	for _, k := range [][2]string{{"JsonException", "System.Exception"}, {"JsonReaderException", "Newtonsoft.Json.JsonException"},
		{"JsonSerializationException", "Newtonsoft.Json.JsonException"}, {"JsonWriterException", "Newtonsoft.Json.JsonException"}} {
		out = append(out, hidden("class Newtonsoft.Json."+k[0]+" : "+k[1], exceptionConstructors("Newtonsoft.Json."+k[0], "")...))
	}
	return out
}
