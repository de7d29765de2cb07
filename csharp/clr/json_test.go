package clr_test

import (
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

const (
	readerError = "Newtonsoft.Json.JsonReaderException: "
	serialError = "Newtonsoft.Json.JsonSerializationException: "
)

func TestJSONParse(t *testing.T) {
	for _, e := range []expression{
		{"array for an object", `@(JObject.Parse("[1]"))`, readerError + "Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1."},
		{"object for an array", `@(JArray.Parse("{}"))`, readerError + "Error reading JArray from JsonReader. Current JsonReader item is not an array: StartObject. Path '', line 1, position 1."},
		{"cut literal", `@(JToken.Parse("nul"))`, readerError + "Unexpected end when reading JSON. Path '', line 1, position 3."},
		{"no number", `@(JToken.Parse("-"))`, readerError + "Input string '-' is not a valid number. Path '', line 1, position 1."},
		{"symbols are text again", `@(JToken.Parse("[NaN,Infinity,-Infinity]"))`, `["NaN","Infinity","-Infinity"]`},
		{"constructor", `@(JToken.Parse("new Date(1,2)"))`, "new Date(1,2)"},
		{"the last of equal names", `@(JToken.Parse("{\"a\":1,\"a\":2}"))`, `{"a":2}`},
		{"many properties", `@{ var o = new JObject(); for (var i = 0; i < 20; i++) o["p" + i] = i; o.Remove("p3"); o["p4"] = "x"; return o["p19"] + "," + o["p4"] + "," + (o["p3"] == null) + "," + o.Count; }`, "19,x,True,19"},
		{"lone surrogate", `@(JToken.Parse("\"\\ud83d\\ude00 \\ud83d x\""))`, "\"\U0001F600 \uFFFD x\""},
		{"position after wide characters", "@(JToken.Parse(\"[\\\"é\U0001F600\\\" x\"))", readerError + "After parsing a value an unexpected character was encountered: x. Path '[0]', line 1, position 7."},
		{"second line", `@(JObject.Parse("{\n \"a\": x}"))`, readerError + "Unexpected character encountered while parsing value: x. Path 'a', line 2, position 6."},
		{"offset becomes local time", `@(JToken.Parse("\"2024-01-02T03:04:05+02:00\""))`, `"2024-01-02T01:04:05+00:00"`},
		{"decimals of a second", `@(JToken.Parse("\"2024-01-02T03:04:05.1230000Z\""))`, `"2024-01-02T03:04:05.123Z"`},
		{"no such day", `@(JToken.Parse("\"2023-02-29T00:00:00Z\"").Type)`, "String"},
		{"null text", `@(JToken.Parse(null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 's')"},
	} {
		e.test(t)
	}
}

func TestJSONTree(t *testing.T) {
	for _, e := range []expression{
		{"value in an object", `@(new JObject(1))`, "System.ArgumentException: Can not add Newtonsoft.Json.Linq.JValue to Newtonsoft.Json.Linq.JObject."},
		{"char is no value", `@(new JArray('c'))`, "System.ArgumentException: Could not determine JSON object type for type System.Char."},
		{"remove a property's value", `@{ var o = JObject.Parse("{\"a\":1}"); o["a"].Remove(); return o; }`, "Newtonsoft.Json.JsonException: Cannot add or remove items from Newtonsoft.Json.Linq.JProperty."},
		{"remove the property", `@{ var o = JObject.Parse("{\"a\":1,\"b\":2}"); o["a"].Parent.Remove(); return o; }`, `{"b":2}`},
		{"replace", `@{ var o = JObject.Parse("{\"a\":1}"); o["a"].Replace("x"); return o; }`, `{"a":"x"}`},
		{"insert between", `@{ var o = JObject.Parse("{\"a\":1,\"b\":2}"); o.Property("b").AddBeforeSelf(new JProperty("c", 3)); o.AddFirst(new JProperty("z", 0)); return o; }`, `{"z":0,"a":1,"c":3,"b":2}`},
		{"no parent", `@{ var o = new JObject(); o.Remove(); return o; }`, "System.InvalidOperationException: The parent is missing."},
		{"merge", `@{ var o = JObject.Parse("{\"a\":{\"b\":1}}"); o.Merge(JObject.Parse("{\"a\":{\"c\":2,\"b\":null},\"d\":[1]}")); return o; }`, `{"a":{"b":1,"c":2},"d":[1]}`},
		{"deep equality", `@(JToken.DeepEquals(JToken.Parse("{\"a\":1,\"b\":[1.0]}"), JToken.Parse("{\"b\":[1.0],\"a\":1}")) + "" + JToken.DeepEquals(new JValue(1), new JValue(1.0)))`, "TrueFalse"},
		{"values compare", `@(new JValue(1).Equals(new JValue(1L)) + "," + new JValue("a").CompareTo(new JValue("b")) + "," + new JValue(1).CompareTo(new JValue(2.5)))`, "True,-1,-1"},
		{"child of a value", `@(JToken.Parse("5").First)`, "System.InvalidOperationException: Cannot access child value on Newtonsoft.Json.Linq.JValue."},
		{"values", `@(JToken.Parse("[{\"x\":1},{\"x\":2}]").Values("x").Sum(v => (int)v) + "," + JToken.Parse("[{\"x\":1},{\"x\":2}]").Children()["x"].Count())`, "3,2"},
		{"raw", `@(new JArray(new JRaw("{x")))`, "[{x]"},
		{"a clone where it has a parent", `@{ var a = new JArray(1); var b = new JArray(a[0]); return object.ReferenceEquals(a[0], b[0]); }`, "False"},
	} {
		e.test(t)
	}
}

func TestJSONPath(t *testing.T) {
	const store = `JObject.Parse("{\"b\":[{\"c\":\"f\",\"p\":8.95},{\"c\":\"r\",\"p\":12.99,\"i\":\"x\"},{\"c\":\"f\",\"p\":22.99}]}")`
	for _, e := range []expression{
		{"or", `@(` + store + `.SelectTokens("$..b[?(@.p < 10 || @.i)].c"))`, `["\"f\"","\"r\""]`},
		{"and", `@(` + store + `.SelectTokens("b[?(@.c == 'f' && @.p >= 9)].p"))`, `["22.99"]`},
		{"root in a filter", `@(` + store + `.SelectTokens("b[?(@.p == $.b[0].p)].c"))`, `["\"f\""]`},
		{"several for one", `@(` + store + `.SelectToken("b[*]"))`, "Newtonsoft.Json.JsonException: Path returned multiple tokens."},
		{"from the end", `@(JArray.Parse("[1,2,3]").SelectTokens("[-1:]"))`, `["3"]`},
		{"null", `@(JObject.Parse("{}").SelectToken(null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'expression')"},
	} {
		e.test(t)
	}
}

func TestJSONConversions(t *testing.T) {
	for _, e := range []expression{
		{"array to string", `@((string)JToken.Parse("[1]"))`, "System.ArgumentException: Can not convert Array to String."},
		{"null to decimal?", `@((decimal?)JToken.Parse("null") ?? 5m)`, "5"},
		{"time", `@((TimeSpan)JToken.Parse("\"01:02:03\""))`, "01:02:03"},
		{"bytes", `@((byte[])JToken.Parse("\"AQID\""))`, "AQID"},
		{"value of an object", `@(JToken.Parse("{\"a\":{}}").Value<int>("a"))`, "System.InvalidCastException: Cannot cast Newtonsoft.Json.Linq.JObject to Newtonsoft.Json.Linq.JToken."},
		{"value of a Guid", `@(JToken.Parse("{\"a\":\"x\"}").Value<Guid>("a"))`, "System.InvalidCastException: Invalid cast from 'System.String' to 'System.Guid'."},
		{"to a dictionary", `@(JToken.Parse("{\"a\":1}").ToObject<Dictionary<string, string>>())`, `{"a":"1"}`},
		{"to an enum", `@(JToken.Parse("\"Ordinal\"").ToObject<StringComparison>() + "," + JToken.Parse("4").ToObject<StringComparison>())`, "Ordinal,Ordinal"},
		{"of text", `@(JObject.FromObject("x"))`, "System.ArgumentException: Object serialized to String. JObject instance expected."},
		{"an anonymous object", `@(JsonConvert.DeserializeAnonymousType("{\"A\":1,\"b\":\"x\",\"c\":[1]}", new { a = 0, B = "" }))`, "{ a = 1, B = x }"},
		{"too large", `@(JsonConvert.DeserializeObject<int>("3000000000"))`, readerError + "JSON integer 3000000000 is too large or small for an Int32. Path '', line 1, position 10."},
		{"no content", `@(JsonConvert.DeserializeObject<int>(""))`, serialError + "No JSON content found and type 'System.Int32' is not nullable. Path '', line 0, position 0."},
		{"null for int", `@(JsonConvert.DeserializeObject<int>("null"))`, serialError + "Error converting value {null} to type 'System.Int32'. Path '', line 1, position 4."},
		{"cut list", `@(JsonConvert.DeserializeObject<int[]>("[1,2"))`, serialError + "Unexpected end when deserializing array. Path '[1]', line 1, position 4."},
		{"wrong class", `@(JsonConvert.DeserializeObject<JObject>("[1]"))`, serialError + "Deserialized JSON type 'Newtonsoft.Json.Linq.JArray' is not compatible with expected type 'Newtonsoft.Json.Linq.JObject'. Path '', line 1, position 3."},
		{"key of another type", `@(JsonConvert.DeserializeObject<Dictionary<int, int>>("{\"1\":2}"))`, `{"1":"2"}`},
		{"strings of values", `@(JsonConvert.DeserializeObject<List<string>>("[1,true,null,1.5,\"x\"]"))`, `["1","true",null,"1.5","x"]`},
		{"odd objects", `@(JsonConvert.SerializeObject(new { u = new Uri("http://a/b c"), e = StringComparison.Ordinal, by = new byte[] { 1 }, ch = 'x', n = double.NaN, f = 1f }))`,
			`{"u":"http://a/b c","e":4,"by":"AQ==","ch":"x","n":"NaN","f":1.0}`},
		{"indented", `@(JsonConvert.SerializeObject(new { a = new int[0], d = new { }, e = new[] { 1 } }, Formatting.Indented))`, "{\n  \"a\": [],\n  \"d\": {},\n  \"e\": [\n    1\n  ]\n}"},
		{"dates", `@(JsonConvert.SerializeObject(new[] { new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Local), new DateTime(2024, 1, 2, 3, 4, 5, 120) }))`,
			`["2024-01-02T03:04:05+00:00","2024-01-02T03:04:05.12"]`},
	} {
		e.test(t)
	}
}

// quietly runs f on a thread of its own; exceptions and used-up budgets are fine.
func quietly(f func(t *types.Thread)) {
	defer func() {
		switch p := recover().(type) {
		case nil, *types.Exception, *types.Exceeded:
		default:
			panic(p)
		}
	}()
	thread := &types.Thread{U: clr.Universe()}
	thread.Start(types.Budget{Steps: 1_000_000, Bytes: 16 << 20, Depth: 200, Time: 2 * time.Second})
	f(thread)
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u0041",null,true]}`, `{'a':0x1F,}`, `/*c*/[1`, `new D(1)`, `"2024-01-02T03:04:05.1+02:00"`, `"/Date(1)/"`, "[\"é\xed\xa0\x80\""} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		quietly(func(t *types.Thread) { clr.ParseJSON(t, text).ToStr(t) })
	})
}
