package clr

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

const jsonInterfaces = ", IJEnumerable<JToken>, IEnumerable<JToken>, System.Collections.IEnumerable, System.ICloneable, IList<JToken>, " +
	"ICollection<JToken>, System.Collections.IList, System.Collections.ICollection"

func containerDecl() *types.Decl {
	return jt("abstract class Newtonsoft.Json.Linq.JContainer : JToken"+jsonInterfaces,
		jx("int Count { get; }", types.I0(func(j *JToken) int32 { return int32(len(j.items)) })),
		jx("bool HasValues { get; }", types.I0(func(j *JToken) bool { return len(j.items) > 0 })),
		jx("JToken First { get; }", types.I0(func(j *JToken) *JToken { return j.end(false) })),
		jx("JToken Last { get; }", types.I0(func(j *JToken) *JToken { return j.end(true) })),
		jx("JEnumerable<JToken> Children()", types.I0(childrenOf)),
		jx("IEnumerable<JToken> Descendants()", listMember(func(t *types.Thread, j *JToken) []*JToken { return j.descendants(t, false) })),
		jx("IEnumerable<JToken> DescendantsAndSelf()", listMember(func(t *types.Thread, j *JToken) []*JToken { return j.descendants(t, true) })),
		jx("IEnumerable<T> Values<T>()", types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			return valuesOf(t, tokenReceiver(this), targs[0])
		})),
		jx("void Add(object content)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) {
			j.addContent(t, len(j.items), a[0].Ref)
		})),
		jx("void AddFirst(object content)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) { j.addContent(t, 0, a[0].Ref) })),
		jx("void Merge(object content)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) { j.merge(t, a[0].Ref) })),
		jx("void RemoveAll()", voidMember(func(_ *types.Thread, j *JToken, _ []types.Value) { j.clear() })),
		jx("void ReplaceAll(object content)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) { j.replaceContent(t, a[0].Ref) })),
	)
}

// newContainer is a constructor that adds its arguments' content; a single argument that is one of the class is cloned.
func newContainer(kind jsonKind) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		j := &JToken{kind: kind}
		for _, v := range a {
			j.addContent(t, len(j.items), v.Ref)
		}
		return types.Ref(j)
	})
}

func cloneConstructor() types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		need(a[0], "other")
		j := tokenArg(a[0])
		t.Alloc(j.size() * 160)
		return types.Ref(j.clone())
	})
}

// byComparison finds an object's property: the exact name first, then by the StringComparison.
func (j *JToken) byComparison(t *types.Thread, name *types.String, comparison int64) *JToken {
	if name == nil {
		return nil
	}
	if p := j.property(name.Go()); p != nil || comparison == 4 {
		return p
	}
	for _, p := range j.items {
		t.Step(1)
		if equalByComparison(p.name, name, comparison) {
			return p
		}
	}
	return nil
}

// equalByComparison compares names by a StringComparison: the odd ones ignore case.
func equalByComparison(a, b *types.String, comparison int64) bool {
	switch comparison {
	case 5:
		return a.Len() == b.Len() && strings.EqualFold(a.Go(), b.Go())
	case 4:
		return a.Go() == b.Go()
	}
	return compareCulture(a, b, comparison&1 != 0) == 0
}

func propertyNamed(value bool) types.Impl {
	return withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
		comparison := int64(4)
		if len(a) > 1 {
			comparison = a[1].Int64()
		}
		p := j.byComparison(t, a[0].Str(), comparison)
		if value && p != nil {
			p = p.propertyValue()
		}
		return tokenRef(p)
	})
}

func tryGetNamed(comparison bool) types.Impl {
	return withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
		mode, out := int64(4), a[1]
		if comparison {
			mode, out = a[1].Int64(), a[2]
		}
		p := j.byComparison(t, a[0].Str(), mode)
		if p == nil {
			setOut(out, types.Null)
			return types.Bool(false)
		}
		setOut(out, tokenRef(p.propertyValue()))
		return types.Bool(true)
	})
}

