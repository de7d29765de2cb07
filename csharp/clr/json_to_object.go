package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// jsonDecoder makes objects of JSON: JsonSerializerInternalReader.
type jsonDecoder struct {
	t *types.Thread
	s jsonSource
}

func (d *jsonDecoder) fail(message string) {
	types.Throw(jsonSerializationExceptionType(), d.s.where(message))
}

// wanted is how a value of a type is read.
func wanted(typ *types.Type) readAs {
	if u, ok := typ.IsNullable(); ok {
		typ = u
	}
	switch typ {
	case types.Int32Type:
		return readInt
	case types.DecimalType:
		return readDecimal
	case types.DoubleType:
		return readDouble
	case types.StringType:
		return readText
	case types.BoolType:
		return readBool
	case types.DateTimeType:
		return readDate
	case types.ByteArray:
		return readBytes
	}
	if typ == dateTimeOffsetType() {
		return readOffset
	}
	return readAny
}

// next reads the next token that is not a comment, as a value of typ.
func (d *jsonDecoder) next(typ *types.Type) bool {
	as := wanted(typ)
	for d.s.readAs(as) {
		if kind, _ := d.s.token(); kind != tokComment {
			return true
		}
	}
	return false
}

// document reads a whole document; whole tells that nothing may follow it.
func (d *jsonDecoder) document(typ *types.Type, whole bool) types.Value {
	if !d.next(typ) {
		_, nullable := typ.IsNullable()
		if typ.IsValue() && !nullable {
			d.fail("No JSON content found and type '" + typ.FullName() + "' is not nullable.")
		}
		return types.Null
	}
	v := d.value(typ)
	for whole && d.s.readAs(readAny) {
		if kind, _ := d.s.token(); kind != tokComment {
			d.fail("Additional text found in JSON string after finishing deserializing object.")
		}
	}
	return v
}

func isJToken(typ *types.Type) bool { return typ.Kind == types.Class && typ.DerivesFrom(jTokenType()) }

// value makes a Value of typ of the present token.
func (d *jsonDecoder) value(typ *types.Type) types.Value {
	d.t.Enter()
	defer d.t.Leave()
	kind, v := d.s.token()
	if isJToken(typ) {
		return d.tokenValue(typ, kind)
	}
	switch kind {
	case tokStartObject:
		if typ == types.Object_ {
			return types.Ref(d.s.take())
		}
		return d.object(typ)
	case tokStartArray:
		if typ == types.Object_ {
			return types.Ref(d.s.take())
		}
		return d.list(typ)
	case tokNull, tokUndefined:
		v = nil
	case tokString, tokInteger, tokFloat, tokBoolean, tokDate, tokBytes, tokRaw:
	default:
		d.fail("Unexpected token while deserializing object: " + kind.String() + ".")
	}
	return d.scalar(typ, v)
}

func (d *jsonDecoder) tokenValue(typ *types.Type, kind jsonTokenKind) types.Value {
	if kind == tokNull && typ != jTokenType() && typ != jValueType() {
		return types.Null
	}
	j := d.s.take()
	if !types.IsInstance(j, typ) {
		d.fail("Deserialized JSON type '" + j.ClrType().FullName() + "' is not compatible with expected type '" + typ.FullName() + "'.")
	}
	return types.Ref(j)
}

// scalar converts a value that JSON has to a type: EnsureType.
func (d *jsonDecoder) scalar(typ *types.Type, v any) types.Value {
	target, nullable := typ.IsNullable()
	if !nullable {
		target = typ
	}
	if s, ok := v.(*types.String); ok && s.Len() == 0 && nullable {
		v = nil
	}
	if v == nil {
		if typ.IsValue() && !nullable {
			d.fail("Error converting value {null} to type '" + typ.FullName() + "'.")
		}
		return types.Null
	}
	if types.IsInstance(v, target) {
		return d.wrap(typ, target, v)
	}
	var out any
	message := "Error converting value " + printValue(d.t, v) + " to type '" + typ.FullName() + "'."
	if e := catchException(func() { out = d.convert(target, v) }); e != nil {
		panic(&types.Exception{T: jsonSerializationExceptionType(), Text: types.NewString(d.s.where(message)), Inner: e})
	}
	return d.wrap(typ, target, out)
}

func (d *jsonDecoder) wrap(typ, target *types.Type, o any) types.Value {
	if !typ.IsValue() {
		return types.Value{Ref: o}
	}
	v := types.UnboxTo(o, target)
	if typ != target {
		return types.Some(target, v)
	}
	return v
}

// catchException runs f and gives the .NET exception that it throws, nil if none.
func catchException(f func()) (e *types.Exception) {
	defer func() {
		if p := recover(); p != nil {
			x, ok := p.(*types.Exception)
			if !ok {
				panic(p)
			}
			e = x
		}
	}()
	f()
	return nil
}

func printValue(t *types.Thread, v any) string {
	if s, ok := v.(*types.String); ok {
		return `"` + s.Go() + `"`
	}
	return invariantString(t, v)
}

