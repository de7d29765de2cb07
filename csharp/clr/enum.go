package clr

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
)

// flagEnums are the enums with the Flags attribute.
var flagEnums = map[string]bool{
	"System.StringSplitOptions": true, "System.Text.RegularExpressions.RegexOptions": true, "System.Base64FormattingOptions": true,
	"System.Globalization.NumberStyles": true, "System.Globalization.DateTimeStyles": true, "System.Globalization.TimeSpanStyles": true,
	"System.Xml.Linq.SaveOptions": true, "System.Xml.Linq.LoadOptions": true, "System.Xml.Linq.ReaderOptions": true,
	"System.Xml.NamespaceHandling":                                                        true,
	"System.Security.Cryptography.X509Certificates.X509KeyStorageFlags":                   true,
	"System.Security.Cryptography.X509Certificates.X509KeyUsageFlags":                     true,
	"System.Security.Cryptography.X509Certificates.X509VerificationFlags":                 true,
	"System.Security.Cryptography.X509Certificates.X509ChainStatusFlags":                  true,
	"System.Security.Cryptography.X509Certificates.X500DistinguishedNameFlags":            true,
	"System.Security.Cryptography.X509Certificates.X509SubjectKeyIdentifierHashAlgorithm": false,
	"Newtonsoft.Json.DefaultValueHandling":                                                true,
	"Newtonsoft.Json.PreserveReferencesHandling":                                          true,
	"Newtonsoft.Json.TypeNameHandling":                                                    true,
}

// enumInfo are an enum's names in the order of their values, as unsigned numbers.
type enumInfo struct {
	names  []string
	values []uint64
	flags  bool
}

var enumInfos sync.Map // *types.Type → *enumInfo

// infoOf reads an enum's declaration.
func infoOf(t *types.Thread, typ *types.Type) *enumInfo {
	if x, ok := enumInfos.Load(typ); ok {
		return x.(*enumInfo)
	}
	u := Universe()
	if t != nil && t.U != nil {
		u = t.U
	}
	info := &enumInfo{flags: flagEnums[typ.Def.FullName()]}
	var members []*types.Member
	for _, m := range u.Table(typ).All {
		if m.Kind == types.Constant {
			members = append(members, m)
		}
	}
	slices.SortStableFunc(members, func(a, b *types.Member) int { return order(a.Value.Num, b.Value.Num) })
	for _, m := range members {
		info.names = append(info.names, m.Name)
		info.values = append(info.values, m.Value.Num)
	}
	x, _ := enumInfos.LoadOrStore(typ, info)
	return x.(*enumInfo)
}

// enumSize is the size in bytes of an enum's underlying type, and whether it has a sign.
func enumSize(typ *types.Type) (size int, signed bool) {
	switch typ.Def.Underlying {
	case types.SByteType:
		return 1, true
	case types.ByteType:
		return 1, false
	case types.Int16Type:
		return 2, true
	case types.UInt16Type:
		return 2, false
	case types.UInt32Type:
		return 4, false
	case types.Int64Type:
		return 8, true
	case types.UInt64Type:
		return 8, false
	}
	return 4, true
}

// enumNumber is the value as its underlying type, boxed.
func enumNumber(e *types.Enum) any { return types.Box(e.T.Def.Underlying, types.Value{Num: e.Num}) }

func enumDigits(e *types.Enum) string {
	if _, signed := enumSize(e.T); signed {
		return strconv.FormatInt(int64(e.Num), 10)
	}
	return strconv.FormatUint(e.Num, 10)
}

// enumName is the name of exactly that value; ok is false where there is none.
func (info *enumInfo) name(value uint64) (string, bool) {
	if i, ok := slices.BinarySearch(info.values, value); ok {
		return info.names[i], true
	}
	return "", false
}

