package clr

import (
	"encoding/base64"
	"math"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// memberCache keeps members of the library that are called from Go by name and parameter types.
var memberCache sync.Map

// libraryMember finds a static method, or a constructor (name ".ctor"), of a type by its parameters' types; nil if there is none.
func libraryMember(typ *types.Type, name string, params ...*types.Type) *types.Member {
	type key struct {
		typ       *types.Type
		name, sig string
	}
	var sig strings.Builder
	for _, p := range params {
		sig.WriteString(p.FullName() + ",")
	}
	k := key{typ, name, sig.String()}
	if m, ok := memberCache.Load(k); ok {
		return m.(*types.Member)
	}
	u := Universe()
	candidates := u.Constructors(typ)
	if name != ".ctor" {
		candidates = u.Members(typ, name)
	}
	for _, m := range candidates {
		if len(m.TypeParams) == 0 && sameParams(m.Params, params) {
			memberCache.Store(k, m)
			return m
		}
	}
	return nil
}

// callLibrary calls what libraryMember finds; NotSupportedException if there is nothing.
func callLibrary(t *types.Thread, typ *types.Type, name string, params []*types.Type, args ...types.Value) types.Value {
	m := libraryMember(typ, name, params...)
	if m == nil {
		types.Throw(types.NotSupportedException, typ.FullName()+"."+name+" is not supported.")
	}
	return m.Get(t, types.Null, args)
}

var (
	convertType        = lateType("System.Convert")
	dateTimeOffsetType = lateType("System.DateTimeOffset")
	oneObject          = []*types.Type{types.Object_}
	oneString          = []*types.Type{types.StringType}
)

// convertTo is System.Convert's method of that name for an object, culture invariant.
func convertTo(t *types.Thread, method string, o any) types.Value {
	if b, ok := o.(bigInteger); ok {
		return bigTo(method, b)
	}
	return callLibrary(t, convertType(), method, oneObject, types.Ref(o))
}

// bigTo is the explicit conversion of a BigInteger.
func bigTo(method string, b bigInteger) types.Value {
	overflow := func(what string) {
		types.Throw(types.OverflowException, "Value was either too large or too small for "+what+".")
	}
	switch method {
	case "ToDouble":
		f, _ := new(big.Float).SetInt(b.Int).Float64()
		return types.Float64(f)
	case "ToSingle":
		f, _ := new(big.Float).SetInt(b.Int).Float32()
		return types.Float32(f)
	case "ToDecimal":
		d, _, fits := decimal.Parse(b.String())
		if !fits {
			overflow("a Decimal")
		}
		return types.Dec(d)
	case "ToUInt64":
		if !b.IsUint64() {
			overflow("a UInt64")
		}
		return types.Uint(b.Uint64())
	case "ToUInt32":
		if !b.IsUint64() || b.Uint64() > math.MaxUint32 {
			overflow("a UInt32")
		}
		return types.Uint(b.Uint64())
	case "ToInt64":
		if !b.IsInt64() {
			overflow("an Int64")
		}
		return types.Int(b.Int64())
	}
	if !b.IsInt64() || b.Int64() != int64(int32(b.Int64())) {
		overflow("an Int32")
	}
	types.Throw(types.OverflowException, "Arithmetic operation resulted in an overflow.")
	return types.Null
}

// invariantString is Convert.ToString(o, InvariantCulture): that of dates differs from US English.
func invariantString(t *types.Thread, o any) string {
	switch x := o.(type) {
	case nil:
		return ""
	case *types.String:
		return x.Go()
	case types.DateTime:
		return formatDateTime(x, "MM/dd/yyyy HH:mm:ss")
	}
	if types.TypeOf(o).FullName() == "System.DateTimeOffset" {
		return goString(objectFormat(t, o, "MM/dd/yyyy HH:mm:ss zzz"))
	}
	return goString(objectToString(t, o))
}

func jsonDateTime(t *types.Thread, o any) types.Value {
	if d, ok := o.(types.DateTime); ok {
		return types.Uint(uint64(d))
	}
	if types.TypeOf(o).FullName() == "System.DateTimeOffset" {
		if m := ownMember(t, o, "DateTime", nil); m != nil {
			return m.Get(t, types.Ref(o), nil)
		}
	}
	return convertTo(t, "ToDateTime", o)
}

// The kinds of JValue that convert to what.
var (
	numberKinds   = []jsonKind{jInteger, jFloat, jString, jComment, jRaw, jBoolean}
	charKinds     = []jsonKind{jInteger, jFloat, jString, jComment, jRaw}
	dateKinds     = []jsonKind{jDate, jString, jComment, jRaw}
	guidKinds     = []jsonKind{jString, jComment, jRaw, jGuid, jBytes}
	timeSpanKinds = []jsonKind{jString, jComment, jRaw, jTimeSpan}
	uriKinds      = []jsonKind{jString, jComment, jRaw, jUri}
	bytesKinds    = []jsonKind{jBytes, jString, jComment, jRaw, jInteger}
	stringKinds   = []jsonKind{jDate, jInteger, jFloat, jString, jComment, jRaw, jBoolean, jBytes, jGuid, jTimeSpan, jUri}
)

// jsonCast is a conversion that JToken offers.
type jsonCast struct {
	name  string // in messages
	cs    string // the type in signatures
	typ   func() *types.Type
	kinds []jsonKind
	to    func(t *types.Thread, o any) types.Value
	// reference tells that null converts to null.
	reference bool
}

func known(t *types.Type) func() *types.Type { return func() *types.Type { return t } }

func byConvert(method string) func(*types.Thread, any) types.Value {
	return func(t *types.Thread, o any) types.Value { return convertTo(t, method, o) }
}

var jsonCasts = []jsonCast{
	{"Boolean", "bool", known(types.BoolType), numberKinds, byConvert("ToBoolean"), false},
	{"DateTimeOffset", "System.DateTimeOffset", dateTimeOffsetType, dateKinds, castDateOffset, false},
	{"Int64", "long", known(types.Int64Type), numberKinds, byConvert("ToInt64"), false},
	{"DateTime", "System.DateTime", known(types.DateTimeType), dateKinds, jsonDateTime, false},
	{"Decimal", "decimal", known(types.DecimalType), numberKinds, byConvert("ToDecimal"), false},
	{"Double", "double", known(types.DoubleType), numberKinds, byConvert("ToDouble"), false},
	{"Char", "char", known(types.CharType), charKinds, byConvert("ToChar"), false},
	{"Int32", "int", known(types.Int32Type), numberKinds, byConvert("ToInt32"), false},
	{"Int16", "short", known(types.Int16Type), numberKinds, byConvert("ToInt16"), false},
	{"UInt16", "ushort", known(types.UInt16Type), numberKinds, byConvert("ToUInt16"), false},
	{"Byte", "byte", known(types.ByteType), numberKinds, byConvert("ToByte"), false},
	{"SByte", "sbyte", known(types.SByteType), numberKinds, byConvert("ToSByte"), false},
	{"UInt32", "uint", known(types.UInt32Type), numberKinds, byConvert("ToUInt32"), false},
	{"UInt64", "ulong", known(types.UInt64Type), numberKinds, byConvert("ToUInt64"), false},
	{"Single", "float", known(types.SingleType), numberKinds, byConvert("ToSingle"), false},
	{"Guid", "System.Guid", known(types.GuidType), guidKinds, castGuid, false},
	{"TimeSpan", "System.TimeSpan", known(types.TimeSpanType), timeSpanKinds, castTimeSpan, false},
	{"String", "string", known(types.StringType), stringKinds, castString, true},
	{"byte array", "byte[]", known(types.ByteArray), bytesKinds, castBytes, true},
	{"Uri", "System.Uri", uriType, uriKinds, castUri, true},
}

func castString(t *types.Thread, o any) types.Value {
	if b, ok := o.(*types.Bytes); ok {
		return types.Ref(newString(t, base64.StdEncoding.EncodeToString(b.B)))
	}
	if s, ok := o.(*types.String); ok {
		return types.Ref(s)
	}
	return types.Ref(newString(t, invariantString(t, o)))
}

func castBytes(t *types.Thread, o any) types.Value {
	switch x := o.(type) {
	case *types.Bytes:
		return types.Ref(x)
	case bigInteger:
		return types.Ref(&types.Bytes{B: x.littleEndian()})
	}
	return callLibrary(t, convertType(), "FromBase64String", oneString, types.Ref(types.NewString(invariantString(t, o))))
}

// littleEndian is BigInteger.ToByteArray(): two's complement, lowest byte first.
func (b bigInteger) littleEndian() []byte {
	n := b.BitLen()/8 + 1
	x := new(big.Int).Set(b.Int)
	if x.Sign() < 0 {
		x.Add(x, new(big.Int).Lsh(big.NewInt(1), uint(n*8)))
	}
	out := x.FillBytes(make([]byte, n))
	slices.Reverse(out)
	return out
}

func castGuid(t *types.Thread, o any) types.Value {
	switch x := o.(type) {
	case types.Guid:
		return types.Value{Ref: x}
	case *types.Bytes:
		return callLibrary(t, types.GuidType, ".ctor", []*types.Type{types.ByteArray}, types.Ref(x))
	}
	return callLibrary(t, types.GuidType, ".ctor", oneString, castString(t, o))
}

func castTimeSpan(t *types.Thread, o any) types.Value {
	if x, ok := o.(types.TimeSpan); ok {
		return types.Int(int64(x))
	}
	return callLibrary(t, types.TimeSpanType, "Parse", oneString, castString(t, o))
}

func castUri(t *types.Thread, o any) types.Value {
	if x, ok := o.(*Uri); ok {
		return types.Ref(x)
	}
	return types.Ref(newUri(castString(t, o).Str(), uriAbsolute))
}

func castDateOffset(t *types.Thread, o any) types.Value {
	if types.TypeOf(o) == dateTimeOffsetType() {
		return types.Value{Ref: o}
	}
	if s, ok := o.(*types.String); ok {
		return callLibrary(t, dateTimeOffsetType(), "Parse", oneString, types.Ref(s))
	}
	return callLibrary(t, dateTimeOffsetType(), ".ctor", []*types.Type{types.DateTimeType}, jsonDateTime(t, o))
}

// cast converts a token as JToken's explicit operator does; nullable tells that the operator is that of Nullable<T>.
func (c *jsonCast) cast(t *types.Thread, j *JToken, nullable bool) types.Value {
	if j == nil {
		if nullable || c.reference {
			return types.Null
		}
		types.ThrowNull("value")
	}
	if j.kind == jProperty {
		j = j.propertyValue()
	}
	empty := j.kind == jNull || j.kind == jUndefined
	if !slices.Contains(c.kinds, j.kind) && !(empty && (nullable || c.reference)) {
		types.Throw(types.ArgumentException, "Can not convert "+j.kind.String()+" to "+c.name+".")
	}
	if j.value == nil {
		if nullable || c.reference {
			return types.Null
		}
	}
	v := c.to(t, j.value)
	if nullable && !c.reference {
		return types.Some(c.typ(), v)
	}
	return v
}

// castFor is the conversion to a type, nil if JToken has none; nullable tells that the type is Nullable of it.
func castFor(typ *types.Type) (c *jsonCast, nullable bool) {
	if u, ok := typ.IsNullable(); ok {
		typ, nullable = u, true
	}
	for i := range jsonCasts {
		if jsonCasts[i].typ() == typ {
			return &jsonCasts[i], nullable
		}
	}
	return nil, nullable
}

// convertToken is Extensions.Convert<JToken, U>: what Value<U> gives.
func convertToken(t *types.Thread, j *JToken, to *types.Type) types.Value {
	if j == nil {
		return types.Null
	}
	if types.IsInstance(j, to) && !to.IsValue() && to.FullName() != "System.IComparable" && to.FullName() != "System.IFormattable" {
		return types.Ref(j)
	}
	if j.isContainer() {
		types.Throw(types.InvalidCastException, "Cannot cast "+j.ClrType().FullName()+" to Newtonsoft.Json.Linq.JToken.")
	}
	if j.value != nil && types.IsInstance(j.value, to) {
		if to.IsValue() {
			return types.UnboxTo(j.value, to)
		}
		return types.Ref(j.value)
	}
	target := to
	if u, ok := to.IsNullable(); ok {
		if j.value == nil {
			return types.Null
		}
		target = u
	}
	return intoType(to, changeType(t, j.value, target))
}

// intoType is a Value of type to of an object.
func intoType(to *types.Type, o any) types.Value {
	if to.IsValue() {
		return types.UnboxTo(o, to)
	}
	return types.Value{Ref: o}
}

// changeType is Convert.ChangeType(o, target, InvariantCulture), boxed.
func changeType(t *types.Thread, o any, target *types.Type) any {
	if o == nil {
		if target.IsValue() {
			types.Throw(types.InvalidCastException, "Null object cannot be converted to a value type.")
		}
		return nil
	}
	switch o.(type) {
	case bigInteger, *types.Bytes, types.Guid, types.TimeSpan, *Uri:
		types.Throw(types.InvalidCastException, "Object must implement IConvertible.")
	}
	if types.TypeOf(o) == dateTimeOffsetType() {
		types.Throw(types.InvalidCastException, "Object must implement IConvertible.")
	}
	if target == types.StringType {
		return types.NewString(invariantString(t, o))
	}
	return callLibrary(t, convertType(), "ChangeType", []*types.Type{types.Object_, types.TypeType}, types.Ref(o), types.Ref(target.Object())).Ref
}

// convertible reports whether the token is a JValue, which has IConvertible; containers have not.
func (j *JToken) convertible() bool {
	switch j.kind {
	case jObject, jArray, jProperty, jConstructor:
		return false
	}
	return true
}

// ConvertTo is JValue's IConvertible: the explicit conversions of JToken.
func (j *JToken) ConvertTo(t *types.Thread, to *types.Type) any {
	c, _ := castFor(to)
	if c == nil {
		return j
	}
	return types.Box(to, c.cast(t, j, false))
}
