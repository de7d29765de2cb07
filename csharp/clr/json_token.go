package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// objectKey is how Json.NET shows an indexer's key in messages.
func objectKey(t *types.Thread, o any) string {
	switch x := o.(type) {
	case nil:
		return "{null}"
	case *types.String:
		return `"` + x.Go() + `"`
	}
	return goString(objectToString(t, o))
}

// at is the token's indexer this[object key].
func (j *JToken) at(t *types.Thread, key any) *JToken {
	if key == nil && j.isContainer() && j.kind != jProperty {
		types.ThrowNull("key")
	}
	switch j.kind {
	case jObject:
		name, ok := key.(*types.String)
		if !ok {
			j.badKey(t, "Accessed", key)
		}
		return j.get(name.Go())
	case jArray, jConstructor:
		i, ok := key.(int32)
		if !ok {
			j.badKey(t, "Accessed", key)
		}
		if i < 0 || int(i) >= len(j.items) {
			throwIndex()
		}
		return j.items[i]
	}
	types.Throw(types.InvalidOperationException, "Cannot access child value on "+j.ClrType().FullName()+".")
	return nil
}

func (j *JToken) badKey(t *types.Thread, verb string, key any) {
	want := map[jsonKind]string{jObject: "Object property name", jArray: "Int32 array index", jConstructor: "Argument position index"}[j.kind]
	types.Throw(types.ArgumentException, verb+" "+j.typeName()+" values with invalid key value: "+objectKey(t, key)+". "+want+" expected.")
}

// put is the indexer's setter.
func (j *JToken) put(t *types.Thread, key any, v *JToken) {
	if key == nil && j.isContainer() && j.kind != jProperty {
		types.ThrowNull("key")
	}
	switch j.kind {
	case jObject:
		name, ok := key.(*types.String)
		if !ok {
			j.badKey(t, "Set", key)
		}
		j.putNamed(t, name, v)
	case jArray, jConstructor:
		i, ok := key.(int32)
		if !ok {
			j.badKey(t, "Set", key)
		}
		j.set(t, int(i), v)
	default:
		types.Throw(types.InvalidOperationException, "Cannot set child value on "+j.ClrType().FullName()+".")
	}
}

// end is First or Last.
func (j *JToken) end(last bool) *JToken {
	switch {
	case !j.isContainer():
		types.Throw(types.InvalidOperationException, "Cannot access child value on "+j.ClrType().FullName()+".")
	case len(j.items) == 0:
		return nil
	case last:
		return j.items[len(j.items)-1]
	}
	return j.items[0]
}

func (j *JToken) ancestors(self bool) (out []*JToken) {
	x := j.parent
	if self {
		x = j
	}
	for ; x != nil; x = x.parent {
		out = append(out, x)
	}
	return out
}

func (j *JToken) descendants(t *types.Thread, self bool) (out []*JToken) {
	if self {
		out = append(out, j)
	}
	j.each(t, func(x *JToken) { out = append(out, x) })
	return out
}

// needParent is the parent, without which some operations cannot be.
func (j *JToken) needParent() *JToken {
	if j.parent == nil {
		types.Throw(types.InvalidOperationException, "The parent is missing.")
	}
	return j.parent
}

func (j *JToken) removeSelf() { j.needParent().removeAt(j.position()) }

func (j *JToken) replace(t *types.Thread, v *JToken) { j.needParent().set(t, j.position(), v) }

// replaceContent makes o the only content.
func (j *JToken) replaceContent(t *types.Thread, o any) {
	j.clear()
	j.addContent(t, 0, o)
}

// merge puts the content of another container into this one.
func (j *JToken) merge(t *types.Thread, o any) {
	if o == nil {
		return
	}
	other, ok := o.(*JToken)
	switch {
	case ok:
	case isMulti(o):
		other = &JToken{kind: jArray}
		other.addContent(t, 0, o)
	default:
		types.ThrowArgument(types.ArgumentException, "Could not determine JSON object type for type "+types.TypeOf(o).FullName()+".", "content")
	}
	switch {
	case j.kind == jObject && other.kind == jObject:
		j.mergeObject(t, other)
	case j.kind == jObject || j.kind == jConstructor && other.kind != jConstructor:
	case j.kind == jProperty:
		if v := other; v.kind == jProperty && v.propertyValue() != nil && v.propertyValue().kind != jNull {
			j.setValue(t, v.propertyValue())
		}
	case other.isContainer():
		for _, x := range slices.Clone(other.items) {
			j.append(t, x)
		}
	}
}

