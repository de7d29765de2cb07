package csharp_test

import "testing"

// TestIdiomsOfPolicies has whole blocks as policies have them; what they sign was signed by other means too.
func TestIdiomsOfPolicies(t *testing.T) {
	testIdioms(t, []idiom{
		{`@{
	string resourceUri = "https://ns.servicebus.windows.net/queue";
	string sasKeyName = "RootManageSharedAccessKey";
	TimeSpan sinceEpoch = new DateTime(2026, 1, 2, 2, 4, 5) - new DateTime(1970, 1, 1);
	string expiry = Convert.ToString((int)sinceEpoch.TotalSeconds + 3600);
	string stringToSign = System.Uri.EscapeDataString(resourceUri) + "\n" + expiry;
	HMACSHA256 hmac = new HMACSHA256(Encoding.UTF8.GetBytes("secretkey="));
	var signature = Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(stringToSign)));
	return String.Format("SharedAccessSignature sr={0}&sig={1}&se={2}&skn={3}",
		System.Uri.EscapeDataString(resourceUri), System.Uri.EscapeDataString(signature), expiry, sasKeyName);
}`, `SharedAccessSignature sr=https%3A%2F%2Fns.servicebus.windows.net%2Fqueue&sig=KINsi9H4BSbJ0JafYJBtFar28g2q%2Fa%2B2%2B7Gwhk0%2FHzg%3D&se=1767323045&skn=RootManageSharedAccessKey`},
		{`@{
	var verb = "get"; var resourceType = "docs"; var resourceLink = "dbs/d/colls/c";
	var utcDate = context.Timestamp.ToString("R").ToLowerInvariant();
	var hmac = new System.Security.Cryptography.HMACSHA256 { Key = Convert.FromBase64String("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=") };
	var payLoad = string.Format("{0}\n{1}\n{2}\n{3}\n{4}\n", verb.ToLowerInvariant(), resourceType.ToLowerInvariant(), resourceLink, utcDate, "");
	byte[] hashPayLoad = hmac.ComputeHash(System.Text.Encoding.UTF8.GetBytes(payLoad));
	string signature = Convert.ToBase64String(hashPayLoad);
	return System.Uri.EscapeDataString(String.Format("type={0}&ver={1}&sig={2}", "master", "1.0", signature));
}`, `type%3Dmaster%26ver%3D1.0%26sig%3DkdveExgYyYQ%2FggVLBGTerCiNTEbXHv3CKy9T6K9HRYA%3D`},
		{`@{
	Func<string, string> enc = s => Convert.ToBase64String(Encoding.UTF8.GetBytes(s)).Split('=')[0].Replace('+', '-').Replace('/', '_');
	var iat = new DateTimeOffset(context.Timestamp).ToUnixTimeSeconds();
	var header = JsonConvert.SerializeObject(new { alg = "HS256", typ = "JWT" });
	var payload = JsonConvert.SerializeObject(new { sub = context.User.Id, iat, exp = iat + 300, roles = new[] { "a", "b" } });
	var message = enc(header) + "." + enc(payload);
	using (var hmac = new HMACSHA256(Encoding.UTF8.GetBytes("k"))) {
		var sig = Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(message))).Split('=')[0].Replace('+', '-').Replace('/', '_');
		return message + "." + sig;
	}
}`, `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LTciLCJpYXQiOjE3NjczMjMwNDUsImV4cCI6MTc2NzMyMzM0NSwicm9sZXMiOlsiYSIsImIiXX0.yOjloy--XLUH2GH6R6Q_oFVNfckh8q-ay3HBkGn_Rt4`},
		{`@{
	Func<byte[], string, byte[]> sign = (key, data) => { using (var h = new HMACSHA256(key)) { return h.ComputeHash(Encoding.UTF8.GetBytes(data)); } };
	Func<byte[], string> hex = b => BitConverter.ToString(b).Replace("-", string.Empty).ToLower();
	var amzDate = context.Timestamp.ToString("yyyyMMddTHHmmssZ");
	var dateStamp = context.Timestamp.ToString("yyyyMMdd");
	var payloadHash = hex(SHA256.Create().ComputeHash(new byte[0]));
	var canonical = "GET\n/\n\n" + "host:x.example.com\n" + "\nhost\n" + payloadHash;
	var scope = $"{dateStamp}/us-east-1/execute-api/aws4_request";
	var toSign = $"AWS4-HMAC-SHA256\n{amzDate}\n{scope}\n{hex(SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes(canonical)))}";
	var key1 = sign(sign(sign(sign(Encoding.UTF8.GetBytes("AWS4" + "wJalrXUtnFEMI"), dateStamp), "us-east-1"), "execute-api"), "aws4_request");
	return hex(sign(key1, toSign));
}`, `0d662426207ac613e1cb4eaa73184c92c18b1219a877d0018f082de6cf96ba2b`},
		{`@{
	var body = context.Request.Body.As<string>(preserveContent: true);
	var expected = "F00BD81F18F18DE1646189C087E6804D051B4BA0";
	var computed = string.Concat(new HMACSHA1(Encoding.ASCII.GetBytes("hook")).ComputeHash(Encoding.UTF8.GetBytes(body)).Select(b => b.ToString("x2")));
	return computed.Equals(expected, StringComparison.OrdinalIgnoreCase) ? "ok" : "bad " + computed;
}`, `ok`},
		{`@{
	// an error body
	var error = new JObject();
	error["error"] = new JObject(new JProperty("code", context.Response.StatusCode), new JProperty("message", context.LastError?.Message ?? "none"));
	error["error"]["requestId"] = context.RequestId;
	return error.ToString(Newtonsoft.Json.Formatting.None);
}`, `{"error":{"code":201,"message":"IDX10223: Lifetime validation failed.","requestId":"0f8fad5b-d9cb-469f-a165-70867728950e"}}`},
		{`@{
	JObject inBody = context.Request.Body.As<JObject>(preserveContent: true);
	var lines = (JArray)inBody["lines"];
	foreach (JObject line in lines.Children<JObject>()) { line.Property("price").Remove(); line.Add("currency", "EUR"); }
	return lines.ToString(Formatting.None);
}`, `[{"sku":"A-1","qty":2,"currency":"EUR"},{"sku":"B-2","qty":1,"currency":"EUR"}]`},
		{`@{
	var o = JObject.Parse("{\"nextLink\":\"https://backend.contoso.com:8443/api/v1/orders?$skip=10\",\"value\":[1]}");
	o["nextLink"] = ((string)o["nextLink"]).Replace(context.Api.ServiceUrl.ToString(), "https://" + context.Request.OriginalUrl.Host + "/orders");
	return (string)o["nextLink"];
}`, `https://api.contoso.com/orders/orders?$skip=10`},
		{`@{
	var body = "grant_type=password&username=ada&password=p%40ss";
	var form = body.Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
	return form["password"];
}`, `p@ss`},
		{`@{
	string[] segments = context.Request.Url.Path.Split(new char[] { '/' }, StringSplitOptions.RemoveEmptyEntries);
	var parts = new List<string>(segments);
	parts[1] = "{id}";
	return "/" + String.Join("/", parts.ToArray());
}`, `/orders/{id}/items`},
		{`@{
	var ip = "10.1.2.3";
	uint n = 0;
	foreach (var part in ip.Split('.')) { n = (n << 8) + uint.Parse(part); }
	uint mask = uint.MaxValue << (32 - 8);
	return (n & mask) == (10u << 24);
}`, `True`},
		{`@{
	var xml = context.Response.Body.As<XDocument>(preserveContent: true);
	XNamespace ns = xml.Root.GetDefaultNamespace();
	var items = new JArray(xml.Root.Elements(ns + "line").Select(e => new JObject(new JProperty("sku", e.Attribute("sku").Value), new JProperty("price", decimal.Parse(e.Value)))));
	return new JObject(new JProperty("items", items)).ToString(Formatting.None);
}`, `{"items":[{"sku":"A-1","price":9.95},{"sku":"B-2","price":100.00}]}`},
		{`@{
	var envelope = XElement.Parse("<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body><r xmlns='urn:x'><v>7</v></r></soap:Body></soap:Envelope>");
	var v = envelope.Descendants().Where(e => e.Name.LocalName == "v").FirstOrDefault();
	return v == null ? -1 : (int)v;
}`, `7`},
		{`@{
	var doc = XDocument.Parse("<a xmlns:n='urn:n'><n:b c='1'/></a>");
	doc.Descendants().Attributes().Where(a => a.IsNamespaceDeclaration).Remove();
	foreach (var e in doc.Descendants()) { e.Name = e.Name.LocalName; }
	return doc.ToString(SaveOptions.DisableFormatting);
}`, `<a><b c="1" /></a>`},
		{`@{
	var claims = context.Request.Headers.GetValueOrDefault("Authorization", "").Split(' ')[1].AsJwt().Claims;
	return claims.ContainsKey("roles") && claims["roles"].Intersect(new[] { "writer", "reader" }).Any();
}`, `True`},
		{`@{
	var jwt = context.Request.Headers.GetValueOrDefault("Authorization", "").Split(' ')[1].AsJwt();
	return jwt.ExpirationTime > context.Timestamp && jwt.NotBefore <= context.Timestamp ? jwt.Id ?? "no id" : "expired";
}`, `no id`},
		{`@{
	var now = context.Timestamp;
	var seconds = 86400 - (int)now.TimeOfDay.TotalSeconds;
	return seconds;
}`, `75355`},
		{`@{
	var models = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { { "gpt-4", 2 }, { "GPT-35", 1 } };
	int weight;
	if (!models.TryGetValue("gpt-35", out weight)) { weight = 9; }
	return weight + models.Values.Sum();
}`, `4`},
		{`@{
	JArray backends = new JArray();
	backends.Add(new JObject() { { "url", "https://a" }, { "priority", 1 }, { "isThrottling", false }, { "retryAfter", DateTime.MinValue } });
	backends.Add(new JObject() { { "url", "https://b" }, { "priority", 2 }, { "isThrottling", true }, { "retryAfter", DateTime.MinValue } });
	var selected = Int32.MaxValue; var available = new List<Int32>();
	for (int i = 0; i < backends.Count; i++) {
		JObject backend = (JObject)backends[i];
		if (!backend.Value<bool>("isThrottling")) {
			int p = backend.Value<Int32>("priority");
			if (p < selected) { selected = p; available.Clear(); available.Add(i); } else if (p == selected) { available.Add(i); }
		}
	}
	return available.Count == 1 ? backends[available[0]]["url"].ToString() : "none";
}`, `https://a`},
		{`@{
	JObject backend = new JObject() { { "retryAfter", DateTime.Parse("2026-01-02T03:05:00Z").ToUniversalTime() } };
	return (Convert.ToDateTime(backend["retryAfter"]) - context.Timestamp.ToUniversalTime()).TotalSeconds > 54;
}`, `True`},
		{`@{
	var ok = true;
	var required = new[] { "id", "customer", "nope" };
	var b = context.Request.Body.As<JObject>(true);
	var missing = required.Where(r => b.Property(r) == null || b[r].Type == JTokenType.Null).ToList();
	if (missing.Any()) { ok = false; }
	return ok ? "valid" : "missing: " + string.Join(", ", missing);
}`, `missing: nope`},
		{`@{
	var cn = "";
	foreach (var part in "CN=client-01, O=Contoso, C=CZ".Split(',')) {
		var p = part.Trim();
		if (p.StartsWith("CN=", StringComparison.OrdinalIgnoreCase)) { cn = p.Substring(3); break; }
	}
	return cn;
}`, `client-01`},
		{`@{
	var cert = context.Request.Certificate;
	if (cert == null || cert.NotAfter < DateTime.MinValue) { return "bad"; }
	return cert.Subject.Contains("CN=") && cert.Thumbprint == cert.Thumbprint.ToUpperInvariant() && cert.GetRawCertData().Length > 100 ? "good" : "odd";
}`, `good`},
		{`@{
	using (RSA rsa = context.Deployment.Certificates["signing"].GetRSAPrivateKey()) {
		var data = Encoding.UTF8.GetBytes("message");
		var signature = rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
		return context.Deployment.Certificates["signing"].GetRSAPublicKey().VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
	}
}`, `True`},
		{`@{
	var plain = Encoding.UTF8.GetBytes("secret text");
	var key = Convert.FromBase64String("AAECAwQFBgcICQoLDA0ODw==");
	var iv = new byte[16];
	return Encoding.UTF8.GetString(plain.Encrypt("Aes", key, iv).Decrypt("Aes", key, iv));
}`, `secret text`},
		{`@{
	string template = "Hello {name}, order {id}";
	foreach (var kv in new Dictionary<string, string> { { "name", "Ada" }, { "id", context.Request.MatchedParameters["id"] } }) {
		template = template.Replace("{" + kv.Key + "}", kv.Value);
	}
	return template;
}`, `Hello Ada, order 42`},
		{`@{
	var level = 0; var max = 0;
	foreach (char c in context.Request.Body.As<string>(true)) {
		if (c == '{' || c == '[') { level++; if (level > max) { max = level; } }
		else if (c == '}' || c == ']') { level--; }
	}
	return max + "/" + level;
}`, `3/0`},
		{`@{
	string q = context.Request.Url.QueryString.TrimStart('?');
	var dict = q.Split('&').Select(x => x.Split('=')).GroupBy(x => x[0]).ToDictionary(g => g.Key, g => string.Join("+", g.Select(x => System.Net.WebUtility.UrlDecode(x[1]))));
	return dict["tag"] + dict["q"] + dict["empty"];
}`, `a+bcafé noir`},
		{`@{
	var s = "2026-01-02T03:04:05.678+01:00";
	DateTimeOffset when;
	return DateTimeOffset.TryParse(s, out when) ? when.UtcDateTime.ToString("HH:mm:ss.fff") + when.Offset.TotalHours : "";
}`, `02:04:05.6781`},
		{`@{
	var retry = context.Response?.Headers?.GetValueOrDefault("Retry-After", "10") ?? "0";
	return context.Response.StatusCode == 429 ? int.Parse(retry) : Convert.ToInt32(retry) / 2;
}`, `5`},
		{`@{
	var counter = 0;
	do { counter++; } while (counter < 5 && !(counter % 3 == 0));
	return counter > 2 ? (object)counter : "few";
}`, `3`},
		{`@{
	string s = null;
	var text = s?.Trim() ?? context.Request.Headers.GetValueOrDefault("X-Empty");
	return text.Length == 0 && String.IsNullOrEmpty(text) ? "empty" : text;
}`, `empty`},
		{`@{
	var input = "Contact ada@contoso.com or +420 123 456 789, card 4111-1111-1111-1111";
	var masked = Regex.Replace(input, @"\b\d{4}-\d{4}-\d{4}-(\d{4})\b", "****-$1");
	masked = Regex.Replace(masked, @"(?<first>[a-z])[a-z]*@", m => m.Groups["first"].Value + "***@", RegexOptions.IgnoreCase);
	return masked;
}`, `Contact a***@contoso.com or +420 123 456 789, card ****-1111`},
		{`@{
	var csv = "id,name\n1,Ada\n2,Bob\n";
	var rows = csv.Split('\n').Where(l => !string.IsNullOrWhiteSpace(l)).Skip(1).Select(l => l.Split(',')).Select(c => new JObject(new JProperty("id", int.Parse(c[0])), new JProperty("name", c[1])));
	return new JArray(rows).ToString(Formatting.None);
}`, `[{"id":1,"name":"Ada"},{"id":2,"name":"Bob"}]`},
		{`@{
	var a = new[] { 3, 1, 2 };
	Array.Sort(a); Array.Reverse(a);
	return string.Join(",", a) + Array.IndexOf(a, 1) + a.Contains(5);
}`, `3,2,12False`},
		{`@{
	var sb = new StringBuilder();
	sb.AppendLine("line 1").AppendFormat("{0:yyyy}-{1}", context.Timestamp, "x").Append('!', 2);
	return sb.ToString().Replace("\r", "").Replace("\n", "|");
}`, `line 1|2026-x!!`},
		{`@{
	var outer = 0;
	foreach (var group in context.Product.Groups) {
		foreach (var name in new[] { "Developers", "Partners" }) {
			if (group.Name != name) { continue; }
			outer += name.Length;
		}
	}
	return outer;
}`, `18`},
	})
}
