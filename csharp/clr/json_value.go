package clr

import (
	"bytes"
	"math"
	"math/big"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// newValue is a JValue of an object; an object that JSON has no kind for is an ArgumentException.
func newValue(o any) *JToken { return &JToken{kind: kindOfObject(jNone, o), value: o} }

// kindOfObject is the kind of a JValue that holds o, where it was of the kind before.
func kindOfObject(before jsonKind, o any) jsonKind {
	switch o.(type) {
	case nil:
		if before == jUndefined {
			return before
		}
		return jNull
	case *types.String:
		if before == jComment || before == jRaw {
			return before
		}
		return jString
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64, bigInteger, *types.Enum:
		return jInteger
	case float32, float64, decimal.Decimal:
		return jFloat
	case types.DateTime:
		return jDate
	case *types.Bytes:
		return jBytes
	case bool:
		return jBoolean
	case types.Guid:
		return jGuid
	case *Uri:
		return jUri
	case types.TimeSpan:
		return jTimeSpan
	}
	typ := types.TypeOf(o)
	if typ.FullName() == "System.DateTimeOffset" {
		return jDate
	}
	types.Throw(types.ArgumentException, "Could not determine JSON object type for type "+typ.FullName()+".")
	return jNone
}

// contentToken makes a token of an object that is added to a container.
func contentToken(o any) *JToken {
	if j, ok := o.(*JToken); ok {
		return j
	}
	return newValue(o)
}

// isMulti reports whether an object that is added stands for its elements.
func isMulti(o any) bool {
	switch o.(type) {
	case nil, *types.String, *JToken, *types.Bytes:
		return false
	case *types.Array, types.Enumerable:
		return true
	}
	return types.IsInstance(o, types.IEnumerableType)
}

// addContent adds what an object stands for at an index and is the index after it.
func (j *JToken) addContent(t *types.Thread, at int, o any) int {
	t.Step(1)
	if !isMulti(o) {
		item := contentToken(o)
		chargeClone(t, item)
		if j.insert(at, item, false) {
			at++
		}
		return at
	}
	e := types.Iterate(t, o, types.Object_)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		at = j.addContent(t, at, e.Current().Ref)
	}
	return at
}

// valuesEqual is JValue.Equals.
func valuesEqual(t *types.Thread, a, b *JToken) bool {
	return a == b || a.kind == b.kind && compareJSON(t, a.kind, a.value, b.value) == 0
}

// compareJSON compares the objects of JValues by a kind.
func compareJSON(t *types.Thread, kind jsonKind, a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	switch kind {
	case jInteger:
		return compareIntegers(t, a, b)
	case jFloat:
		return compareFloats(t, a, b)
	case jComment, jString, jRaw:
		return compareOrdinalText(invariantString(t, a), invariantString(t, b))
	case jBoolean:
		return compareBools(convertTo(t, "ToBoolean", a).Bool(), convertTo(t, "ToBoolean", b).Bool())
	case jDate:
		if x, ok := a.(types.DateTime); ok {
			return order(ticksOf(x), ticksOf(types.DateTime(jsonDateTime(t, b).Num)))
		}
	case jBytes:
		y, ok := b.(*types.Bytes)
		if !ok {
			types.Throw(types.ArgumentException, "Object must be of type byte[].")
		}
		return bytes.Compare(a.(*types.Bytes).B, y.B)
	case jUri:
		y, ok := b.(*Uri)
		if !ok {
			types.Throw(types.ArgumentException, "Object must be of type Uri.")
		}
		return compareCulture(objectToString(t, a), objectToString(t, y), false)
	case jGuid, jTimeSpan:
		if types.TypeOf(a) != types.TypeOf(b) {
			types.Throw(types.ArgumentException, "Object must be of type "+types.TypeOf(a).Name()+".")
		}
	}
	return objectCompare(t, a, b)
}

