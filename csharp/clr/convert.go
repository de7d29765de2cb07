package clr

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// target is a type that Convert converts to.
type target struct {
	method, word string
	typ          *types.Type
}

var (
	convertTargets = []target{
		{"ToBoolean", "bool", types.BoolType}, {"ToChar", "char", types.CharType}, {"ToSByte", "sbyte", types.SByteType}, {"ToByte", "byte", types.ByteType},
		{"ToInt16", "short", types.Int16Type}, {"ToUInt16", "ushort", types.UInt16Type}, {"ToInt32", "int", types.Int32Type}, {"ToUInt32", "uint", types.UInt32Type},
		{"ToInt64", "long", types.Int64Type}, {"ToUInt64", "ulong", types.UInt64Type}, {"ToSingle", "float", types.SingleType}, {"ToDouble", "double", types.DoubleType},
		{"ToDecimal", "decimal", types.DecimalType}, {"ToDateTime", "System.DateTime", types.DateTimeType}, {"ToString", "string", types.StringType},
	}
	convertSources = []string{"System.DateTime", "bool", "byte", "char", "decimal", "double", "float", "int", "long", "object", "sbyte", "short", "string", "uint", "ulong", "ushort"}
)

func convertDecls() []*types.Decl {
	return []*types.Decl{types.T("static class System.Convert", slices.Concat(convertMatrix(), convertBases(), convertBinary(), convertOthers())...)}
}

func keywordOrDateTime(word string) *types.Type {
	if word == "System.DateTime" {
		return types.DateTimeType
	}
	return types.Keyword(word)
}

func convertMatrix() []types.MemberDecl {
	var out []types.MemberDecl
	for _, to := range convertTargets {
		for _, from := range convertSources {
			src := keywordOrDateTime(from)
			impl := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				return convertObject(t, types.Box(src, x[0]), src, to.typ)
			})
			out = append(out, types.M("static "+to.word+" "+to.method+"("+from+" value)", impl))
			if from == "object" || from == "string" || to.word == "string" {
				out = append(out, types.M("static "+to.word+" "+to.method+"("+from+" value, System.IFormatProvider provider)", impl))
			}
		}
	}
	return out
}

// convertObject converts an object to a Value of a basic type as Convert's methods do; src is the static type.
func convertObject(t *types.Thread, o any, src, to *types.Type) types.Value {
	if o == nil {
		return convertNull(src, to)
	}
	if e, ok := o.(*types.Enum); ok && to != types.StringType {
		o = enumNumber(e)
	}
	if to == types.StringType {
		return refOrNull(objectToString(t, o))
	}
	if s, ok := o.(*types.String); ok {
		return convertText(t, s, to)
	}
	if v, ok := o.(converter); ok && v.convertible() {
		return unboxed(v.ConvertTo(t, to), to)
	}
	if typeCode(types.TypeOf(o)) == 1 {
		types.Throw(types.InvalidCastException, "Unable to cast object of type '"+types.TypeOf(o).FullName()+"' to type 'System.IConvertible'.")
	}
	return convertValue(o, to)
}

// converter is an object with IConvertible of its own, if it is convertible.
type converter interface {
	convertible() bool
	// ConvertTo gives an object of the basic type to.
	ConvertTo(t *types.Thread, to *types.Type) any
}

func convertNull(src, to *types.Type) types.Value {
	switch {
	case to == types.StringType && src == types.StringType:
		return types.Null
	case to == types.StringType:
		return types.Ref(types.EmptyString)
	case to == types.CharType && src == types.StringType:
		types.ThrowNull("value")
	}
	return types.Value{}
}

func convertText(t *types.Thread, s *types.String, to *types.Type) types.Value {
	switch to {
	case types.BoolType:
		return types.Bool(parseBool(s))
	case types.CharType:
		if s.Len() != 1 {
			types.Throw(types.FormatException, "String must be exactly one character long.")
		}
		return types.Uint(uint64(s.Unit(0)))
	case types.DoubleType, types.SingleType:
		size := 64
		if to == types.SingleType {
			size = 32
		}
		f, status := format.ParseFloat(s.Go(), format.FloatStyle|format.Thousands, size)
		if status != format.OK {
			throwBadNumber(s)
		}
		if size == 32 {
			return types.Float32(float32(f))
		}
		return types.Float64(f)
	case types.DecimalType:
		return types.Dec(parseDecimal(s, format.NumberStyle))
	case types.DateTimeType:
		return types.Uint(uint64(parseDateAt(t, s, 0)))
	}
	size, signed := integerShape(to)
	n, status := format.ParseInt(s.Go(), format.IntegerStyle, size, signed)
	switch status {
	case format.Bad:
		throwBadNumber(s)
	case format.Overflow:
		throwOverflow(to.Name())
	}
	return types.Int(n)
}