func objectDecl() *types.Decl {
	return jt("class Newtonsoft.Json.Linq.JObject : JContainer"+jsonInterfaces+", IDictionary<string, JToken>, ICollection<KeyValuePair<string, JToken>>, "+
		"IEnumerable<KeyValuePair<string, JToken>>",
		typeMember(), tokenIndexer(),
		jx("JToken this[string propertyName] { get; set; }", types.Impl{F1: func(_ *types.Thread, this, name types.Value) types.Value {
			j, ok := this.Ref.(*JToken)
			if !ok {
				j = tokenReceiver(this)
			}
			return tokenRef(j.get(nameArg(name.Str(), "propertyName")))
		}, Fn: func(_ *types.Thread, this types.Value, a []types.Value) types.Value {
			return tokenRef(tokenReceiver(this).get(nameArg(a[0].Str(), "propertyName")))
		}}.WithSet(setter(func(t *types.Thread, j *JToken, a []types.Value) { j.putNamed(t, a[0].Str(), tokenArg(a[1])) }))),
		jx("new()", newContainer(jObject)),
		jx("new(JObject other)", cloneConstructor()),
		jx("new(object content)", newContainer(jObject)),
		jx("new(params object[] content)", newContainer(jObject)),
		jx("static JObject Parse(string json)", parser(jObject)),
		jx("static JObject FromObject(object o)", fromObjectImpl(jObject)),
		jx("JProperty Property(string name)", propertyNamed(false)),
		jx("JProperty Property(string name, System.StringComparison comparison)", propertyNamed(false)),
		jx("JToken GetValue(string propertyName)", propertyNamed(true)),
		jx("JToken GetValue(string propertyName, System.StringComparison comparison)", propertyNamed(true)),
		jx("bool TryGetValue(string propertyName, System.StringComparison comparison, out JToken value)", tryGetNamed(true)),
		jx("bool TryGetValue(string propertyName, out JToken value)", tryGetNamed(false)),
		jx("bool ContainsKey(string propertyName)", types.I1(func(j *JToken, name *types.String) bool {
			return j.property(nameArg(name, "propertyName")) != nil
		})),
		jx("bool Remove(string propertyName)", types.I1(func(j *JToken, name *types.String) bool {
			return j.DeleteKey(nil, types.Ref(types.NewString(nameArg(name, "propertyName"))))
		})),
		jx("void Add(string propertyName, JToken value)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) { j.AddNew(t, a[0], a[1]) })),
		jx("IEnumerable<JProperty> Properties()", types.I0(func(j *JToken) types.Value {
			return types.Ref(&jsonSeq{typ: enumerableType.of(jPropertyType()), elem: jPropertyType(), live: j})
		})),
		jx("JEnumerable<JToken> PropertyValues()", types.I0(func(j *JToken) types.Value {
			return jEnumerable(jTokenType(), func(*types.Thread) []*JToken { return j.values() })
		})),
		jx("IEnumerator<KeyValuePair<string, JToken>> GetEnumerator()", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value {
			return newEnumeratorObject(t, j, jsonPairType())
		})),
	)
}

func (j *JToken) values() []*JToken {
	out := make([]*JToken, len(j.items))
	for i, p := range j.items {
		out[i] = p.propertyValue()
	}
	return out
}

