package clr

import "github.com/postern-gateway/postern/csharp/types"

// jsonItems enumerates a container's children and notices when they change.
type jsonItems struct {
	j       *JToken
	version int
	i       int
	of      func(*JToken) types.Value
}

func (e *jsonItems) MoveNext(t *types.Thread) bool {
	t.Step(1)
	if e.version != e.j.version {
		throwModified()
	}
	if e.i < len(e.j.items) {
		e.i++
	}
	return e.i < len(e.j.items)
}

func (e *jsonItems) Current() types.Value {
	if e.i < 0 || e.i >= len(e.j.items) {
		return types.Null
	}
	return e.of(e.j.items[e.i])
}

func (e *jsonItems) Dispose(*types.Thread) {}

func asToken(j *JToken) types.Value { return types.Ref(j) }

// tokenRef is a reference to a token, null for nil.
func tokenRef(j *JToken) types.Value {
	if j == nil {
		return types.Null
	}
	return types.Ref(j)
}

// Enumerate goes over the children.
func (j *JToken) Enumerate(*types.Thread) types.Enumerator {
	return &jsonItems{j: j, version: j.version, i: -1, of: asToken}
}

// ElementType is JToken.
func (j *JToken) ElementType() *types.Type { return jTokenType() }

var jsonPairType = lateOnce(func() *types.Type { return types.KeyValuePairDef.Of(types.StringType, jTokenType()) })

func pairOfProperty(p *JToken) types.Value {
	return types.Value{Ref: &keyValue{typ: jsonPairType(), key: types.Ref(p.name), value: tokenRef(p.propertyValue())}}
}

// EnumerateAs goes over an object's properties as pairs where that is asked for.
func (j *JToken) EnumerateAs(_ *types.Thread, elem *types.Type) types.Enumerator {
	if j.kind == jObject && elem == jsonPairType() {
		return &jsonItems{j: j, version: j.version, i: -1, of: pairOfProperty}
	}
	return nil
}

// Count is the number of children.
func (j *JToken) Count(*types.Thread) int { return len(j.items) }

// At is the i-th child.
func (j *JToken) At(_ *types.Thread, i int) types.Value {
	if i < 0 || i >= len(j.items) {
		throwIndex()
	}
	return types.Ref(j.items[i])
}

// Contains looks for a child, by identity; for an object's pair, by name and value.
func (j *JToken) Contains(_ *types.Thread, v types.Value) bool {
	if p, ok := v.Ref.(*keyValue); ok {
		found := j.get(goString(p.key.Str()))
		return found != nil && p.value.Ref == any(found)
	}
	x, _ := v.Ref.(*JToken)
	return x != nil && j.indexOf(x) >= 0
}

// Append is ICollection.Add.
func (j *JToken) Append(t *types.Thread, v types.Value) {
	if p, ok := v.Ref.(*keyValue); ok {
		j.AddNew(t, p.key, p.value)
		return
	}
	x, _ := v.Ref.(*JToken)
	j.append(t, x)
}

// Delete is ICollection.Remove.
func (j *JToken) Delete(t *types.Thread, v types.Value) bool {
	if p, ok := v.Ref.(*keyValue); ok {
		return j.Contains(t, v) && j.DeleteKey(t, p.key)
	}
	x, _ := v.Ref.(*JToken)
	at := j.indexOf(x)
	if at >= 0 {
		j.removeAt(at)
	}
	return at >= 0
}

// Clear takes out all children.
func (j *JToken) Clear(*types.Thread) { j.clear() }

// SetAt replaces the i-th child.
func (j *JToken) SetAt(t *types.Thread, i int, v types.Value) {
	x, _ := v.Ref.(*JToken)
	j.set(t, i, x)
}

// InsertAt puts a child in.
func (j *JToken) InsertAt(t *types.Thread, i int, v types.Value) {
	x, _ := v.Ref.(*JToken)
	chargeClone(t, x)
	j.insert(i, x, false)
}

// DeleteAt takes the i-th child out.
func (j *JToken) DeleteAt(_ *types.Thread, i int) { j.removeAt(i) }

// Lookup finds an object's value by name.
func (j *JToken) Lookup(_ *types.Thread, key types.Value) (types.Value, bool) {
	v := j.get(nameArg(key.Str(), "key"))
	return tokenRef(v), v != nil
}

func nameArg(name *types.String, param string) string {
	if name == nil {
		types.ThrowNull(param)
	}
	return name.Go()
}

