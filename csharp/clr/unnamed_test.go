package clr_test

import "testing"

const nullArgument = "System.ArgumentNullException: Value cannot be null. "

// TestUnnamed calls overloads over types that cannot be named, with null.
func TestUnnamed(t *testing.T) {
	const ambiguous = "CS0121 The call is ambiguous between the following methods or properties: "
	for _, e := range []expression{
		{"lower without a culture", `@("A".ToLower(null))`, nullArgument + "(Parameter 'culture')"},
		{"upper of a char", `@(char.ToUpper('a', null))`, nullArgument + "(Parameter 'culture')"},
		{"a word for a culture", `@("A".ToLower("en"))`, "CS1503 Argument 1: cannot convert from 'string' to 'System.Globalization.CultureInfo'"},
		{"a culture by name", `@("A".ToLower(System.Globalization.CultureInfo.InvariantCulture))`, "PST2100 Usage of type 'System.Globalization.CultureInfo' is not supported within expressions"},
		{"prefix without case", `@("Bearer x".StartsWith("bearer", true, null))`, "True"},
		{"suffix with case", `@("file.JSON".EndsWith(".json", false, null))`, "False"},
		{"prefix null", `@("a".StartsWith(null, true, null))`, nullArgument + "(Parameter 'value')"},
		{"replace without case", `@("aXbx".Replace("x", "-", true, null))`, "a-b-"},
		{"compare without case", `@(string.Compare("ABC", "abc", true, null))`, "0"},
		{"compare parts", `@(string.Compare("xABC", 1, "abcd", 0, 3, true, null))`, "0"},
		{"compare by options", `@(string.Compare("a", "B", null, 0))`, "-1"},
		{"date in a calendar", `@(new DateTime(2026, 1, 2, null))`, nullArgument + "(Parameter 'calendar')"},
		{"hash of null", `@(SHA256.Create().ComputeHash(null))`, ambiguous + "'System.Security.Cryptography.HashAlgorithm.ComputeHash(byte[])' and 'System.Security.Cryptography.HashAlgorithm.ComputeHash(System.IO.Stream)'"},
		{"hash of no stream", `@(SHA256.HashData(source: null).Length)`, ambiguous + "'System.Security.Cryptography.SHA256.HashData(byte[])' and 'System.Security.Cryptography.SHA256.HashData(System.IO.Stream)'"},
		{"hash by the name of the stream", `@(MD5.Create().ComputeHash(inputStream: null))`, "System.NullReferenceException: Object reference not set to an instance of an object."},
		{"certificate without a password", `@(new X509Certificate2(new byte[0], null))`, ambiguous + "'System.Security.Cryptography.X509Certificates.X509Certificate2.X509Certificate2(byte[], string)' and " +
			"'System.Security.Cryptography.X509Certificates.X509Certificate2.X509Certificate2(byte[], System.Security.SecureString)'"},
		{"JSON without settings", `@(JObject.Parse("{\"a\":1}", null)["a"].ToString())`, "1"},
		{"JSON with what are no settings", `@(JObject.Parse("{}", 1))`, "CS1503 Argument 2: cannot convert from 'int' to 'Newtonsoft.Json.Linq.JsonLoadSettings'"},
		{"settings of one's own", `@(JsonConvert.SerializeObject(1, new JsonSerializerSettings()))`, "PST2100 Usage of type 'Newtonsoft.Json.JsonSerializerSettings' is not supported within expressions"},
		{"select without settings", `@(JObject.Parse("{\"a\":1}").SelectToken("a", settings: null).ToString())`, "1"},
		{"clone without settings", `@(JObject.Parse("{\"a\":1}").DeepClone(null).ToString(Formatting.None))`, `{"a":1}`},
		{"merge without settings", `@{ var o = JObject.Parse("{\"a\":1}"); o.Merge(JObject.Parse("{\"b\":2}"), null); return o.Count; }`, "2"},
		{"serialize, indented", `@(JsonConvert.SerializeObject(new[] {1}, typeof(int[]), Formatting.Indented, null))`, "[\n  1\n]"},
		{"serialize as a type", `@(JsonConvert.SerializeObject(new[] {1}, typeof(int[]), null))`, "[1]"},
		{"deserialize to a type", `@(JsonConvert.DeserializeObject("5", typeof(int), settings: null))`, "5"},
		{"anonymous without settings", `@(JsonConvert.DeserializeAnonymousType("{\"n\":3}", new { n = 0 }, null).n)`, "3"},
		{"no serializer", `@(JObject.FromObject(new { a = 1 }, null))`, nullArgument + "(Parameter 'jsonSerializer')"},
		{"to an object by no serializer", `@(new JValue(1).ToObject<int>(null))`, nullArgument + "(Parameter 'jsonSerializer')"},
	} {
		e.test(t)
	}
}