// combination names a value as flags; ok is false where bits are left over.
func (info *enumInfo) combination(value uint64) (string, bool) {
	if value == 0 {
		return info.name(0)
	}
	var parts []string
	for i := len(info.values) - 1; i >= 0 && value != 0; i-- {
		if v := info.values[i]; v != 0 && value&v == v {
			parts = append(parts, info.names[i])
			value &^= v
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, ", "), value == 0
}

// formatEnum is e.ToString(format).
func formatEnum(t *types.Thread, e *types.Enum, spec string) string {
	info := infoOf(t, e.T)
	switch spec {
	case "", "G", "g", "F", "f":
		name, ok := info.name(e.Num)
		if !ok && (info.flags || strings.EqualFold(spec, "f")) {
			name, ok = info.combination(e.Num)
		}
		if ok {
			return name
		}
		return enumDigits(e)
	case "D", "d":
		return enumDigits(e)
	case "X", "x":
		size, _ := enumSize(e.T)
		s := strings.ToUpper(strconv.FormatUint(e.Num&(1<<(8*size-1)<<1-1), 16))
		return strings.Repeat("0", max(0, 2*size-len(s))) + s
	}
	types.Throw(types.FormatException, "Format string can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".")
	return ""
}

func compareEnums(a *types.Enum, o any) int {
	b, ok := o.(*types.Enum)
	if !ok || a.T != b.T {
		types.Throw(types.ArgumentException, "Object must be the same type as the enum. The type passed in was '"+types.TypeOf(o).FullName()+
			"'; the enum type was '"+a.T.FullName()+"'.")
	}
	if _, signed := enumSize(a.T); signed {
		return order(int64(a.Num), int64(b.Num))
	}
	return order(a.Num, b.Num)
}

// enumType is the enum that a Type argument stands for.
func enumType(arg types.Value, param string) *types.Type {
	r, _ := arg.Ref.(*types.RuntimeType)
	if r == nil {
		types.ThrowNull(param)
	}
	if r.T.Kind != types.EnumKind {
		types.ThrowArgument(types.ArgumentException, "Type provided must be an Enum.", param)
	}
	return r.T
}

// parseEnum reads an enum's value. The exception, where it is not nil, is what Parse throws.
func parseEnum(t *types.Thread, typ *types.Type, s *types.String, ignoreCase bool) (uint64, *types.Exception) {
	if typ.Kind != types.EnumKind {
		return 0, argumentError(types.ArgumentException, "", types.NewString("Type provided must be an Enum."), types.NewString("TEnum"), nil)
	}
	text := strings.TrimFunc(s.Go(), isSpaceRune)
	if text == "" {
		return 0, argumentError(types.ArgumentException, "", types.NewString("Must specify valid information for parsing in the string."), types.NewString("value"), nil)
	}
	if c := text[0]; c >= '0' && c <= '9' || c == '-' || c == '+' {
		if n, ok, exc := parseEnumNumber(typ, text); ok || exc != nil {
			return n, exc
		}
	}
	info, value := infoOf(t, typ), uint64(0)
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimFunc(part, isSpaceRune)
		i := slices.IndexFunc(info.names, func(n string) bool { return n == part || ignoreCase && strings.EqualFold(n, part) })
		if i < 0 {
			return 0, &types.Exception{T: types.ArgumentException, Text: types.NewString("Requested value '" + s.Go() + "' was not found.")}
		}
		value |= info.values[i]
	}
	return value, nil
}

func parseEnumNumber(typ *types.Type, text string) (n uint64, ok bool, exc *types.Exception) {
	size, signed := enumSize(typ)
	var err error
	if signed {
		var i int64
		i, err = strconv.ParseInt(text, 10, 8*size)
		n = uint64(i)
	} else {
		n, err = strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 8*size)
	}
	if err == nil {
		return n, true, nil
	}
	if e, is := err.(*strconv.NumError); is && e.Err == strconv.ErrRange {
		what := rangeNames[typ.Def.Underlying.Name()]
		return 0, false, &types.Exception{T: types.OverflowException, Text: types.NewString("Value was either too large or too small for " + what + ".")}
	}
	return 0, false, nil
}

func enumDecls() []*types.Decl {
	return []*types.Decl{types.T("abstract class System.Enum : System.ValueType, System.IComparable, System.IFormattable, System.IConvertible",
		slices.Concat(enumMembers(), enumReflection(), enumParsing(), enumToObject())...)}
}

func enumOf(this types.Value) *types.Enum {
	e, ok := receiverObject(this).(*types.Enum)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(this.Ref), types.EnumBase)
	}
	return e
}

func enumMembers() []types.MemberDecl {
	formatted := types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		return types.Ref(types.NewString(formatEnum(t, enumOf(this), goString(x[0].Str()))))
	})
	return []types.MemberDecl{
		types.M("string ToString()", toStringImpl),
		types.M("string ToString(string format)", formatted),
		types.M("string ToString(string format, System.IFormatProvider provider)", formatted),
		types.M("string ToString(System.IFormatProvider provider)", toStringImpl),
		types.M("bool Equals(object obj)", equalsImpl),
		types.M("int GetHashCode()", hashImpl),
		types.M("int CompareTo(object target)", compareAny),
		types.M("System.TypeCode GetTypeCode()", getTypeCode),
		types.M("bool HasFlag(System.Enum flag)", types.Raw(func(_ *types.Thread, this types.Value, x []types.Value) types.Value {
			e := enumOf(this)
			if x[0].Ref == nil {
				types.ThrowNull("flag")
			}
			f := enumOf(x[0])
			if e.T != f.T {
				types.Throw(types.ArgumentException, "The argument type, '"+f.T.FullName()+"', is not the same as the enum type '"+e.T.FullName()+"'.")
			}
			return types.Bool(e.Num&f.Num == f.Num)
		})),
	}
}