func (j *JToken) mergeObject(t *types.Thread, other *JToken) {
	for _, p := range slices.Clone(other.items) {
		t.Step(1)
		v := p.propertyValue()
		mine := j.property(p.name.Go())
		switch {
		case mine == nil:
			j.append(t, newProperty(t, p.name, tokenOrNil(v)))
		case v == nil || v.kind == jNull:
		case mine.propertyValue() == nil || !mine.propertyValue().isContainer() || mine.propertyValue().kind != v.kind:
			mine.setValue(t, v)
		default:
			mine.propertyValue().merge(t, v)
		}
	}
}

// valuesOf are the children converted: Values<T>().
func valuesOf(t *types.Thread, j *JToken, to *types.Type) types.Value {
	if !j.isContainer() {
		types.Throw(types.InvalidOperationException, "Cannot access child value on "+j.ClrType().FullName()+".")
	}
	return types.Ref(newSequence(to, func(*types.Thread) types.Enumerator {
		return &jsonItems{j: j, version: j.version, i: -1, of: func(x *JToken) types.Value { return convertToken(t, x, to) }}
	}))
}

func tokenMember[R any](f func(*JToken) R) types.Impl { return types.I0(f) }

// listMember is a member that gives a lazy IEnumerable<JToken>.
func listMember(f func(t *types.Thread, j *JToken) []*JToken) types.Impl {
	return types.I0(func(j *JToken) types.Value {
		return tokensOf(jTokenType(), func(t *types.Thread) []*JToken { return f(t, j) })
	})
}

func voidMember(f func(t *types.Thread, j *JToken, a []types.Value)) types.Impl {
	return withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
		f(t, j, a)
		return types.Value{}
	})
}

// tokenArg is a token argument, nil for null.
func tokenArg(v types.Value) *JToken {
	j, _ := v.Ref.(*JToken)
	return j
}

// parser is a static Parse of a class.
func parser(kind jsonKind) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		return types.Ref(parseJSON(t, a[0].Str(), kind, defaultLoad))
	})
}

func fromObjectImpl(kind jsonKind) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		return types.Ref(fromObject(t, a[0].Ref, kind))
	})
}

// tokenIndexer is the indexer by object, as every class of tokens declares it.
func tokenIndexer() types.MemberDecl {
	return jx("JToken this[object key] { get; set; }", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
		return tokenRef(j.at(t, a[0].Ref))
	}).WithSet(setter(func(t *types.Thread, j *JToken, a []types.Value) { j.put(t, a[0].Ref, tokenArg(a[1])) })))
}

func typeMember() types.MemberDecl {
	return jx("JTokenType Type { get; }", types.I0(func(j *JToken) int32 { return int32(j.kind) }))
}

func tokenDecl() *types.Decl {
	return jt("abstract class Newtonsoft.Json.Linq.JToken : IJEnumerable<JToken>, IEnumerable<JToken>, System.Collections.IEnumerable, System.ICloneable",
		slices.Concat([]types.MemberDecl{typeMember(), tokenIndexer()}, tokenPlaces(), tokenSelection(), tokenChanges(), tokenStatics(), tokenCasts())...)
}

