package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// This file declares overloads over types that expressions can neither name nor get an object of: cultures, streams, settings. All that
// can be passed there is null. They are declared so that overload resolution, and the errors that it tells, are C#'s.

// overload is such a member of a type: it does what the member like does with the arguments they share, or what impl does.
type overload struct {
	typ, signature string
	like           string
	impl           types.Impl
}

// refusedTypes are types of .NET that expressions often name and may not use, and those whose names members of other types have too: a
// name that stands alone means the type.
var refusedTypes = strings.Fields(`
	System.Activator System.AppContext System.AppDomain System.Attribute System.Buffer System.Console System.Environment System.GC
	System.Index System.Range System.Version System.IO.Directory System.IO.File System.IO.FileInfo System.IO.MemoryStream System.IO.Path
	System.IO.StreamReader System.IO.StreamWriter System.IO.BinaryReader System.IO.BinaryWriter
	System.Net.Cookie System.Net.Dns System.Net.HttpWebRequest System.Net.WebClient System.Net.WebRequest System.Net.Http.HttpClient
	System.Threading.Thread System.Threading.Tasks.Task System.Diagnostics.Process System.Diagnostics.Stopwatch System.Web.HttpUtility`)

// unnamedDecls are the types that may not be named.
func unnamedDecls() []*types.Decl {
	var out []*types.Decl
	for _, name := range refusedTypes {
		out = append(out, hidden("class "+name))
	}
	for _, name := range []string{"SortedDictionary<TKey, TValue>", "SortedList<TKey, TValue>", "SortedSet<T>", "LinkedList<T>", "PriorityQueue<TElement, TPriority>"} {
		out = append(out, hidden("class "+generics+name))
	}
	return append(out,
		hidden("class System.Globalization.CultureInfo : System.ICloneable, System.IFormatProvider"),
		hidden("abstract class System.Globalization.Calendar : System.ICloneable"),
		hidden("enum System.Globalization.CompareOptions", constants("System.Globalization.CompareOptions", "None", 0, "IgnoreCase", 1, "IgnoreNonSpace", 2,
			"IgnoreSymbols", 4, "IgnoreKanaType", 8, "IgnoreWidth", 16, "NumericOrdering", 32, "OrdinalIgnoreCase", 1<<28, "StringSort", 1<<29, "Ordinal", 1<<30)...),
		hidden("abstract class System.IO.Stream : System.IDisposable"),
		hidden("sealed class System.Security.SecureString : System.IDisposable"),
		hidden("class Newtonsoft.Json.JsonSerializer"), hidden("class Newtonsoft.Json.JsonSerializerSettings"),
		hidden("class Newtonsoft.Json.Linq.JsonLoadSettings"), hidden("class Newtonsoft.Json.Linq.JsonMergeSettings"),
		hidden("class Newtonsoft.Json.Linq.JsonCloneSettings"), hidden("class Newtonsoft.Json.Linq.JsonSelectSettings"))
}

// extend adds overloads to the types among decls.
func extend(decls []*types.Decl, overloads ...[]overload) []*types.Decl {
	byName := map[string]*types.Decl{}
	for _, d := range decls {
		byName[declName(d.Head)] = d
	}
	for _, list := range overloads {
		for _, o := range list {
			d := byName[o.typ]
			if d == nil {
				panic("overload of a type that is not declared: " + o.typ)
			}
			m := jx(o.signature, o.impl)
			if o.like != "" {
				m.Impl = implOf(d, jx(o.like, types.Impl{}).Signature)
			}
			d.Members = append(d.Members, m)
		}
	}
	return decls
}

// declName is the name in the head of a declaration, without type parameters.
func declName(head string) string {
	head, _, _ = strings.Cut(head, " : ")
	head, _, _ = strings.Cut(head, "<")
	return head[strings.LastIndexByte(head, ' ')+1:]
}

// implOf is the general form of the member of that signature.
func implOf(d *types.Decl, signature string) types.Impl {
	for _, m := range d.Members {
		if m.Signature == signature {
			return types.Impl{Fn: m.Impl.Fn, GFn: m.Impl.GFn}
		}
	}
	panic("no member like " + d.Head + " " + signature)
}

// nullFor is a member that throws ArgumentNullException for its last parameter, which can only be null.
func nullFor(param string) types.Impl {
	return types.Raw(func(*types.Thread, types.Value, []types.Value) types.Value {
		types.ThrowNull(param)
		return types.Null
	})
}