func compareOrdinalText(a, b string) int {
	x, y := types.NewString(a), types.NewString(b)
	if x.ASCII() && y.ASCII() {
		return bytes.Compare([]byte(a), []byte(b))
	}
	u, v := x.Units(), y.Units()
	for i := 0; i < len(u) && i < len(v); i++ {
		if u[i] != v[i] {
			return int(u[i]) - int(v[i])
		}
	}
	return len(u) - len(v)
}

func compareIntegers(t *types.Thread, a, b any) int {
	if isKind[bigInteger](a, b) {
		return toBig(t, a).Cmp(toBig(t, b))
	}
	if isKind[uint64](a, b) || isKind[decimal.Decimal](a, b) {
		return decimal.Compare(convertTo(t, "ToDecimal", a).Decimal(), convertTo(t, "ToDecimal", b).Decimal())
	}
	if isKind[float64](a, b) || isKind[float32](a, b) {
		return approxCompare(t, a, b)
	}
	return order(convertTo(t, "ToInt64", a).Int64(), convertTo(t, "ToInt64", b).Int64())
}

func compareFloats(t *types.Thread, a, b any) int {
	if isKind[bigInteger](a, b) {
		return toBig(t, a).Cmp(toBig(t, b))
	}
	if isKind[uint64](a, b) || isKind[decimal.Decimal](a, b) {
		return decimal.Compare(convertTo(t, "ToDecimal", a).Decimal(), convertTo(t, "ToDecimal", b).Decimal())
	}
	return approxCompare(t, a, b)
}

func isKind[A any](a, b any) bool {
	_, x := a.(A)
	_, y := b.(A)
	return x || y
}

// approxCompare takes floating-point numbers for equal that differ by rounding, as Json.NET does.
func approxCompare(t *types.Thread, a, b any) int {
	x, y := convertTo(t, "ToDouble", a).Float64(), convertTo(t, "ToDouble", b).Float64()
	tolerance := (math.Abs(x) + math.Abs(y) + 10) * 2.2204460492503131e-16
	if x == y || math.Abs(x-y) < tolerance {
		return 0
	}
	return orderFloats(x, y)
}

func toBig(t *types.Thread, o any) *big.Int {
	switch x := o.(type) {
	case bigInteger:
		return x.Int
	case uint64:
		return new(big.Int).SetUint64(x)
	case float64:
		if f := new(big.Float).SetFloat64(x); !f.IsInf() {
			i, _ := f.Int(nil)
			return i
		}
	}
	return big.NewInt(convertTo(t, "ToInt64", o).Int64())
}

// CompareTo is IComparable.CompareTo of a JValue.
func (j *JToken) CompareTo(t *types.Thread, o any) int {
	if j.isContainer() {
		types.Throw(types.ArgumentException, "At least one object must implement IComparable.")
	}
	kind := j.kind
	if v, ok := o.(*JToken); ok {
		if kind == jString && v.kind != kind {
			kind = v.kind
		}
		o = v.value
	}
	return compareJSON(t, kind, j.value, o)
}

// EqualTo is Equals(object): by value for values, by identity for containers.
func (j *JToken) EqualTo(t *types.Thread, o any) bool {
	v, ok := o.(*JToken)
	return ok && (j == v || !j.isContainer() && !v.isContainer() && valuesEqual(t, j, v))
}

// HashCode goes with EqualTo.
func (j *JToken) HashCode(t *types.Thread) int32 {
	if j.isContainer() {
		return plainHash(j)
	}
	if j.value == nil {
		return 0
	}
	return objectHash(t, j.value)
}

// ToStr is ToString(): JSON of a container, the value's own text of a value.
func (j *JToken) ToStr(t *types.Thread) *types.String {
	if j.isContainer() {
		return j.jsonText(t, true)
	}
	if j.value == nil {
		return types.EmptyString
	}
	return objectToString(t, j.value)
}

// Format is a JValue's ToString(format).
func (j *JToken) Format(t *types.Thread, spec string) *types.String {
	if j.isContainer() || j.value == nil {
		return j.ToStr(t)
	}
	return objectFormat(t, j.value, spec)
}
