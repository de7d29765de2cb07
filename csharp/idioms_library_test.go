package csharp_test

import "testing"

// TestIdiomsOfLibrary calls members that policies reach for less often.
func TestIdiomsOfLibrary(t *testing.T) {
	testIdioms(t, []idiom{
		{`@(Tuple.Create(1,2,3,4,5,6,7,8).ToString() + Tuple.Create(1,2,3,4,5,6,7,8).Rest.Item1)`, "(1, 2, 3, 4, 5, 6, 7, 8)8"},
		{`@(Enumerable.Range(1,5).Chunk(2).Select(c => c.Length))`, `["2","2","1"]`},
		{`@(new[]{1,2,3}.LeftJoin(new[]{2,3,4}, x => x, y => y, (x, y) => x + ":" + y))`, `["1:0","2:2","3:3"]`},
		{`@(new[]{1,2,3}.RightJoin(new[]{2,3,4}, x => x, y => y, (x, y) => x + ":" + y))`, `["2:2","3:3","0:4"]`},
		{`@(new[]{"a","bb","cc"}.CountBy(s => s.Length))`, `["[1, 1]","[2, 2]"]`},
		{`@(new[]{1,2,3}.AggregateBy(x => x % 2, 0, (a, x) => a + x))`, `["[1, 4]","[0, 2]"]`},
		{`@(new[]{1,2,3}.Index().Select(t => t.Index * t.Item))`, `["0","2","6"]`},
		{`@(new[]{3,1,2}.Order().Concat(new[]{3,1,2}.OrderDescending()))`, `["1","2","3","3","2","1"]`},
		{`@(new[]{1,2,3,4}.TakeLast(2).Concat(new[]{1,2,3}.SkipLast(2)))`, `["3","4","1"]`},
		{`@(new[]{1,2}.Zip(new[]{"a","b"}, new[]{true,false}))`, `["(1, a, True)","(2, b, False)"]`},
		{`@(new[]{"a","B","b"}.DistinctBy(s => s.ToLower()))`, `["a","B"]`},
		{`@(new[]{1,2,3}.ExceptBy(new[]{1}, x => x).Union(new[]{9}))`, `["2","3","9"]`},
		{`@(new[]{"x","yyy"}.MaxBy(s => s.Length) + new[]{"x","yyy"}.MinBy(s => s.Length))`, "yyyx"},
		{`@(new[]{1,2,3}.Shuffle().Sum())`, "6"},
		{`@(new[]{1,2,3}.Prepend(0).Append(4).ToHashSet().Count)`, "5"},
		{`@(Array.ConvertAll(new[]{1,2}, x => x * 2.5))`, `["2.5","5"]`},
		{`@(decimal.Parse("1.230").ToString() + decimal.Round(2.345m, 2) + decimal.Truncate(-1.9m) + decimal.Floor(-1.1m))`, "1.2302.34-1-2"},
		{`@(decimal.GetBits(1.5m))`, `["15","0","0","65536"]`},
		{`@(new decimal(new[]{15,0,0,65536}))`, "1.5"},
		{`@(((decimal)1e28).ToString() + (int)3.99m + (char)65m)`, "100000000000000000000000000003A"},
		{`@(new Uri("http://a.b/c?d#e").GetLeftPart(UriPartial.Path) + Uri.CheckHostName("1.2.3.4"))`, "http://a.b/cIPv4"},
		{`@(new XDocument(new XDeclaration("1.0","utf-8","yes"), new XElement("a")).Declaration.ToString())`, `<?xml version="1.0" encoding="utf-8" standalone="yes"?>`},
		{`@(new XElement("a", new XText("x"), new XCData("<y>"), new XComment("c")).ToString())`, "<a>x<![CDATA[<y>]]><!--c--></a>"},
		{`@(string.Join("|", Regex.Split("a1b22c", @"\d+")) + Regex.Escape("a.b") + Regex.Replace("abc", "(b)", "[$1$0$&]"))`, `a|b|ca\.ba[bbb]c`},
		{`@(BitConverter.ToInt32(BitConverter.GetBytes(258), 0) + BitConverter.ToString(new byte[]{1,2,3}, 1))`, "25802-03"},
		{`@(Convert.ToString(255, 2) + Convert.ToInt32("ff", 16) + Convert.ToString(-1, 16))`, "11111111255ffffffff"},
		{`@(new Guid("00112233445566778899aabbccddeeff").ToByteArray()[0])`, "51"},
		{`@(new DateTime(2026,1,31).AddMonths(1).ToString("ddd dd MMM yyyy") + DateTime.DaysInMonth(2024, 2))`, "Sat 28 Feb 202629"},
		{`@((new DateTime(2026,1,2) - new DateTime(2025,12,31)).ToString() + TimeSpan.FromDays(1.5).ToString("d\\.hh"))`, "2.00:00:001.12"},
		{`@(new HashSet<int>{1,2}.Overlaps(new[]{2}) + new HashSet<int>{1,2}.SetEquals(new[]{2,1}).ToString())`, "TrueTrue"},
		{`@{ var q = new Queue<int>(new[]{1,2}); var s = new Stack<int>(new[]{1,2}); return q.Dequeue() + "" + s.Pop() + q.Peek() + s.Peek(); }`, "1221"},
		{`@{ var l = new List<int>{3,1,2}; l.Sort((a,b) => b - a); l.RemoveAll(x => x == 3); l.AddRange(new[]{7}); l.Reverse(); return l; }`, `["7","1","2"]`},
		{`@(IPAddress.Parse("::1").AddressFamily + "" + IPAddress.IsLoopback(IPAddress.Parse("127.0.0.1")))`, "InterNetworkV6True"},
		{`@(Encoding.GetEncoding("iso-8859-1").GetBytes("é").Length + Encoding.Unicode.GetBytes("é").Length + Encoding.UTF8.GetByteCount("é"))`, "5"},
		{`@((int)DayOfWeek.Friday + Enum.GetName(typeof(DayOfWeek), 1) + Enum.IsDefined(typeof(DayOfWeek), 9))`, "5MondayFalse"},
		{`@{ try { throw new ArgumentNullException("p"); } catch (ArgumentException e) { return e.Message + e.ParamName; } }`, "Value cannot be null. (Parameter 'p')p"},
		{`@{ try { object o = "s"; return (int)o; } catch (Exception e) { return e.Message; } }`, "Unable to cast object of type 'System.String' to type 'System.Int32'."},
		{`@(Convert.ToInt32(JObject.Parse("{\"a\":5}")["a"]))`, "5"},
		{`@(Convert.ToInt64(new JValue(1.5)))`, "2"},
		{`@(Convert.ToBoolean(JObject.Parse("{\"a\":true}")["a"]))`, "True"},
		{`@(Convert.ToDateTime(new JValue(5)))`, "<System.ArgumentException>"},
		{`@(Convert.ToDateTime(new JObject()))`, "<System.InvalidCastException>"},
		{`@(Convert.ToInt32(JObject.Parse("{}")["a"]))`, "0"},
		{`@(Convert.ChangeType(new JValue("5"), typeof(int)))`, "5"},
		{`@(Convert.GetTypeCode(new JValue(5)) + "," + Convert.GetTypeCode(new JObject()) + "," + Convert.GetTypeCode(null))`, "Int64,Object,Empty"},
		{`@(((JObject)context.Variables["obj"])["b"].Last().Value<int>())`, "3"},
		{`@(((JObject)context.Variables["obj"])["b"].Values<int>().Contains(2))`, "True"},
		{`@(JsonConvert.DeserializeObject<dynamic>("{\"a\":{\"b\":2}}").a.b.ToString())`, "2"},
		{`@(JsonConvert.SerializeObject(new { d = context.Elapsed, k = JTokenType.Array, t = context.User.Groups.Select(g => g.Name) }))`, `{"d":"00:00:00.0420000","k":2,"t":["Developers"]}`},
		{`@(new JObject(new JProperty("when", context.Timestamp), new JProperty("id", context.RequestId)).ToString(Formatting.None))`, `{"when":"2026-01-02T03:04:05.678Z","id":"0f8fad5b-d9cb-469f-a165-70867728950e"}`},
	})
}

