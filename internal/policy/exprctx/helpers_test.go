package exprctx_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/pki/cert"
)

// eval evaluates an expression on a POST request with the body and Content-Type given.
func eval(t *testing.T, code, body, contentType string) (string, error) {
	t.Helper()
	in := request(t, certificate(t, "client-01"), lenient{true, true},
		apim.Certificate{ID: "Dev-Root", Identity: &cert.Identity{Certificate: certificate(t, "dev-root")}},
		apim.Certificate{ID: "again", Identity: &cert.Identity{Certificate: certificate(t, "dev-root")}},
		apim.Certificate{ID: "client", Identity: &cert.Identity{Certificate: certificate(t, "client-01")}})
	r := in.Exchange.Request
	r.Method, r.Body = "POST", message.NewStringBody(body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Add("Set", "a")
	r.Header.Add("set", "b")
	x := policy.NewRun(in)
	x.Variables.Set("n", int32(5))
	x.Variables.Set("null", nil)
	e, ds := exprctx.NewLanguage(types.Budget{}).Compile(code, policy.WantAny, nil)
	if e == nil {
		t.Fatalf("Compile(%s) = %v", code, ds)
	}
	s, _, err := e.Text(x)
	return s, err
}

func TestMembers(t *testing.T) {
	tests := []struct{ name, code, body, contentType, want string }{
		{"body as text", `@(context.Request.Body.As<string>())`, "é", "text/plain", "é"},
		{"body in Latin-1", `@(context.Request.Body.As<string>())`, "caf\xe9", "text/plain; charset=iso-8859-1", "café"},
		{"body as bytes", `@(context.Request.Body.As<byte[]>().Length)`, "é", "text/plain", "2"},
		{"body as JObject", `@(context.Request.Body.As<JObject>()["a"][1].ToString())`, `{"a":[1,2]}`, "application/json", "2"},
		{"body as JArray", `@(context.Request.Body.As<JArray>().Count)`, `[1,2,3]`, "application/json", "3"},
		{"body as JToken", `@(context.Request.Body.As<JToken>().Type)`, `"x"`, "application/json", "String"},
		{"body as XElement", `@(context.Request.Body.As<XElement>().Name.LocalName)`, `<a><b/></a>`, "text/xml", "a"},
		{"body as XDocument", `@(context.Request.Body.As<XDocument>().Root.Name.LocalName)`, `<a/>`, "text/xml", "a"},
		{"body as XNode", `@(context.Request.Body.As<XNode>().ToString())`, `<a/>`, "text/xml", "<a />"},
		{"body twice", `@(context.Request.Body.As<string>(true) + context.Request.Body.As<string>(preserveContent: true))`, "x", "", "xx"},
		{"form", `@{ var f = context.Request.Body.AsFormUrlEncodedContent(); return f["a"][1] + f["b"][0] + f.Count; }`, "a=1&a=2%20x&b=+", "", "2 x 2"},
		{"form and back", `@(context.Request.Body.AsFormUrlEncodedContent().ToFormUrlEncodedContent())`, "a=1&b=x%2Fy&a=2", "", "a=1&a=2&b=x%2Fy"},
		{"form as query", `@(context.Request.Body.AsFormUrlEncodedContent().ToQueryString())`, "a=1", "", "?a=1"},
		{"length is a header", `@(context.Request.Headers.GetValueOrDefault("content-length", "-"))`, "12345", "", "5"},
		{"two fields of a name", `@(context.Request.Headers["SET"].Length + context.Request.Headers.GetValueOrDefault("set"))`, "x", "", "2a,b"},
		{"try a field", `@{ string[] v; return context.Request.Headers.TryGetValue("set", out v) ? v[1] : "-"; }`, "x", "", "b"},
		{"names of fields", `@(string.Join(",", context.Request.Headers.Keys))`, "x", "a/b", "Host,Content-Length,Accept,Content-Type,Set"},
		{"a variable", `@(context.Variables.GetValueOrDefault<int>("n") + context.Variables.GetValueOrDefault("m", 7))`, "", "", "12"},
		{"an entry of a dictionary by its interface", `@(JsonConvert.DeserializeObject<IDictionary<string, int>>("{\"a\":1}").GetValueOrDefault("a", 5) + ((IDictionary<string, int>)new Dictionary<string, int>()).GetValueOrDefault("b", 6))`, "", "", "7"},
		{"an entry of a dictionary", `@(new Dictionary<string, int> { ["a"] = 1 }.GetValueOrDefault("a", 5))`, "", "", "1"},
		{"a nullable variable", `@(context.Variables.GetValueOrDefault<int?>("null") == null)`, "", "", "True"},
		{"try a variable", `@{ object o; return context.Variables.TryGetValue("none", out o) + ":" + (o == null); }`, "", "", "False:True"},
		{"as an interface", `@{ IReadOnlyDictionary<string, object> v = context.Variables; return v["n"] + ":" + v.ContainsKey("x") + v.Count; }`, "", "", "5:False2"},
		{"certificates by thumbprint", `@(context.Deployment.Certificates["F0661E7A12835440D6C8C6F8FE7942F692FA13E1"].Subject)`, "", "", "CN=Dev Root CA, O=Contoso"},
		{"certificates by id", `@(context.Deployment.Certificates["DEV-root"].Subject)`, "", "", "CN=Dev Root CA, O=Contoso"},
		{"each certificate once", `@(context.Deployment.Certificates.Count + ":" + context.Deployment.Certificates.Count(c => c.Key == c.Value.Thumbprint))`, "", "", "2:2"},
		{"the client's certificate", `@(context.Request.Certificate.Verify() + "," + context.Request.Certificate.VerifyNoRevocation())`, "", "", "True,True"},
		{"a certificate from bytes", `@(new X509Certificate2(context.Request.Certificate.RawData).Verify())`, "", "", "True"},
		{"the uploaded ones", `@(context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))`, "", "", "True"},
		{"basic", `@{ BasicAuthCredentials b; return "Basic YTpi".TryParseBasic(out b) ? b.UserId + b.Password : "-"; }`, "", "", "ab"},
		{"token", `@{ Jwt j; return "x".TryParseJwt(out j) + ":" + (j == null); }`, "", "", "False:True"},
		{"encrypt and decrypt", `@{ var k = new byte[16]; var e = Encoding.UTF8.GetBytes("hush").Encrypt("Aes", k, k); return Encoding.UTF8.GetString(e.Decrypt("Aes", k, k)); }`, "", "", "hush"},
		{"URL", `@(context.Request.Url.Scheme + context.Request.Url.Host + context.Request.Url.Port + context.Request.OriginalUrl.ToUri().AbsolutePath)`, "", "", "httpsgw.test443/orders/42"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := eval(t, tt.code, tt.body, tt.contentType); err != nil || got != tt.want {
				t.Errorf("%s = %q, %v; want %q", tt.code, got, err, tt.want)
			}
		})
	}
}