// nullForOf is nullFor of an instance member.
func nullForOf(param string) types.Impl {
	return types.Raw(func(_ *types.Thread, this types.Value, _ []types.Value) types.Value {
		receiverObject(this)
		types.ThrowNull(param)
		return types.Null
	})
}

func cultureOverloads() []overload {
	const culture = "System.Globalization.CultureInfo culture"
	const parts = "static int Compare(string strA, int indexA, string strB, int indexB, int length"
	affix := func(end bool) types.Impl {
		return types.Raw(func(_ *types.Thread, this types.Value, a []types.Value) types.Value {
			return types.Bool(affixWith(stringOf(this), a[0].Str(), int32(caseComparison(a[1])), end))
		})
	}
	out := []overload{
		{typ: "string", signature: "string ToLower(" + culture + ")", impl: nullForOf("culture")},
		{typ: "string", signature: "string ToUpper(" + culture + ")", impl: nullForOf("culture")},
		{typ: "string", signature: "bool StartsWith(string value, bool ignoreCase, " + culture + ")", impl: affix(false)},
		{typ: "string", signature: "bool EndsWith(string value, bool ignoreCase, " + culture + ")", impl: affix(true)},
		{typ: "string", signature: "string Replace(string oldValue, string newValue, bool ignoreCase, " + culture + ")", impl: types.Raw(
			func(t *types.Thread, this types.Value, a []types.Value) types.Value {
				return types.Ref(replaceString(t, stringOf(this), a[0].Str(), a[1].Str(), caseComparison(a[2])))
			})},
		{typ: "string", signature: "static int Compare(string strA, string strB, bool ignoreCase, " + culture + ")", like: "static int Compare(string strA, string strB, bool ignoreCase)"},
		{typ: "string", signature: "static int Compare(string strA, string strB, " + culture + ", System.Globalization.CompareOptions options)", like: "static int Compare(string strA, string strB)"},
		{typ: "string", signature: parts + ", bool ignoreCase, " + culture + ")", like: parts + ", bool ignoreCase)"},
		{typ: "string", signature: parts + ", " + culture + ", System.Globalization.CompareOptions options)", like: parts + ")"},
		{typ: "char", signature: "static char ToLower(char c, " + culture + ")", impl: nullFor("culture")},
		{typ: "char", signature: "static char ToUpper(char c, " + culture + ")", impl: nullFor("culture")},
		{typ: "System.StringComparer", signature: "static System.StringComparer Create(" + culture + ", bool ignoreCase)", impl: nullFor("culture")},
		{typ: "System.StringComparer", signature: "static System.StringComparer Create(" + culture + ", System.Globalization.CompareOptions options)", impl: nullFor("culture")},
	}
	const calendar, kind = ", System.Globalization.Calendar calendar", ", System.DateTimeKind kind"
	for _, s := range []string{"", ", int hour, int minute, int second", ", int hour, int minute, int second, int millisecond",
		", int hour, int minute, int second, int millisecond, int microsecond"} {
		out = append(out, overload{typ: "System.DateTime", signature: "new(int year, int month, int day" + s + calendar + ")", impl: nullFor("calendar")})
		if strings.Contains(s, "millisecond") {
			out = append(out, overload{typ: "System.DateTime", signature: "new(int year, int month, int day" + s + calendar + kind + ")", impl: nullFor("calendar")})
		}
	}
	return out
}

// caseComparison is the comparison in the current culture that a bool ignoreCase asks for.
func caseComparison(ignore types.Value) stringComparison {
	if ignore.Bool() {
		return currentCultureIgnoreCase
	}
	return currentCulture
}