// enumValues is an array of all values, as the enum or as its underlying type.
func enumValues(t *types.Thread, typ, elem *types.Type) types.Value {
	info := infoOf(t, typ)
	if elem == types.ByteType {
		b := make([]byte, len(info.values))
		for i, v := range info.values {
			b[i] = byte(v)
		}
		return types.Ref(&types.Bytes{B: b})
	}
	a := &types.Array{T: types.ArrayOf(elem, 1), Items: make([]types.Value, len(info.values))}
	for i, v := range info.values {
		a.Items[i] = types.Value{Num: v}
	}
	return types.Ref(a)
}

func enumNames(t *types.Thread, typ *types.Type) types.Value {
	var names []*types.String
	for _, n := range infoOf(t, typ).names {
		names = append(names, types.NewString(n))
	}
	return types.Ref(newStrings(names))
}

// enumArgument is the value that an object argument gives for an enum: of the enum itself or a number.
func enumArgument(typ *types.Type, o any) uint64 {
	switch x := o.(type) {
	case nil:
		types.ThrowNull("value")
	case *types.Enum:
		if x.T == typ {
			return x.Num
		}
	case int8, uint8, int16, uint16, int32, uint32, int64, uint64:
		return types.Unbox(x).Num
	}
	types.ThrowArgument(types.ArgumentException, "The value passed in must be an enum base or an underlying type for an enum, such as an Int32.", "value")
	return 0
}

func enumReflection() []types.MemberDecl {
	type V = types.Value
	raw := types.Raw
	return []types.MemberDecl{
		types.M("static System.Array GetValues(System.Type enumType)", raw(func(t *types.Thread, _ V, x []V) V {
			typ := enumType(x[0], "enumType")
			return enumValues(t, typ, typ)
		})),
		types.M("static System.Array GetValuesAsUnderlyingType(System.Type enumType)", raw(func(t *types.Thread, _ V, x []V) V {
			typ := enumType(x[0], "enumType")
			return enumValues(t, typ, typ.Def.Underlying)
		})),
		types.M("static TEnum[] GetValues<TEnum>() where TEnum : struct, System.Enum", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, _ []V) V {
			return enumValues(t, targs[0], targs[0])
		})),
		types.M("static System.Array GetValuesAsUnderlyingType<TEnum>() where TEnum : struct, System.Enum", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, _ []V) V {
			return enumValues(t, targs[0], targs[0].Def.Underlying)
		})),
		types.M("static System.Type GetUnderlyingType(System.Type enumType)", raw(func(_ *types.Thread, _ V, x []V) V {
			return types.Ref(enumType(x[0], "enumType").Def.Underlying.Object())
		})),
		types.M("static string[] GetNames(System.Type enumType)", raw(func(t *types.Thread, _ V, x []V) V { return enumNames(t, enumType(x[0], "enumType")) })),
		types.M("static string[] GetNames<TEnum>() where TEnum : struct, System.Enum", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, _ []V) V {
			return enumNames(t, targs[0])
		})),
		types.M("static string GetName(System.Type enumType, object value)", raw(func(t *types.Thread, _ V, x []V) V {
			typ := enumType(x[0], "enumType")
			return enumNameValue(t, typ, enumArgument(typ, x[1].Ref))
		})),
		types.M("static string GetName<TEnum>(TEnum value) where TEnum : struct, System.Enum", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
			return enumNameValue(t, targs[0], x[0].Num)
		})),
		types.M("static bool IsDefined(System.Type enumType, object value)", raw(func(t *types.Thread, _ V, x []V) V {
			return types.Bool(enumDefined(t, enumType(x[0], "enumType"), x[1].Ref))
		})),
		types.M("static bool IsDefined<TEnum>(TEnum value) where TEnum : struct, System.Enum", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
			_, ok := infoOf(t, targs[0]).name(x[0].Num)
			return types.Bool(ok)
		})),
		types.M("static string Format(System.Type enumType, object value, string format)", raw(func(t *types.Thread, _ V, x []V) V {
			typ := enumType(x[0], "enumType")
			if x[2].Ref == nil {
				types.ThrowNull("format")
			}
			return types.Ref(types.NewString(formatEnum(t, &types.Enum{T: typ, Num: enumArgument(typ, x[1].Ref)}, x[2].Str().Go())))
		})),
	}
}

func enumNameValue(t *types.Thread, typ *types.Type, value uint64) types.Value {
	if name, ok := infoOf(t, typ).name(value); ok {
		return types.Ref(types.NewString(name))
	}
	return types.Null
}