func jsonArrayDecl() *types.Decl {
	return jt("class Newtonsoft.Json.Linq.JArray : JContainer"+jsonInterfaces,
		typeMember(), tokenIndexer(),
		jx("JToken this[int index] { get; set; }", types.I1(func(j *JToken, i int32) *JToken {
			if i < 0 || int(i) >= len(j.items) {
				throwIndex()
			}
			return j.items[i]
		}).WithSet(setter(func(t *types.Thread, j *JToken, a []types.Value) { j.set(t, int(a[0].Int32()), tokenArg(a[1])) }))),
		jx("new()", newContainer(jArray)),
		jx("new(JArray other)", cloneConstructor()),
		jx("new(object content)", newContainer(jArray)),
		jx("new(params object[] content)", newContainer(jArray)),
		jx("static JArray Parse(string json)", parser(jArray)),
		jx("static JArray FromObject(object o)", fromObjectImpl(jArray)),
		jx("bool IsReadOnly { get; }", types.I0(func(*JToken) bool { return false })),
		jx("bool Contains(JToken item)", types.I1(func(j, item *JToken) bool { return j.indexOf(item) >= 0 })),
		jx("bool Remove(JToken item)", types.I1(func(j, item *JToken) bool { return j.Delete(nil, tokenRef(item)) })),
		jx("int IndexOf(JToken item)", types.I1(func(j, item *JToken) int32 { return int32(j.indexOf(item)) })),
		jx("void Add(JToken item)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) { j.append(t, tokenArg(a[0])) })),
		jx("void Clear()", voidMember(func(_ *types.Thread, j *JToken, _ []types.Value) { j.clear() })),
		jx("void Insert(int index, JToken item)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) {
			chargeClone(t, tokenArg(a[1]))
			j.insert(int(a[0].Int32()), tokenArg(a[1]), false)
		})),
		jx("void RemoveAt(int index)", voidMember(func(_ *types.Thread, j *JToken, a []types.Value) { j.removeAt(int(a[0].Int32())) })),
		jx("void CopyTo(JToken[] array, int arrayIndex)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) {
			copyInto(t, drain(t, j, jTokenType()), a[0], int(a[1].Int32()), "array", "arrayIndex")
		})),
		jx("IEnumerator<JToken> GetEnumerator()", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value {
			return newEnumeratorObject(t, j, jTokenType())
		})),
	)
}

func propertyDecl() *types.Decl {
	make := types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		return types.Ref(newProperty(t, a[0].Str(), a[1].Ref))
	})
	return jt("class Newtonsoft.Json.Linq.JProperty : JContainer"+jsonInterfaces,
		typeMember(),
		jx("string Name { get; }", types.I0(func(j *JToken) *types.String { return j.name })),
		jx("JToken Value { get; set; }", types.I0(func(j *JToken) *JToken { return j.propertyValue() }).WithSet(
			setter(func(t *types.Thread, j *JToken, a []types.Value) { j.setValue(t, tokenArg(a[0])) }))),
		jx("new(JProperty other)", cloneConstructor()),
		jx("new(string name, object content)", make),
		jx("new(string name, params object[] content)", make),
	)
}

func constructorDecl() *types.Decl {
	make := types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		j := &JToken{kind: jConstructor, name: types.NewString(nameArg(a[0].Str(), "name"))}
		if j.name.Len() == 0 {
			types.ThrowArgument(types.ArgumentException, "Constructor name cannot be empty.", "name")
		}
		if len(a) > 1 {
			j.addContent(t, 0, a[1].Ref)
		}
		return types.Ref(j)
	})
	return jt("class Newtonsoft.Json.Linq.JConstructor : JContainer"+jsonInterfaces,
		typeMember(), tokenIndexer(),
		jx("string Name { get; set; }", types.I0(func(j *JToken) *types.String { return j.name }).WithSet(
			setter(func(_ *types.Thread, j *JToken, a []types.Value) { j.name = a[0].Str() }))),
		jx("new()", newContainer(jConstructor)),
		jx("new(JConstructor other)", cloneConstructor()),
		jx("new(string name)", make),
		jx("new(string name, object content)", make),
		jx("new(string name, params object[] content)", make),
	)
}

func valueConstructor(typ *types.Type) types.Impl {
	return types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
		o := types.Box(typ, a[0])
		switch x := o.(type) {
		case types.Char:
			return types.Ref(&JToken{kind: jString, value: x})
		case nil:
			if typ == types.StringType {
				return types.Ref(&JToken{kind: jString})
			}
		}
		return types.Ref(newValue(o))
	})
}