// TestIdiomsRefused has what cannot be written, and what is told of it.
func TestIdiomsRefused(t *testing.T) {
	testIdioms(t, []idiom{
		{`@(Environment.NewLine)`, "PST2100 Usage of type 'System.Environment' is not supported within expressions at 1:1"},
		{`@(System.IO.Path.GetFileName("a/b"))`, "PST2100 Usage of type 'System.IO.Path' is not supported within expressions at 1:1"},
		{`@(context.Request.Url,Path)`, "CS0119 'Path' is a type, which is not valid in the given context at 1:21"},
		{`@(string.Concat("a", Path))`, "CS0119 'Path' is a type, which is not valid in the given context at 1:20"},
		{`@(string.Concat(Range(1, 2)))`, "CS1955 Non-invocable member 'Range' cannot be used like a method. at 1:15"},
		{`@(new SortedDictionary<string, int>())`, "PST2100 Usage of type 'System.Collections.Generic.SortedDictionary' is not supported within expressions at 1:5"},
		{`@(new System.Threading.Tasks.Task(null))`, "PST2100 Usage of type 'System.Threading.Tasks.Task' is not supported within expressions at 1:5"},
		{`@{ var Path = "x"; return Path.Length; }`, "1"},
		{`@(nameof(Version))`, "Version"},
		{`@(context.Variables["num"] == 7)`, "CS0019 Operator '==' cannot be applied to operands of type 'object' and 'int' at 1:1"},
		{`@(new[] {1, 2, 3}[^1])`, "CS8370 Feature 'index operator' is not available in C# 7.3. Please use language version 8.0 or greater. at 1:17"},
	})
}