func (d *jsonDecoder) convert(target *types.Type, v any) any {
	s, isText := v.(*types.String)
	switch {
	case target.Kind == types.EnumKind && isText:
		return callLibrary(d.t, types.EnumBase, "Parse", []*types.Type{types.TypeType, types.StringType, types.BoolType},
			types.Ref(target.Object()), types.Ref(s), types.Bool(true)).Ref
	case target.Kind == types.EnumKind:
		return types.Box(target, types.Int(convertTo(d.t, "ToInt64", v).Int64()))
	case target == types.GuidType || target == types.TimeSpanType || target == uriType() || target == dateTimeOffsetType():
		for i := range jsonCasts {
			if jsonCasts[i].typ() == target {
				return types.Box(target, jsonCasts[i].to(d.t, v))
			}
		}
	}
	if b, ok := v.(bigInteger); ok {
		if c, _ := castFor(target); c != nil {
			return types.Box(target, c.to(d.t, b))
		}
	}
	if _, number := v.(float64); number && target == types.SingleType {
		return convertTo(d.t, "ToSingle", v).Float32()
	}
	return changeType(d.t, v, target)
}

const (
	expectObject    = `JSON object (e.g. {"name":"value"})`
	expectArray     = `JSON array (e.g. [1,2,3])`
	expectPrimitive = `JSON primitive value (e.g. string, number, boolean, null)`
)

// expected describes the JSON that a type is made of.
func expected(typ *types.Type) string {
	switch {
	case listElement(typ) != nil:
		return expectArray
	case typ == types.StringType, typ.Kind == types.EnumKind, typ.Kind == types.Struct && !typ.IsTuple() && typ.Def != types.KeyValuePairDef:
		return expectPrimitive
	}
	return expectObject
}

// listElement is the element type of a type that is made of an array; nil for others.
func listElement(typ *types.Type) *types.Type {
	if typ.Kind == types.ArrayKind {
		return typ.Elem
	}
	if typ.Def == nil || len(typ.Args) != 1 {
		return nil
	}
	switch typ.Def.FullName() {
	case "System.Collections.Generic.List`1", "System.Collections.Generic.IList`1", "System.Collections.Generic.ICollection`1",
		"System.Collections.Generic.IEnumerable`1", "System.Collections.Generic.IReadOnlyList`1", "System.Collections.Generic.IReadOnlyCollection`1",
		"System.Collections.Generic.HashSet`1", "System.Collections.Generic.ISet`1", "System.Collections.Generic.Queue`1",
		"System.Collections.Generic.Stack`1":
		return typ.Args[0]
	}
	return nil
}

var (
	listDef       = newLateGeneric("System.Collections.Generic.List", 1)
	hashSetDef    = newLateGeneric("System.Collections.Generic.HashSet", 1)
	dictionaryDef = newLateGeneric("System.Collections.Generic.Dictionary", 2)
)

func (d *jsonDecoder) list(typ *types.Type) types.Value {
	elem := listElement(typ)
	if elem == nil {
		what := expected(typ)
		d.fail("Cannot deserialize the current JSON array (e.g. [1,2,3]) into type '" + typ.FullName() + "' because the type requires a " + what +
			" to deserialize correctly.\nTo fix this error either change the JSON to a " + what + " or change the deserialized type to an array or a type that" +
			" implements a collection interface (e.g. ICollection, IList) like List<T> that can be deserialized from a JSON array. JsonArrayAttribute can also be" +
			" added to the type to force it to deserialize from a JSON array.\n")
	}
	var items []types.Value
	for {
		if !d.next(elem) {
			d.fail("Unexpected end when deserializing array.")
		}
		if kind, _ := d.s.token(); kind == tokEndArray {
			break
		}
		d.t.Alloc(24)
		items = append(items, d.value(elem))
	}
	return d.collection(typ, elem, items)
}

// collection makes the collection of a type of its elements.
func (d *jsonDecoder) collection(typ, elem *types.Type, items []types.Value) types.Value {
	if typ == types.ByteArray {
		b := make([]byte, len(items))
		for i, v := range items {
			b[i] = byte(v.Num)
		}
		return types.Ref(&types.Bytes{B: b})
	}
	if typ.Kind == types.ArrayKind {
		return types.Ref(&types.Array{T: typ, Items: items})
	}
	made := listDef.of(elem)
	switch typ.Def.Name {
	case "HashSet", "ISet":
		made = hashSetDef.of(elem)
	case "Queue", "Stack":
		array := types.Ref(&types.Array{T: types.ArrayOf(elem, 1), Items: items})
		return callLibrary(d.t, typ, ".ctor", []*types.Type{types.IEnumerableDef.Of(elem)}, array)
	}
	out := callLibrary(d.t, made, ".ctor", nil)
	add := libraryMember(made, "Add", elem)
	for _, v := range items {
		add.Get(d.t, out, []types.Value{v})
	}
	return out
}