func valueFactory(kind jsonKind) types.Impl {
	return types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
		j := &JToken{kind: kind}
		if len(a) > 0 && a[0].Ref != nil {
			j.value = a[0].Ref
		}
		return types.Ref(j)
	})
}

func valueDecl() *types.Decl {
	return jt("class Newtonsoft.Json.Linq.JValue : JToken, IJEnumerable<JToken>, IEnumerable<JToken>, System.Collections.IEnumerable, System.ICloneable, "+
		"System.IEquatable<JValue>, System.IFormattable, System.IComparable, System.IComparable<JValue>, System.IConvertible",
		slices.Concat(valueConstructors(), []types.MemberDecl{typeMember(),
			jx("object Value { get; set; }", types.I0(func(j *JToken) any { return j.value }).WithSet(
				setter(func(_ *types.Thread, j *JToken, a []types.Value) {
					if kind := kindOfObject(j.kind, a[0].Ref); a[0].Ref == nil || j.value == nil || types.TypeOf(j.value) != types.TypeOf(a[0].Ref) {
						j.kind = kind
					}
					j.value = a[0].Ref
				}))),
			jx("bool HasValues { get; }", types.I0(func(*JToken) bool { return false })),
			jx("bool Equals(JValue other)", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
				return types.Bool(j.EqualTo(t, a[0].Ref))
			})),
			jx("bool Equals(object obj)", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
				return types.Bool(j.EqualTo(t, a[0].Ref))
			})),
			jx("int GetHashCode()", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value { return types.Int(int64(j.HashCode(t))) })),
			jx("int CompareTo(JValue obj)", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value { return compareBoxed(t, j, a[0].Ref) })),
			jx("string ToString()", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value { return refOrNull(j.ToStr(t)) })),
			jx("string ToString(System.IFormatProvider formatProvider)", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value { return refOrNull(j.ToStr(t)) })),
			jx("string ToString(string format)", withThread(valueFormat)),
			jx("string ToString(string format, System.IFormatProvider formatProvider)", withThread(valueFormat)),
			jx("static JValue CreateComment(string value)", valueFactory(jComment)),
			jx("static JValue CreateString(string value)", valueFactory(jString)),
			jx("static JValue CreateNull()", valueFactory(jNull)),
			jx("static JValue CreateUndefined()", valueFactory(jUndefined)),
		})...)
}

func valueFormat(t *types.Thread, j *JToken, a []types.Value) types.Value {
	return refOrNull(j.Format(t, goString(a[0].Str())))
}

func valueConstructors() []types.MemberDecl {
	out := []types.MemberDecl{jx("new(JValue other)", cloneConstructor()),
		jx("new(System.DateTimeOffset value)", valueConstructor(types.Object_)), jx("new(System.Uri value)", valueConstructor(types.Object_))}
	for cs, typ := range map[string]*types.Type{"System.DateTime": types.DateTimeType, "System.Guid": types.GuidType, "System.TimeSpan": types.TimeSpanType,
		"bool": types.BoolType, "char": types.CharType, "decimal": types.DecimalType, "double": types.DoubleType, "float": types.SingleType,
		"long": types.Int64Type, "object": types.Object_, "string": types.StringType, "ulong": types.UInt64Type} {
		out = append(out, jx("new("+cs+" value)", valueConstructor(typ)))
	}
	slices.SortFunc(out, func(a, b types.MemberDecl) int { return strings.Compare(a.Signature, b.Signature) })
	return out
}

func rawDecl() *types.Decl {
	return jt("class Newtonsoft.Json.Linq.JRaw : JValue",
		jx("new(JRaw other)", cloneConstructor()),
		jx("new(object rawJson)", valueFactory(jRaw)))
}