// integerShape is the size and sign of an integer type or char.
func integerShape(typ *types.Type) (size int, signed bool) {
	switch typ {
	case types.SByteType:
		return 1, true
	case types.ByteType:
		return 1, false
	case types.Int16Type:
		return 2, true
	case types.UInt16Type, types.CharType:
		return 2, false
	case types.Int32Type:
		return 4, true
	case types.UInt32Type:
		return 4, false
	case types.Int64Type:
		return 8, true
	}
	return 8, false
}

func throwInvalidConversion(from, to *types.Type) {
	types.Throw(types.InvalidCastException, "Invalid cast from '"+from.Name()+"' to '"+to.Name()+"'.")
}

// convertValue converts a boxed value of a basic type.
func convertValue(o any, to *types.Type) types.Value {
	from := types.TypeOf(o)
	if from == to {
		return types.Unbox(o)
	}
	if from == types.DateTimeType || to == types.DateTimeType {
		throwInvalidConversion(from, to)
	}
	if from == types.CharType || to == types.CharType {
		return convertChar(o, from, to)
	}
	switch to {
	case types.BoolType:
		return types.Bool(!isZero(o))
	case types.DoubleType:
		return types.Float64(toDouble(o))
	case types.SingleType:
		if d, ok := o.(decimal.Decimal); ok {
			return types.Float32(d.Float32())
		}
		return types.Float32(float32(toDouble(o)))
	case types.DecimalType:
		return types.Dec(toDecimal(o))
	}
	return toInteger(o, to)
}

func convertChar(o any, from, to *types.Type) types.Value {
	for _, t := range []*types.Type{from, to} {
		switch t {
		case types.BoolType, types.SingleType, types.DoubleType, types.DecimalType:
			throwInvalidConversion(from, to)
		}
	}
	if c, ok := o.(types.Char); ok {
		return toInteger(uint16(c), to)
	}
	return toInteger(o, to)
}

func isZero(o any) bool {
	switch x := o.(type) {
	case float32:
		return x == 0
	case float64:
		return x == 0
	case decimal.Decimal:
		return x.IsZero()
	}
	return types.Unbox(o).Num == 0
}

func toDouble(o any) float64 {
	switch x := o.(type) {
	case float32:
		return float64(x)
	case float64:
		return x
	case decimal.Decimal:
		return x.Float64()
	case uint64:
		return float64(x)
	}
	return float64(int64(types.Unbox(o).Num))
}

func toDecimal(o any) decimal.Decimal {
	switch x := o.(type) {
	case float32:
		return fitDecimal(decimal.FromFloat32(x))
	case float64:
		return fitDecimal(decimal.FromFloat64(x))
	case decimal.Decimal:
		return x
	case uint64:
		return decimal.FromUint64(x)
	}
	return decimal.FromInt64(int64(types.Unbox(o).Num))
}

// toInteger rounds half to even and checks the range.
func toInteger(o any, to *types.Type) types.Value {
	size, signed := integerShape(to)
	switch x := o.(type) {
	case float32:
		return doubleToInteger(float64(x), to)
	case float64:
		return doubleToInteger(x, to)
	case decimal.Decimal:
		d := x.Round(0, decimal.ToEven)
		if u, ok := d.Uint64(); ok {
			return rangedInteger(u, false, size, signed, to)
		}
		i, ok := d.Int64()
		if !ok {
			throwOverflow(to.Name())
		}
		return rangedInteger(uint64(i), true, size, signed, to)
	}
	n := types.Unbox(o).Num
	_, unsigned := o.(uint64)
	return rangedInteger(n, !unsigned && int64(n) < 0, size, signed, to)
}