func streamOverloads() []overload {
	const stream = "System.IO.Stream "
	out := []overload{{typ: cryptoNS + "HashAlgorithm", signature: "byte[] ComputeHash(" + stream + "inputStream)", impl: types.Raw(
		func(*types.Thread, types.Value, []types.Value) types.Value {
			types.ThrowNullReference()
			return types.Null
		})}}
	for _, h := range []string{"MD5", "SHA1", "SHA256", "SHA384", "SHA512"} {
		out = append(out, overload{typ: cryptoNS + h, signature: "static byte[] HashData(" + stream + "source)", impl: nullFor("source")},
			overload{typ: cryptoNS + "HMAC" + h, signature: "static byte[] HashData(byte[] key, " + stream + "source)", impl: types.Raw(
				func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
					need(a[0], "key")
					types.ThrowNull("source")
					return types.Null
				})})
	}
	const how = cryptoNS + "HashAlgorithmName hashAlgorithm, " + cryptoNS + "RSASignaturePadding padding)"
	out = append(out, overload{typ: cryptoNS + "RSA", signature: "byte[] SignData(" + stream + "data, " + how, impl: nullForOf("data")},
		overload{typ: cryptoNS + "RSA", signature: "bool VerifyData(" + stream + "data, byte[] signature, " + how, impl: nullForOf("data")})
	const flags = ", " + x509NS + "X509KeyStorageFlags keyStorageFlags)"
	for _, class := range []string{"X509Certificate", "X509Certificate2"} {
		for _, first := range []string{"byte[] rawData", "string fileName"} {
			for _, end := range []string{")", flags} {
				out = append(out, overload{typ: x509NS + class, signature: "new(" + first + ", System.Security.SecureString password" + end, like: "new(" + first + ", string password" + end})
			}
		}
	}
	return out
}

func jsonOverloads() []overload {
	var out []overload
	add := func(typ, signature, like string) {
		out = append(out, overload{typ: typ, signature: signature, like: like})
	}
	refuse := func(typ, signature string) {
		impl := nullFor("jsonSerializer")
		if !strings.HasPrefix(signature, "static ") {
			impl = nullForOf("jsonSerializer")
		}
		out = append(out, overload{typ: typ, signature: signature, impl: impl})
	}
	for _, class := range []string{"JToken", "JObject", "JArray"} {
		add(jsonLinq+class, "static "+class+" Parse(string json, JsonLoadSettings settings)", "static "+class+" Parse(string json)")
		refuse(jsonLinq+class, "static "+class+" FromObject(object o, Newtonsoft.Json.JsonSerializer jsonSerializer)")
	}
	refuse(jsonLinq+"JToken", "T ToObject<T>(Newtonsoft.Json.JsonSerializer jsonSerializer)")
	refuse(jsonLinq+"JToken", "object ToObject(System.Type objectType, Newtonsoft.Json.JsonSerializer jsonSerializer)")
	add(jsonLinq+"JToken", "JToken DeepClone(Newtonsoft.Json.Linq.JsonCloneSettings settings)", "JToken DeepClone()")
	add(jsonLinq+"JToken", "JToken SelectToken(string path, JsonSelectSettings settings)", "JToken SelectToken(string path)")
	add(jsonLinq+"JToken", "IEnumerable<JToken> SelectTokens(string path, JsonSelectSettings settings)", "IEnumerable<JToken> SelectTokens(string path)")
	add(jsonLinq+"JContainer", "void Merge(object content, JsonMergeSettings settings)", "void Merge(object content)")

	const convert, settings = "Newtonsoft.Json.JsonConvert", "JsonSerializerSettings settings)"
	add(convert, "static string SerializeObject(object value, "+settings, "static string SerializeObject(object value)")
	add(convert, "static string SerializeObject(object value, System.Type type, "+settings, "static string SerializeObject(object value)")
	add(convert, "static string SerializeObject(object value, Formatting formatting, "+settings, "static string SerializeObject(object value, Formatting formatting)")
	out = append(out, overload{typ: convert, signature: "static string SerializeObject(object value, System.Type type, Formatting formatting, " + settings, impl: types.Raw(
		func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			return types.Ref(objectToken(t, a[0].Ref).jsonText(t, a[2].Num != 0))
		})})
	add(convert, "static object DeserializeObject(string value, "+settings, "static object DeserializeObject(string value)")
	add(convert, "static object DeserializeObject(string value, System.Type type, "+settings, "static object DeserializeObject(string value, System.Type type)")
	add(convert, "static object DeserializeObject(string value, System.Type type, params JsonConverter[] converters)", "static object DeserializeObject(string value, System.Type type)")
	add(convert, "static T DeserializeObject<T>(string value, "+settings, "static T DeserializeObject<T>(string value)")
	add(convert, "static T DeserializeAnonymousType<T>(string value, T anonymousTypeObject, "+settings, "static T DeserializeAnonymousType<T>(string value, T anonymousTypeObject)")
	return out
}