// TestSeldom calls what hardly any expression calls.
func TestSeldom(t *testing.T) {
	for _, e := range []expression{
		{"JSON text in single quotes", `@(JsonConvert.ToString("a'b\"c", '\''))`, `'a\'b"c'`},
		{"JSON text in no quotes", `@(JsonConvert.ToString("a", 'x'))`, "System.ArgumentException: Delimiter must be a single or double quote. (Parameter 'delimiter')"},
		{"annotations of a type", `@{ var j = new JObject(); j.AddAnnotation("a"); j.AddAnnotation(new int[0]); j.AddAnnotation("b"); return string.Join(",", j.Annotations<string>()); }`, "a,b"},
		{"annotation by type", `@{ var j = new JObject(); j.AddAnnotation("a"); return j.Annotation(typeof(string)) + "," + (j.Annotation(typeof(int[])) == null); }`, "a,True"},
		{"annotations removed", `@{ var j = new JObject(); j.AddAnnotation("a"); j.RemoveAnnotations(typeof(object)); return j.Annotations(typeof(object)).Count(); }`, "0"},
		{"annotation of no type", `@(new JObject().Annotation(null))`, nullArgument + "(Parameter 'type')"},
		{"chars into a buffer", `@{ var c = new char[4]; return Encoding.UTF8.GetChars(new byte[] {0x78, 0xC3, 0xA9, 0x79}, 1, 3, c, 1) + ":" + c[1] + c[2]; }`, "2:éy"},
		{"buffer of chars too small", `@(Encoding.ASCII.GetChars(new byte[3], 0, 3, new char[2], 0))`,
			"System.ArgumentException: The output char buffer is too small to contain the decoded characters, encoding '20127' and fallback 'System.Text.DecoderReplacementFallback'. (Parameter 'chars')"},
		{"normalized", `@(Encoding.GetEncoding("iso-8859-1").IsAlwaysNormalized(System.Text.NormalizationForm.FormC))`, "True"},
		{"matches into an object array", `@{ var a = new object[3]; Regex.Matches("a1b2", "[0-9]").CopyTo(a, 1); return a[1] + "," + a[2] + (a[0] == null); }`, "1,2True"},
		{"matches into too small an array", `@{ Regex.Matches("a1b2", "[0-9]").CopyTo(new object[1], 0); return 0; }`, "System.IndexOutOfRangeException: Index was outside the bounds of the array."},
		{"groups into a string array", `@{ Regex.Match("a", "a").Groups.CopyTo(new string[1], 0); return 0; }`, "System.InvalidCastException: Object cannot be stored in an array of this type."},
		{"synchronized match", `@(Match.Synchronized(Regex.Match("ab", "b")).Index)`, "1"},
		{"synchronized null", `@(Match.Synchronized(null))`, nullArgument + "(Parameter 'inner')"},
		{"deserialization of nothing", `@{ var d = new Dictionary<string, int> { { "a", 1 } }; d.OnDeserialization(null); return d.Count; }`, "1"},
		{"public key of a key", `@{ var r = RSA.Create(2048); return new PublicKey(r).ExportSubjectPublicKeyInfo().SequenceEqual(r.ExportSubjectPublicKeyInfo()); }`, "True"},
		{"public key of its parts", `@{ var k = new PublicKey(RSA.Create(2048)); return new PublicKey(k.Oid, k.EncodedParameters, k.EncodedKeyValue).GetRSAPublicKey().KeySize; }`, "2048"},
		{"public key of null", `@(new PublicKey((RSA)null))`, nullArgument + "(Parameter 'key')"},
	} {
		e.test(t)
	}
}