// rangedInteger checks a 64-bit integer, negative or not, against a type.
func rangedInteger(n uint64, negative bool, size int, signed bool, to *types.Type) types.Value {
	top := uint64(math.MaxUint64) >> (64 - 8*size)
	switch {
	case signed && negative:
		if int64(n) < -int64(top>>1)-1 {
			throwOverflow(to.Name())
		}
	case signed:
		top >>= 1
		fallthrough
	default:
		if negative || n > top {
			throwOverflow(to.Name())
		}
	}
	return types.Value{Num: n}
}

func doubleToInteger(f float64, to *types.Type) types.Value {
	size, signed := integerShape(to)
	r := math.RoundToEven(f)
	low, high := 0.0, math.Ldexp(1, 8*size)
	if signed {
		high /= 2
		low = -high
	}
	if size < 4 && !(r >= math.MinInt32 && r <= math.MaxInt32) {
		throwOverflow("Int32") // the small types go through int
	}
	if !(r >= low && r < high) {
		throwOverflow(to.Name())
	}
	if signed {
		return types.Int(int64(r))
	}
	return types.Uint(uint64(r))
}

func convertBases() []types.MemberDecl {
	var out []types.MemberDecl
	for _, to := range convertTargets {
		switch to.word {
		case "sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong":
			out = append(out, types.M("static "+to.word+" "+to.method+"(string value, int fromBase)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
				return parseBase(x[0].Str(), x[1].Int32(), to.typ)
			})))
		}
	}
	for word, size := range map[string]int{"byte": 1, "short": 2, "int": 4, "long": 8} {
		out = append(out, types.M("static string ToString("+word+" value, int toBase)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			n, base := x[0].Int64(), checkBase(x[1].Int32())
			if base == 10 {
				return types.Ref(types.NewString(strconv.FormatInt(n, 10)))
			}
			return types.Ref(types.NewString(strconv.FormatUint(uint64(n)<<(64-8*size)>>(64-8*size), base)))
		})))
	}
	return out
}

func checkBase(base int32) int {
	if base != 2 && base != 8 && base != 10 && base != 16 {
		types.Throw(types.ArgumentException, "Invalid Base.")
	}
	return int(base)
}

// parseBase is Convert.ToInt32(string, fromBase) and its like.
func parseBase(s *types.String, fromBase int32, to *types.Type) types.Value {
	base := checkBase(fromBase)
	if s == nil {
		return types.Value{}
	}
	size, signed := integerShape(to)
	text := s.Go()
	if text == "" {
		throwRange("Index was out of range. Must be non-negative and less than the size of the collection.", "startIndex")
	}
	negative := text[0] == '-'
	if negative && base != 10 {
		types.Throw(types.ArgumentException, "String cannot contain a minus sign if the base is not 10.")
	}
	if negative && !signed {
		types.Throw(types.OverflowException, "The string was being parsed as an unsigned number and could not have a negative sign.")
	}
	if text[0] == '-' || text[0] == '+' {
		text = text[1:]
	}
	if base == 16 && len(text) > 1 && text[0] == '0' && text[1]|0x20 == 'x' {
		text = text[2:]
	}
	return baseDigits(text, base, negative, size, signed, to)
}

func baseDigits(text string, base int, negative bool, size int, signed bool, to *types.Type) types.Value {
	good := 0
	for good < len(text) && digitOf(text[good]) < base {
		good++
	}
	if good == 0 {
		types.Throw(types.FormatException, "Could not find any recognizable digits.")
	}
	u, err := strconv.ParseUint(text[:good], base, 64)
	top := uint64(math.MaxUint64) >> (64 - 8*size)
	if base == 10 && signed {
		top >>= 1
		if negative {
			top++
		}
	}
	if err != nil || u > top {
		throwOverflow(to.Name())
	}
	if good < len(text) {
		types.Throw(types.FormatException, "Additional non-parsable characters are at the end of the string.")
	}
	if negative {
		u = -u
	}
	if signed {
		return types.Int(int64(u<<(64-8*size)) >> (64 - 8*size))
	}
	return types.Uint(u)
}

func digitOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 99
}

// bytesRange is the part of a byte[] argument that offset and length name.
func bytesRange(b *types.Bytes, offset, length int32, array, offsetName string) []byte {
	if b == nil {
		types.ThrowNull(array)
	}
	throwNegative(length, "length")
	throwNegative(offset, offsetName)
	throwGreater(offset, int32(len(b.B))-length, offsetName)
	return b.B[offset : offset+length]
}

