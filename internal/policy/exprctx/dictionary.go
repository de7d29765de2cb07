package exprctx

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// dictionary is what the read-only dictionaries of the context can do; their members go through it.
type dictionary interface {
	types.Object
	// find is the value of a key.
	find(t *types.Thread, key string) (types.Value, bool)
	// size is the number of keys.
	size() int
	// walk visits keys and values in order until yield is false.
	walk(t *types.Thread, yield func(key *types.String, value types.Value) bool)
	// valueType is TValue.
	valueType() *types.Type
}

const readOnly = "System.Collections.Generic.IReadOnlyDictionary"

func dictionaryDecls() []*types.Decl {
	return []*types.Decl{
		dictionaryDecl("IMultiValueDictionary", "string[]"),
		dictionaryDecl("ISingleValueDictionary", "string"),
		dictionaryDecl("IVariables", "object"),
		dictionaryDecl("ICertificates", x509),
	}
}

const x509 = "System.Security.Cryptography.X509Certificates.X509Certificate2"

// dictionaryDecl declares a read-only dictionary from string to value under a name of its own, so that its members are
// found before those of the interface.
func dictionaryDecl(name, value string) *types.Decl {
	decl := types.T("interface "+name+" : "+readOnly+"<string, "+value+">",
		types.M(value+" this[string key] { get; }", types.Impl{F1: dictionaryIndex}),
		types.M("bool ContainsKey(string key)", types.Impl{F1: dictionaryContains}),
		types.M("bool TryGetValue(string key, out "+value+" value)", types.Raw(dictionaryTry)),
		types.M("System.Collections.Generic.IEnumerable<string> Keys { get; }", types.Impl{F0: dictionaryKeys}),
		types.M("System.Collections.Generic.IEnumerable<"+value+"> Values { get; }", types.Impl{F0: dictionaryValues}),
		types.M("int Count { get; }", types.Impl{F0: func(_ *types.Thread, this types.Value) types.Value {
			return types.Int(int64(receiver(this).size()))
		}}),
	)
	decl.Hidden = true
	return decl
}

func receiver(this types.Value) dictionary {
	if this.Ref == nil {
		types.ThrowNullReference()
	}
	d, ok := this.Ref.(dictionary)
	if !ok {
		types.Throw(types.InvalidCastException, "The object is no dictionary of the context.")
	}
	return d
}

func keyOf(v types.Value) string {
	s := v.Str()
	if s == nil {
		types.ThrowNull("key")
	}
	return s.Go()
}

func dictionaryIndex(t *types.Thread, this, key types.Value) types.Value {
	d, k := receiver(this), keyOf(key)
	v, ok := d.find(t, k)
	if !ok {
		types.Throw(types.KeyNotFoundException, "The given key '"+k+"' was not present in the dictionary.")
	}
	return v
}

func dictionaryContains(t *types.Thread, this, key types.Value) types.Value {
	_, ok := receiver(this).find(t, keyOf(key))
	return types.Bool(ok)
}

func dictionaryTry(t *types.Thread, this types.Value, args []types.Value) types.Value {
	v, ok := receiver(this).find(t, keyOf(args[0]))
	if cell, is := args[1].Ref.(*types.Cell); is {
		cell.V = v
	}
	return types.Bool(ok)
}

func dictionaryKeys(t *types.Thread, this types.Value) types.Value {
	a := &types.Array{T: types.StringArray}
	receiver(this).walk(t, func(k *types.String, _ types.Value) bool {
		a.Items = append(a.Items, types.Ref(k))
		return true
	})
	return types.Ref(a)
}

func dictionaryValues(t *types.Thread, this types.Value) types.Value {
	d := receiver(this)
	if c, ok := d.(*Certificates); ok {
		return types.Ref(&c.values)
	}
	a := &types.Array{T: types.ArrayOf(d.valueType(), 1)}
	d.walk(t, func(_ *types.String, v types.Value) bool {
		a.Items = append(a.Items, v)
		return true
	})
	return types.Ref(a)
}

// enumerateDictionary enumerates a dictionary as it is now.
func enumerateDictionary(t *types.Thread, d dictionary) types.Enumerator {
	e := &pairs{i: -1, of: pairType(d)}
	d.walk(t, func(k *types.String, v types.Value) bool {
		e.keys, e.values = append(e.keys, k), append(e.values, v)
		return true
	})
	return e
}

func pairType(d dictionary) *types.Type {
	return types.KeyValuePairDef.Of(types.StringType, d.valueType())
}

// pairs is an enumeration of KeyValuePair<string, V>.
type pairs struct {
	of     *types.Type
	keys   []*types.String
	values []types.Value
	i      int
	now    types.Value
}

func (e *pairs) MoveNext(t *types.Thread) bool {
	if e.i+1 >= len(e.keys) {
		return false
	}
	e.i++
	e.now = pair(t, e.of, e.keys[e.i], e.values[e.i])
	return true
}
func (e *pairs) Current() types.Value  { return e.now }
func (e *pairs) Dispose(*types.Thread) {}

// multi is a read-only dictionary of texts to lists of texts, without case in its keys: a query, or a token's claims.
type multi struct {
	keys   []*types.String
	values [][]string
	arrays []*types.Array
}

// put adds a value to a key, made if it is not there.
func (m *multi) put(key, value string) {
	for i, k := range m.keys {
		if strings.EqualFold(k.Go(), key) {
			m.values[i] = append(m.values[i], value)
			return
		}
	}
	m.keys = append(m.keys, types.NewString(key))
	m.values = append(m.values, []string{value})
}

// ClrType is IReadOnlyDictionary<string, string[]>.
func (m *multi) ClrType() *types.Type { return known.headers }

// Enumerate enumerates key-value pairs.
func (m *multi) Enumerate(t *types.Thread) types.Enumerator { return enumerateDictionary(t, m) }

// ElementType is KeyValuePair<string, string[]>.
func (m *multi) ElementType() *types.Type { return pairType(m) }

func (m *multi) valueType() *types.Type { return types.StringArray }
func (m *multi) size() int              { return len(m.keys) }

func (m *multi) find(_ *types.Thread, key string) (types.Value, bool) {
	for i, k := range m.keys {
		if strings.EqualFold(k.Go(), key) {
			return types.Ref(m.array(i)), true
		}
	}
	return types.Null, false
}

func (m *multi) array(i int) *types.Array {
	if m.arrays == nil {
		m.arrays = make([]*types.Array, len(m.keys))
	}
	if m.arrays[i] == nil {
		m.arrays[i] = stringArray(m.values[i])
	}
	return m.arrays[i]
}

func (m *multi) walk(_ *types.Thread, yield func(*types.String, types.Value) bool) {
	for i, k := range m.keys {
		if !yield(k, types.Ref(m.array(i))) {
			return
		}
	}
}

// joined is all values of a key, parted by commas.
func (m *multi) joined(key string) (string, bool) {
	for i, k := range m.keys {
		if strings.EqualFold(k.Go(), key) {
			return strings.Join(m.values[i], ","), true
		}
	}
	return "", false
}

func stringArray(values []string) *types.Array {
	a := &types.Array{T: types.StringArray, Items: make([]types.Value, len(values))}
	for i, v := range values {
		a.Items[i] = types.Ref(types.NewString(v))
	}
	return a
}
