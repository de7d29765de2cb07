package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// objectToken is what Json.NET's serializer makes of an object.
func objectToken(t *types.Thread, o any) *JToken {
	t.Enter()
	defer t.Leave()
	switch x := o.(type) {
	case nil:
		return newNull()
	case *JToken:
		return x
	case types.Char:
		return newValue(charString(x))
	case *types.Enum:
		return newValue(enumNumber(x))
	case *types.RuntimeType:
		return newValue(types.NewString(x.T.FullName()))
	case *types.AnonObject:
		return namedToken(t, x.T.Anon, x.T.Args, x.Items)
	case *types.TupleValue:
		return namedToken(t, itemNames(len(x.Items)), x.T.Args, x.Items)
	case *types.Array:
		return arrayToken(t, x)
	case *types.Exception:
		return exceptionToken(t, x)
	}
	if _, _, ok := jsonScalar(t, o); ok {
		return newValue(o)
	}
	typ := types.TypeOf(o)
	if pair := dictionaryPair(typ); pair != nil {
		return dictionaryToken(t, o, pair)
	}
	if types.IsInstance(o, types.IEnumerableType) {
		return sequenceToken(t, o)
	}
	return propertiesToken(t, o, typ)
}

// exceptionToken is an exception as ISerializable gives it.
func exceptionToken(t *types.Thread, e *types.Exception) *JToken {
	out := &JToken{kind: jObject}
	text := func(name string, s *types.String) {
		v := newNull()
		if s != nil {
			v = newValue(s)
		}
		out.appendProperty(t, name, v)
	}
	text("ClassName", types.NewString(e.T.FullName()))
	message := e.Message()
	if e.ParamName != nil {
		message = strings.TrimSuffix(message, " (Parameter '"+e.ParamName.Go()+"')")
	}
	text("Message", types.NewString(message))
	text("Data", nil)
	if e.Inner != nil {
		out.appendProperty(t, "InnerException", objectToken(t, e.Inner))
	} else {
		text("InnerException", nil)
	}
	for _, name := range []string{"HelpURL", "StackTraceString", "RemoteStackTraceString"} {
		text(name, nil)
	}
	out.appendProperty(t, "RemoteStackIndex", newValue(int32(0)))
	text("ExceptionMethod", nil)
	out.appendProperty(t, "HResult", newValue(hresult(e)))
	text("Source", nil)
	text("WatsonBuckets", nil)
	if e.T.DerivesFrom(types.ArgumentException) {
		text("ParamName", e.ParamName)
	}
	return out
}

func itemNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "Item" + itoa(i+1)
	}
	return out
}

func (j *JToken) append(t *types.Thread, item *JToken) {
	t.Step(1)
	t.Alloc(160)
	chargeClone(t, item)
	j.insert(len(j.items), item, false)
}

// appendProperty adds a property whose name is new.
func (j *JToken) appendProperty(t *types.Thread, name string, v *JToken) {
	p := &JToken{kind: jProperty, name: types.NewString(name)}
	p.append(t, v)
	j.append(t, p)
}

func namedToken(t *types.Thread, names []string, elems []*types.Type, items []types.Value) *JToken {
	out := &JToken{kind: jObject}
	for i, name := range names {
		out.appendProperty(t, name, objectToken(t, types.Box(elems[i], items[i])))
	}
	return out
}

func arrayToken(t *types.Thread, a *types.Array) *JToken {
	if len(a.Dims) < 2 {
		out := &JToken{kind: jArray}
		for _, v := range a.Items {
			out.append(t, objectToken(t, types.Box(a.T.Elem, v)))
		}
		return out
	}
	at := 0
	var level func(dims []int) *JToken
	level = func(dims []int) *JToken {
		out := &JToken{kind: jArray}
		for range dims[0] {
			if len(dims) > 1 {
				out.append(t, level(dims[1:]))
				continue
			}
			out.append(t, objectToken(t, types.Box(a.T.Elem, a.Items[at])))
			at++
		}
		return out
	}
	return level(a.Dims)
}

func sequenceToken(t *types.Thread, o any) *JToken {
	out := &JToken{kind: jArray}
	e := types.Iterate(t, o, types.Object_)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		out.append(t, objectToken(t, e.Current().Ref))
	}
	return out
}

// dictionaryPair is KeyValuePair<K, V> of a type that is a dictionary of K and V; nil for others.
func dictionaryPair(typ *types.Type) *types.Type {
	var pair *types.Type
	dictionary := false
	for _, i := range append([]*types.Type{typ}, typ.Interfaces()...) {
		if i.Def == nil {
			continue
		}
		switch name := i.Def.FullName(); {
		case name == "System.Collections.Generic.IDictionary`2", name == "System.Collections.Generic.IReadOnlyDictionary`2":
			dictionary = true
		case i.Def == types.IEnumerableDef && i.Args[0].Def == types.KeyValuePairDef:
			pair = i.Args[0]
		}
	}
	if !dictionary {
		return nil
	}
	return pair
}

func dictionaryToken(t *types.Thread, o any, pair *types.Type) *JToken {
	out := &JToken{kind: jObject}
	key, value := t.U.Members(pair, "Key")[0], t.U.Members(pair, "Value")[0]
	e := types.Iterate(t, o, pair)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		v := e.Current()
		name := jsonKeyText(t, types.Box(pair.Args[0], key.Get(t, v, nil)))
		item := objectToken(t, types.Box(pair.Args[1], value.Get(t, v, nil)))
		if p := out.property(name); p != nil {
			p.setValue(t, item)
			continue
		}
		out.appendProperty(t, name, item)
	}
	return out
}

// jsonKeyText is a dictionary's key as a property's name.
func jsonKeyText(t *types.Thread, o any) string {
	switch x := o.(type) {
	case types.DateTime:
		return jsonDate(x)
	case float64, float32:
		s, _, _ := jsonScalar(t, o)
		return s
	}
	return invariantString(t, o)
}

// propertiesToken takes the public properties and fields of an object, those of its base types first.
func propertiesToken(t *types.Thread, o any, typ *types.Type) *JToken {
	out := &JToken{kind: jObject}
	var levels []*types.Type
	for x := typ; x != nil && x != types.Object_ && x != types.ValueType; x = x.BaseType() {
		levels = append([]*types.Type{x}, levels...)
	}
	for _, x := range levels {
		if x == types.ExceptionType {
			continue
		}
		for _, m := range t.U.Table(x).All {
			if m.Static || !m.CanGet || m.Kind != types.Property && m.Kind != types.Field || out.property(m.Name) != nil {
				continue
			}
			out.appendProperty(t, m.Name, objectToken(t, types.Box(m.Result, m.Get(t, types.Unbox(o), nil))))
		}
	}
	return out
}

// fromObject is JToken.FromObject; want tells which kind it must be.
func fromObject(t *types.Thread, o any, want jsonKind) *JToken {
	if o == nil {
		types.ThrowNull("o")
	}
	j := objectToken(t, o)
	if j.parent != nil || o == any(j) {
		j = j.clone()
	}
	if want != jNone && j.kind != want {
		types.Throw(types.ArgumentException, "Object serialized to "+j.kind.String()+". J"+want.String()+" instance expected.")
	}
	return j
}