func wholeBytes(b *types.Bytes) []byte {
	if b == nil {
		types.ThrowNull("inArray")
	}
	return b.B
}

func toBase64(t *types.Thread, b []byte, options int32) types.Value {
	if options != 0 && options != 1 {
		types.ThrowArgument(types.ArgumentException, "Illegal enum value: "+itoa(options)+".", "options")
	}
	s := base64.StdEncoding.EncodeToString(b)
	if options == 1 {
		var lines []string
		for len(s) > 76 {
			lines, s = append(lines, s[:76]), s[76:]
		}
		s = strings.Join(append(lines, s), "\r\n")
	}
	return types.Ref(newString(t, s))
}

func convertBinary() []types.MemberDecl {
	type V = types.Value
	raw := func(f func(t *types.Thread, x []V) V) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V { return f(t, x) })
	}
	in := func(v V) *types.Bytes {
		b, _ := v.Ref.(*types.Bytes)
		return b
	}
	part := func(x []V) []byte { return bytesRange(in(x[0]), x[1].Int32(), x[2].Int32(), "inArray", "offset") }
	const options = "System.Base64FormattingOptions options"
	return []types.MemberDecl{
		types.M("static string ToBase64String(byte[] inArray)", raw(func(t *types.Thread, x []V) V { return toBase64(t, wholeBytes(in(x[0])), 0) })),
		types.M("static string ToBase64String(byte[] inArray, "+options+")", raw(func(t *types.Thread, x []V) V { return toBase64(t, wholeBytes(in(x[0])), x[1].Int32()) })),
		types.M("static string ToBase64String(byte[] inArray, int offset, int length)", raw(func(t *types.Thread, x []V) V { return toBase64(t, part(x), 0) })),
		types.M("static string ToBase64String(byte[] inArray, int offset, int length, "+options+")", raw(func(t *types.Thread, x []V) V { return toBase64(t, part(x), x[3].Int32()) })),
		types.M("static byte[] FromBase64String(string s)", raw(func(t *types.Thread, x []V) V {
			s := notNull("s")(x[0].Str())
			t.Alloc(int64(s.Len()))
			return types.Ref(&types.Bytes{B: fromBase64(s.Go())})
		})),
		types.M("static byte[] FromBase64CharArray(char[] inArray, int offset, int length)", raw(func(_ *types.Thread, x []V) V {
			a, _ := x[0].Ref.(*types.Array)
			return types.Ref(&types.Bytes{B: fromBase64(types.StringFromUnits(charRange(a, x[1].Int32(), x[2].Int32(), "inArray", "offset", "length")).Go())})
		})),
		types.M("static string ToHexString(byte[] inArray)", raw(func(t *types.Thread, x []V) V { return hexString(t, wholeBytes(in(x[0])), true) })),
		types.M("static string ToHexString(byte[] inArray, int offset, int length)", raw(func(t *types.Thread, x []V) V { return hexString(t, part(x), true) })),
		types.M("static string ToHexStringLower(byte[] inArray)", raw(func(t *types.Thread, x []V) V { return hexString(t, wholeBytes(in(x[0])), false) })),
		types.M("static string ToHexStringLower(byte[] inArray, int offset, int length)", raw(func(t *types.Thread, x []V) V { return hexString(t, part(x), false) })),
		types.M("static byte[] FromHexString(string s)", raw(func(_ *types.Thread, x []V) V {
			s := notNull("s")(x[0].Str())
			if s.Len()%2 != 0 {
				types.Throw(types.FormatException, "The input is not a valid hex string as its length is not a multiple of 2.")
			}
			b, err := hex.DecodeString(s.Go())
			if err != nil {
				types.Throw(types.FormatException, "The input is not a valid hex string as it contains a non-hex character.")
			}
			return types.Ref(&types.Bytes{B: b})
		})),
		types.M("static int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut)", raw(toBase64Chars)),
		types.M("static int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut, "+options+")", raw(toBase64Chars)),
	}
}