func TestMembersThatThrow(t *testing.T) {
	tests := []struct{ name, code, body, kind, text string }{
		{"no such variable", `@(context.Variables["x"])`, "", "System.Collections.Generic.KeyNotFoundException", "The given key 'x' was not present in the dictionary."},
		{"a variable of another type", `@(context.Variables.GetValueOrDefault<string>("n"))`, "", "System.InvalidCastException", "Unable to cast object of type 'System.Int32' to type 'System.String'."},
		{"a null key", `@(context.Variables.ContainsKey(null))`, "", "System.ArgumentNullException", "Value cannot be null. (Parameter 'key')"},
		{"no such certificate", `@(context.Deployment.Certificates["X"].Subject)`, "", "System.Collections.Generic.KeyNotFoundException", "The given key 'X' was not present in the dictionary."},
		{"a body that is gone", `@(context.Request.Body.As<string>() + context.Request.Body.As<string>())`, "x", "System.InvalidOperationException", ""},
		{"a body that is no JSON", `@(context.Request.Body.As<JObject>())`, "x", "Newtonsoft.Json.JsonReaderException", ""},
		{"a type that no body has", `@(context.Request.Body.As<int>())`, "x", "System.NotSupportedException", "A message body cannot be read as 'System.Int32'."},
		{"no last error", `@(context.LastError.Reason)`, "", "System.NullReferenceException", "Object reference not set to an instance of an object."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := eval(t, tt.code, tt.body, "")
			e, ok := errors.AsType[*types.Exception](err)
			if !ok || e.T.FullName() != tt.kind || tt.text != "" && e.Message() != tt.text {
				t.Errorf("%s throws %v; want %s %q", tt.code, err, tt.kind, tt.text)
			}
		})
	}
}

func TestResultsAreBounded(t *testing.T) {
	_, err := eval(t, `@{ var s = "x"; while (true) { s += s; } }`, "", "")
	if _, ok := errors.AsType[*types.Exceeded](err); !ok || !strings.Contains(err.Error(), "memory") {
		t.Errorf("error = %v; want memory used up", err)
	}
}