// KeySequence are an object's names.
func (j *JToken) KeySequence(t *types.Thread) types.Value {
	names := make([]types.Value, len(j.items))
	for i, p := range j.items {
		names[i] = types.Ref(p.name)
	}
	return newListOf(t, types.StringType, names)
}

// ValueSequence are an object's values.
func (j *JToken) ValueSequence(t *types.Thread) types.Value {
	values := make([]types.Value, len(j.items))
	for i, p := range j.items {
		values[i] = tokenRef(p.propertyValue())
	}
	return newListOf(t, jTokenType(), values)
}

// newListOf is a List<elem> of items.
func newListOf(t *types.Thread, elem *types.Type, items []types.Value) types.Value {
	array := types.Ref(&types.Array{T: types.ArrayOf(elem, 1), Items: items})
	return callLibrary(t, listDef.of(elem), ".ctor", []*types.Type{types.IEnumerableDef.Of(elem)}, array)
}

// Put is the indexer's setter by name.
func (j *JToken) Put(t *types.Thread, key, value types.Value) {
	v, _ := value.Ref.(*JToken)
	j.putNamed(t, key.Str(), v)
}

func (j *JToken) putNamed(t *types.Thread, name *types.String, v *JToken) {
	if p := j.property(nameArg(name, "propertyName")); p != nil {
		p.setValue(t, v)
		return
	}
	j.append(t, newProperty(t, name, tokenOrNil(v)))
}

// tokenOrNil is v as an object, nil for none.
func tokenOrNil(v *JToken) any {
	if v == nil {
		return nil
	}
	return v
}

// newProperty is new JProperty(name, content).
func newProperty(t *types.Thread, name *types.String, content any) *JToken {
	p := &JToken{kind: jProperty, name: types.NewString(nameArg(name, "name"))}
	var v *JToken
	if isMulti(content) {
		v = &JToken{kind: jArray}
		v.addContent(t, 0, content)
	} else {
		v = contentToken(content)
	}
	p.append(t, v)
	return p
}

// AddNew is Add(name, value).
func (j *JToken) AddNew(t *types.Thread, key, value types.Value) {
	v, _ := value.Ref.(*JToken)
	j.append(t, newProperty(t, key.Str(), tokenOrNil(v)))
}

// DeleteKey removes a property by name.
func (j *JToken) DeleteKey(_ *types.Thread, key types.Value) bool {
	p := j.property(nameArg(key.Str(), "propertyName"))
	if p == nil {
		return false
	}
	j.removeAt(j.indexOf(p))
	return true
}

// jsonSeq is a lazy IEnumerable<elem> of tokens, or an IJEnumerable or JEnumerable.
type jsonSeq struct {
	typ, elem *types.Type
	list      func(t *types.Thread) []*JToken
	// live, if set, is a container whose children are enumerated as they are.
	live *JToken
}

func (s *jsonSeq) ClrType() *types.Type     { return s.typ }
func (s *jsonSeq) ElementType() *types.Type { return s.elem }

func (s *jsonSeq) Enumerate(t *types.Thread) types.Enumerator {
	if s.live != nil {
		return s.live.Enumerate(t)
	}
	found := s.list(t)
	values := make([]types.Value, len(found))
	for i, j := range found {
		values[i] = tokenRef(j)
	}
	return newItems(values)
}

var (
	jEnumerableDef  = newLateGeneric("Newtonsoft.Json.Linq.JEnumerable", 1)
	iJEnumerableDef = newLateGeneric("Newtonsoft.Json.Linq.IJEnumerable", 1)
)

// tokensOf is an IEnumerable<JToken> of what list gives when it is enumerated.
func tokensOf(elem *types.Type, list func(t *types.Thread) []*JToken) types.Value {
	return types.Ref(&jsonSeq{typ: enumerableType.of(elem), elem: elem, list: list})
}

// jEnumerable is a JEnumerable<elem>.
func jEnumerable(elem *types.Type, list func(t *types.Thread) []*JToken) types.Value {
	return types.Value{Ref: &jsonSeq{typ: jEnumerableDef.of(elem), elem: elem, list: list}}
}

// childrenOf is Children().
func childrenOf(j *JToken) types.Value {
	return types.Value{Ref: &jsonSeq{typ: jEnumerableDef.of(jTokenType()), elem: jTokenType(), live: j}}
}