func toBase64Chars(t *types.Thread, x []types.Value) types.Value {
	b, _ := x[0].Ref.(*types.Bytes)
	out, _ := x[3].Ref.(*types.Array)
	if b != nil && out == nil {
		types.ThrowNull("outArray")
	}
	options := int32(0)
	if len(x) > 5 {
		options = x[5].Int32()
	}
	text := toBase64(t, bytesRange(b, x[1].Int32(), x[2].Int32(), "inArray", "offsetIn"), options).Str()
	at := x[4].Int32()
	throwNegative(at, "offsetOut")
	throwGreater(at, int32(len(out.Items)-text.Len()), "offsetOut")
	for i := 0; i < text.Len(); i++ {
		out.Items[int(at)+i].Num = uint64(text.Unit(i))
	}
	return types.Int(int64(text.Len()))
}

func hexString(t *types.Thread, b []byte, upper bool) types.Value {
	s := hex.EncodeToString(b)
	if upper {
		s = strings.ToUpper(s)
	}
	return types.Ref(newString(t, s))
}

// fromBase64 decodes base 64 with white space anywhere; the bits that padding leaves over need not be zero.
func fromBase64(s string) []byte {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, s)
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		types.Throw(types.FormatException, badBase64)
	}
	return b
}

const badBase64 = "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters."

func convertOthers() []types.MemberDecl {
	type V = types.Value
	change := types.Raw(func(t *types.Thread, _ V, x []V) V { return changeObject(t, x[0].Ref, x[1]) })
	byCode := types.Raw(func(t *types.Thread, _ V, x []V) V { return changeTypeCode(t, x[0].Ref, int(x[1].Int32())) })
	return []types.MemberDecl{
		types.M("static object ChangeType(object value, System.Type conversionType)", change),
		types.M("static object ChangeType(object value, System.Type conversionType, System.IFormatProvider provider)", change),
		types.M("static object ChangeType(object value, System.TypeCode typeCode)", byCode),
		types.M("static object ChangeType(object value, System.TypeCode typeCode, System.IFormatProvider provider)", byCode),
		types.M("static System.TypeCode GetTypeCode(object value)", types.S1(func(o any) int32 { return int32(objectTypeCode(o)) })),
		types.M("static bool IsDBNull(object value)", types.S1(func(o any) bool { return o == any(dbNull) })),
		types.M("static readonly object DBNull", types.S0(func() any { return dbNull })),
	}
}

// dbNullObject is System.DBNull.Value.
type dbNullObject struct{ _ byte }

var (
	dbNull     = &dbNullObject{}
	dbNullType = lateType("System.DBNull")
)

// ClrType is System.DBNull.
func (*dbNullObject) ClrType() *types.Type { return dbNullType() }

// ToStr is the empty string.
func (*dbNullObject) ToStr(*types.Thread) *types.String { return types.EmptyString }

func changeObject(t *types.Thread, o any, to types.Value) types.Value {
	r, _ := to.Ref.(*types.RuntimeType)
	if r == nil {
		types.ThrowNull("conversionType")
	}
	if o == nil {
		if r.T.IsValue() {
			types.Throw(types.InvalidCastException, "Null object cannot be converted to a value type.")
		}
		return types.Null
	}
	for _, k := range convertTargets {
		if k.typ == r.T {
			if typeCode(types.TypeOf(o)) == 1 && !isConverter(o) {
				types.Throw(types.InvalidCastException, "Object must implement IConvertible.")
			}
			return types.Ref(types.Box(r.T, convertObject(t, o, types.Object_, r.T)))
		}
	}
	if types.TypeOf(o) == r.T || r.T == types.Object_ {
		return types.Ref(o)
	}
	if typeCode(types.TypeOf(o)) == 1 {
		types.Throw(types.InvalidCastException, "Object must implement IConvertible.")
	}
	types.Throw(types.InvalidCastException, "Invalid cast from '"+typeFullName(types.TypeOf(o))+"' to '"+typeFullName(r.T)+"'.")
	return types.Null
}

func isConverter(o any) bool {
	c, ok := o.(converter)
	return ok && c.convertible()
}

func changeTypeCode(t *types.Thread, o any, code int) types.Value {
	if o == nil && (code == 0 || code == 1 || code == 18) {
		return types.Null
	}
	for _, k := range convertTargets {
		if typeCode(k.typ) == code {
			return changeObject(t, o, types.Ref(k.typ.Object()))
		}
	}
	if code == 1 {
		return types.Ref(o)
	}
	types.Throw(types.ArgumentException, "Unknown TypeCode value.")
	return types.Null
}