func tokenPlaces() []types.MemberDecl {
	return []types.MemberDecl{
		jx("JContainer Parent { get; }", tokenMember(func(j *JToken) *JToken { return j.parent })),
		jx("JToken Root { get; }", tokenMember((*JToken).root)),
		jx("JToken First { get; }", tokenMember(func(j *JToken) *JToken { return j.end(false) })),
		jx("JToken Last { get; }", tokenMember(func(j *JToken) *JToken { return j.end(true) })),
		jx("JToken Next { get; }", tokenMember(func(j *JToken) *JToken { return j.sibling(1) })),
		jx("JToken Previous { get; }", tokenMember(func(j *JToken) *JToken { return j.sibling(-1) })),
		jx("string Path { get; }", tokenMember(func(j *JToken) *types.String { return types.NewString(j.path()) })),
		jx("bool HasValues { get; }", tokenMember(func(j *JToken) bool { return len(j.items) > 0 })),
		jx("JEnumerable<JToken> Children()", types.I0(childrenOf)),
		jx("JEnumerable<T> Children<T>() where T : JToken", types.Generic(func(_ *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			j := tokenReceiver(this)
			return jEnumerable(targs[0], func(*types.Thread) []*JToken { return ofType(j.items, targs[0]) })
		})),
		jx("IEnumerable<T> Values<T>()", types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			return valuesOf(t, tokenReceiver(this), targs[0])
		})),
		jx("IEnumerable<JToken> Ancestors()", listMember(func(_ *types.Thread, j *JToken) []*JToken { return j.ancestors(false) })),
		jx("IEnumerable<JToken> AncestorsAndSelf()", listMember(func(_ *types.Thread, j *JToken) []*JToken { return j.ancestors(true) })),
		jx("IEnumerable<JToken> AfterSelf()", listMember(func(_ *types.Thread, j *JToken) []*JToken {
			if i := j.position(); i >= 0 {
				return slices.Clone(j.parent.items[i+1:])
			}
			return nil
		})),
		jx("IEnumerable<JToken> BeforeSelf()", listMember(func(_ *types.Thread, j *JToken) []*JToken {
			if i := j.position(); i >= 0 {
				return slices.Clone(j.parent.items[:i])
			}
			return nil
		})),
	}
}

func tokenReceiver(this types.Value) *JToken {
	j, ok := receiverObject(this).(*JToken)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(this.Ref), jTokenType())
	}
	return j
}

func ofType(list []*JToken, typ *types.Type) (out []*JToken) {
	for _, x := range list {
		if types.IsInstance(x, typ) {
			out = append(out, x)
		}
	}
	return out
}

func selectOne(fail bool) types.Impl {
	return withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
		return tokenRef(selectToken(t, j, a[0].Str(), fail || len(a) > 1 && a[1].Bool()))
	})
}

func selectMany() types.Impl {
	return withThread(func(_ *types.Thread, j *JToken, a []types.Value) types.Value {
		steps, fail := parsePath(a[0].Str()), len(a) > 1 && a[1].Bool()
		return tokensOf(jTokenType(), func(t *types.Thread) []*JToken { return selectTokens(t, steps, j, j, fail) })
	})
}

func tokenSelection() []types.MemberDecl {
	return []types.MemberDecl{
		jx("JToken SelectToken(string path)", selectOne(false)),
		jx("JToken SelectToken(string path, bool errorWhenNoMatch)", selectOne(false)),
		jx("IEnumerable<JToken> SelectTokens(string path)", selectMany()),
		jx("IEnumerable<JToken> SelectTokens(string path, bool errorWhenNoMatch)", selectMany()),
		jx("T Value<T>(object key)", types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, a []types.Value) types.Value {
			return convertToken(t, tokenReceiver(this).at(t, a[0].Ref), targs[0])
		})),
		jx("T ToObject<T>()", types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			return tokenReceiver(this).toObject(t, targs[0])
		})),
		jx("object ToObject(System.Type objectType)", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
			rt, ok := a[0].Ref.(*types.RuntimeType)
			if !ok {
				types.ThrowNull("objectType")
			}
			return types.Value{Ref: types.Box(rt.T, j.toObject(t, rt.T))}
		})),
		jx("string ToString(Formatting formatting)", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
			return types.Ref(j.jsonText(t, a[0].Num != 0))
		})),
		jx("string ToString(Formatting formatting, params JsonConverter[] converters)", withThread(func(t *types.Thread, j *JToken, a []types.Value) types.Value {
			return types.Ref(j.jsonText(t, a[0].Num != 0))
		})),
		jx("string ToString()", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value { return refOrNull(j.ToStr(t)) })),
	}
}