// object makes an object of the members of a JSON object.
func (d *jsonDecoder) object(typ *types.Type) types.Value {
	if !d.s.readAs(readAny) {
		d.fail("Unexpected end when reading JSON.")
	}
	if u, ok := typ.IsNullable(); ok {
		return types.Some(u, d.object2(u))
	}
	return d.object2(typ)
}

func (d *jsonDecoder) object2(typ *types.Type) types.Value {
	switch {
	case typ.Anon != nil:
		items := d.named(typ.Anon, typ.Args)
		return types.Ref(&types.AnonObject{T: typ.Erased(), Items: items})
	case typ.IsTuple():
		return types.Value{Ref: &types.TupleValue{T: typ.Erased(), Items: d.named(itemNames(len(typ.Args)), typ.Args)}}
	case typ.Def == types.KeyValuePairDef:
		items := d.named([]string{"Key", "Value"}, typ.Args)
		return callLibrary(d.t, typ, ".ctor", typ.Args, items...)
	case dictionaryPair(typ) != nil:
		return d.dictionary(dictionaryPair(typ))
	case listElement(typ) != nil, expected(typ) == expectPrimitive:
		what := expected(typ)
		d.fail(`Cannot deserialize the current JSON object (e.g. {"name":"value"}) into type '` + typ.FullName() + "' because the type requires a " + what +
			" to deserialize correctly.\nTo fix this error either change the JSON to a " + what + " or change the deserialized type so that it is a normal .NET type" +
			" (e.g. not a primitive type like integer, not a collection type like an array or List<T>) that can be deserialized from a JSON object." +
			" JsonObjectAttribute can also be added to the type to force it to deserialize from a JSON object.\n")
	}
	d.fail("Unable to find a constructor to use for type " + typ.FullName() + ". A class should either have a default constructor, one constructor with" +
		" arguments or a constructor marked with the JsonConstructor attribute.")
	return types.Null
}

// members calls f with the name of each member; the value is the next token, which f must read.
func (d *jsonDecoder) members(f func(name string)) {
	for {
		kind, v := d.s.token()
		switch kind {
		case tokEndObject:
			return
		case tokPropertyName:
			f(v.(*types.String).Go())
		case tokComment:
		default:
			d.fail("Unexpected token when deserializing object: " + kind.String() + ".")
		}
		if !d.s.readAs(readAny) {
			d.fail("Unexpected end when deserializing object.")
		}
	}
}

// named reads members by name, case ignored where no name is the same; those that are missing have their type's default.
func (d *jsonDecoder) named(names []string, elems []*types.Type) []types.Value {
	items := make([]types.Value, len(names))
	d.members(func(name string) {
		at := -1
		for i, n := range names {
			if n == name || at < 0 && strings.EqualFold(n, name) {
				at = i
			}
		}
		if at < 0 {
			if d.next(types.Object_) {
				d.s.take()
			}
			return
		}
		if !d.next(elems[at]) {
			d.fail("Unexpected end when deserializing object.")
		}
		items[at] = d.value(elems[at])
	})
	return items
}

func (d *jsonDecoder) dictionary(pair *types.Type) types.Value {
	made := dictionaryDef.of(pair.Args...)
	out := callLibrary(d.t, made, ".ctor", nil)
	var set *types.Member
	for _, m := range Universe().Indexers(made) {
		if m.Impl.Set != nil && len(m.Params) == 1 && m.Params[0].Type == pair.Args[0] {
			set = m
			break
		}
	}
	d.members(func(name string) {
		key := types.Ref(types.NewString(name))
		if pair.Args[0] != types.StringType {
			key = d.key(pair.Args[0], name)
		}
		if !d.next(pair.Args[1]) {
			d.fail("Unexpected end when deserializing object.")
		}
		d.t.Alloc(64)
		set.Impl.Set(d.t, out, []types.Value{key, d.value(pair.Args[1])})
	})
	return out
}

func (d *jsonDecoder) key(typ *types.Type, name string) (v types.Value) {
	if e := catchException(func() { v = d.wrap(typ, typ, d.convert(typ, types.NewString(name))) }); e != nil {
		message := "Could not convert string '" + name + "' to dictionary key type '" + typ.FullName() + "'. Create a TypeConverter to convert from the string to the key type object."
		panic(&types.Exception{T: jsonSerializationExceptionType(), Text: types.NewString(d.s.where(message)), Inner: e})
	}
	return v
}

// toObject is JToken.ToObject.
func (j *JToken) toObject(t *types.Thread, typ *types.Type) types.Value {
	if typ.Kind == types.EnumKind && j.kind == jInteger {
		return types.Int(convertTo(t, "ToInt64", j.value).Int64())
	}
	if c, nullable := castFor(typ); c != nil && typ != types.ByteArray {
		return c.cast(t, j, nullable)
	}
	if j.kind == jProperty {
		types.Throw(jsonSerializationExceptionType(), "Unexpected token while deserializing object: PropertyName. Path '"+j.path()+"'.")
	}
	d := &jsonDecoder{t: t, s: &tokenSource{t: t, root: j}}
	return d.document(typ, false)
}