func enumDefined(t *types.Thread, typ *types.Type, o any) bool {
	info := infoOf(t, typ)
	if s, ok := o.(*types.String); ok {
		return slices.Contains(info.names, s.Go())
	}
	if o != nil && types.TypeOf(o) != typ && types.TypeOf(o) != typ.Def.Underlying {
		types.Throw(types.ArgumentException, "Enum underlying type and the object must be same type or object must be a String. Type passed in was '"+
			types.TypeOf(o).FullName()+"'; the enum underlying type was '"+typ.Def.Underlying.FullName()+"'.")
	}
	_, ok := info.name(enumArgument(typ, o))
	return ok
}

func enumParsing() []types.MemberDecl {
	type V = types.Value
	parse := func(t *types.Thread, typ *types.Type, s *types.String, ignoreCase bool) uint64 {
		if s == nil {
			types.ThrowNull("value")
		}
		n, exc := parseEnum(t, typ, s, ignoreCase)
		if exc != nil {
			panic(exc)
		}
		return n
	}
	boxed := func(ignore func([]V) bool) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			typ := enumType(x[0], "enumType")
			return types.Ref(&types.Enum{T: typ, Num: parse(t, typ, x[1].Str(), ignore(x))})
		})
	}
	typed := func(ignore func([]V) bool) types.Impl {
		return types.Generic(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
			return V{Num: parse(t, targs[0], x[0].Str(), ignore(x))}
		})
	}
	try := func(out int, ignore func([]V) bool) types.Impl {
		return types.Generic(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
			n, ok := tryParseEnum(t, targs[0], x[0].Str(), ignore(x))
			setOut(x[out], V{Num: n})
			return types.Bool(ok)
		})
	}
	tryBoxed := func(out int, ignore func([]V) bool) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			typ := enumType(x[0], "enumType")
			n, ok := tryParseEnum(t, typ, x[1].Str(), ignore(x))
			setOut(x[out], types.Null)
			if ok {
				setOut(x[out], types.Ref(&types.Enum{T: typ, Num: n}))
			}
			return types.Bool(ok)
		})
	}
	no := func([]V) bool { return false }
	at := func(i int) func([]V) bool { return func(x []V) bool { return x[i].Bool() } }
	return []types.MemberDecl{
		types.M("static object Parse(System.Type enumType, string value)", boxed(no)),
		types.M("static object Parse(System.Type enumType, string value, bool ignoreCase)", boxed(at(2))),
		types.M("static TEnum Parse<TEnum>(string value) where TEnum : struct", typed(no)),
		types.M("static TEnum Parse<TEnum>(string value, bool ignoreCase) where TEnum : struct", typed(at(1))),
		types.M("static bool TryParse(System.Type enumType, string value, out object result)", tryBoxed(2, no)),
		types.M("static bool TryParse(System.Type enumType, string value, bool ignoreCase, out object result)", tryBoxed(3, at(2))),
		types.M("static bool TryParse<TEnum>(string value, out TEnum result) where TEnum : struct", try(1, no)),
		types.M("static bool TryParse<TEnum>(string value, bool ignoreCase, out TEnum result) where TEnum : struct", try(2, at(1))),
	}
}

func tryParseEnum(t *types.Thread, typ *types.Type, s *types.String, ignoreCase bool) (uint64, bool) {
	if typ.Kind != types.EnumKind {
		types.ThrowArgument(types.ArgumentException, "Type provided must be an Enum.", "TEnum")
	}
	if s == nil {
		return 0, false
	}
	n, exc := parseEnum(t, typ, s, ignoreCase)
	return n, exc == nil
}

func enumToObject() []types.MemberDecl {
	var out []types.MemberDecl
	for _, word := range []string{"byte", "int", "long", "sbyte", "short", "uint", "ulong", "ushort"} {
		out = append(out, types.M("static object ToObject(System.Type enumType, "+word+" value)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			return newEnum(enumType(x[0], "enumType"), x[1].Num)
		})))
	}
	return append(out, types.M("static object ToObject(System.Type enumType, object value)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
		typ := enumType(x[0], "enumType")
		if e, ok := x[1].Ref.(*types.Enum); ok {
			return newEnum(typ, e.Num)
		}
		return newEnum(typ, enumArgument(typ, x[1].Ref))
	})))
}

// newEnum is the boxed value n cut to the enum's size.
func newEnum(typ *types.Type, n uint64) types.Value {
	size, signed := enumSize(typ)
	shift := 64 - 8*size
	if signed {
		n = uint64(int64(n<<shift) >> shift)
	} else {
		n = n << shift >> shift
	}
	return types.Ref(&types.Enum{T: typ, Num: n})
}