func tokenChanges() []types.MemberDecl {
	return []types.MemberDecl{
		jx("JToken DeepClone()", withThread(func(t *types.Thread, j *JToken, _ []types.Value) types.Value {
			t.Alloc(j.size() * 160)
			return types.Ref(j.clone())
		})),
		jx("void Remove()", voidMember(func(_ *types.Thread, j *JToken, _ []types.Value) { j.removeSelf() })),
		jx("void Replace(JToken value)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) { j.replace(t, tokenArg(a[0])) })),
		jx("void AddAfterSelf(object content)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) {
			j.needParent().addContent(t, j.position()+1, a[0].Ref)
		})),
		jx("void AddBeforeSelf(object content)", voidMember(func(t *types.Thread, j *JToken, a []types.Value) {
			j.needParent().addContent(t, j.position(), a[0].Ref)
		})),
		jx("void AddAnnotation(object annotation)", voidMember(func(_ *types.Thread, j *JToken, a []types.Value) {
			need(a[0], "annotation")
			j.notes = append(j.notes[:len(j.notes):len(j.notes)], a[0].Ref)
		})),
		jx("T Annotation<T>() where T : class", types.Generic(func(_ *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			for _, n := range tokenReceiver(this).notes {
				if types.IsInstance(n, targs[0]) {
					return types.Ref(n)
				}
			}
			return types.Null
		})),
		jx("void RemoveAnnotations<T>() where T : class", types.Generic(func(_ *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			j := tokenReceiver(this)
			j.notes = slices.DeleteFunc(slices.Clone(j.notes), func(n any) bool { return types.IsInstance(n, targs[0]) })
			return types.Value{}
		})),
	}
}

func tokenStatics() []types.MemberDecl {
	return []types.MemberDecl{
		jx("static JToken Parse(string json)", parser(jNone)),
		jx("static JToken FromObject(object o)", fromObjectImpl(jNone)),
		jx("static bool DeepEquals(JToken t1, JToken t2)", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			return types.Bool(tokenArg(a[0]).deepEqual(t, tokenArg(a[1])))
		})),
	}
}

// tokenCasts are the conversions of a JToken to values, explicit, and of values to a JToken, implicit.
func tokenCasts() []types.MemberDecl {
	var out []types.MemberDecl
	for i := range jsonCasts {
		c := &jsonCasts[i]
		explicit := func(nullable bool) types.Impl {
			return types.Impl{F1: func(t *types.Thread, _, v types.Value) types.Value { return c.cast(t, tokenArg(v), nullable) },
				Fn: func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
					return c.cast(t, tokenArg(a[0]), nullable)
				}}
		}
		implicit := func(nullable bool) types.Impl {
			return types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
				return types.Ref(implicitToken(c, a[0], nullable))
			})
		}
		out = append(out, jx("static explicit operator "+c.cs+"(JToken value)", explicit(false)))
		if !c.reference {
			out = append(out, jx("static explicit operator "+c.cs+"?(JToken value)", explicit(true)))
		}
		if c.cs == "char" {
			continue // there is no way back
		}
		out = append(out, jx("static implicit operator "+jsonLinq+"JToken("+c.cs+" value)", implicit(false)))
		if !c.reference {
			out = append(out, jx("static implicit operator "+jsonLinq+"JToken("+c.cs+"? value)", implicit(true)))
		}
	}
	return out
}

// implicitToken is the JValue that a value converts to: integers become long, but ulong stays.
func implicitToken(c *jsonCast, v types.Value, nullable bool) *JToken {
	typ := c.typ()
	if nullable || c.reference {
		if v.Ref == nil {
			if c.cs == "string" {
				return &JToken{kind: jString}
			}
			return newNull()
		}
	}
	if nullable && v.Ref == types.Present {
		v.Ref = nil
	}
	o := types.Box(typ, v)
	switch o.(type) {
	case int8, int16, int32, uint8, uint16, uint32:
		if !nullable {
			return &JToken{kind: jInteger, value: int64(types.Unbox(o).Num)}
		}
	}
	return newValue(o)
}
