package clr_test

import "testing"

const uriError = "System.UriFormatException: Invalid URI: "

func TestUri(t *testing.T) {
	for _, e := range []expression{
		{"no host", `@(new Uri("http://"))`, uriError + "The hostname could not be parsed."},
		{"no format", `@(new Uri("abc"))`, uriError + "The format of the URI could not be determined."},
		{"bad scheme", `@(new Uri("1http://x"))`, uriError + "The URI scheme is not valid."},
		{"bad port", `@(new Uri("http://a:b/"))`, uriError + "Invalid port specified."},
		{"empty port", `@(new Uri("http://h:/x").Port)`, "80"},
		{"numbers", `@(new Uri("http://0x7f.1/").Host)`, "127.0.0.1"},
		{"dots", `@(new Uri("HTTP://EXAMPLE.COM/A/../%2e/b").AbsoluteUri)`, "http://example.com/b"},
		{"no path", `@(new Uri("http://h?x=1").AbsoluteUri + "|" + new Uri("http://h#f").AbsoluteUri)`, "http://h/?x=1|http://h/#f"},
		{"relative", `@(new Uri("a/b", UriKind.Relative).Host)`, "System.InvalidOperationException: This operation is not supported for a relative URI."},
		{"file", `@(new Uri("file:///a b/x").AbsoluteUri + "|" + new Uri("file:///a%20b").LocalPath)`, "file:///a%20b/x|/a b"},
		{"equality", `@(new Uri("http://h/a").Equals(new Uri("http://H:80/a#x")) + "" + (new Uri("http://h/a") == new Uri("http://h/A")))`, "TrueFalse"},
		{"make relative", `@(new Uri("http://h/a/b/").MakeRelativeUri(new Uri("http://h/a/c?d")).ToString())`, "../c?d"},
		{"try", `@{ Uri u; return Uri.TryCreate("nope", UriKind.Absolute, out u) + "," + (u == null) + "," + Uri.TryCreate(new Uri("http://a/b/"), "../c", out u) + "," + u; }`, "False,True,True,http://a/c"},
		{"relative base", `@(new Uri(new Uri("a", UriKind.Relative), "b"))`, "System.ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'baseUri')"},
		{"well formed", `@(Uri.IsWellFormedUriString("http://h/a b", UriKind.Absolute) + "," + Uri.IsWellFormedUriString("http://h/a%20b", UriKind.Absolute))`, "False,True"},
	} {
		e.test(t)
	}
}

func TestText(t *testing.T) {
	for _, e := range []expression{
		{"unknown encoding", `@(Encoding.GetEncoding("windows-1252"))`, "System.ArgumentException: 'windows-1252' is not a supported encoding name. For information on defining a custom" +
			" encoding, see the documentation for the Encoding.RegisterProvider method. (Parameter 'name')"},
		{"encoding by name", `@(Encoding.GetEncoding("LATIN1").WebName + Encoding.GetEncoding(1201).WebName)`, "iso-8859-1utf-16BE"},
		{"convert", `@(BitConverter.ToString(Encoding.Convert(Encoding.UTF8, Encoding.Unicode, new byte[] { 0xC3, 0xA9 })))`, "E9-00"},
		{"HTML", `@(WebUtility.HtmlEncode("<a b='x'>é😀"))`, "&lt;a b=&#39;x&#39;&gt;&#233;&#128512;"},
		{"entities", `@(WebUtility.HtmlDecode("&#65;&#x42;&#xD800;&;&amp&lt;&#;&copy"))`, "AB&#xD800;&;&amp<&#;&copy"},
		{"addresses", `@(IPAddress.Parse("1").ToString() + "," + IPAddress.Parse("::ffff:1.2.3.4").MapToIPv4() + "," + IPAddress.IsLoopback(IPAddress.Parse("::1")) + "," + IPAddress.Parse("1.2.3.4").AddressFamily)`, "0.0.0.1,1.2.3.4,True,InterNetwork"},
		{"address with a port", `@(IPAddress.Parse("[::1]:80").ToString())`, "::1"},
		{"reader", `@{ var r = new StringReader("a\r\nb\rc"); return r.ReadLine() + r.ReadLine() + (char)r.Peek() + r.ReadToEnd() + r.Read(); }`, "abcc-1"},
	} {
		e.test(t)
	}
}

func FuzzUri(f *testing.F) {
	for _, s := range []string{"http://u@h:80/a/../b?c#d", "http://[::1%25x]/", "mailto:a@b", "file:///c:/x", "urn:a:b", "http://%41/%zz", "//h/x", "http://0x1.2/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		resultOf(`@{ Uri u; Uri.TryCreate(` + quoted(text) + `, UriKind.RelativeOrAbsolute, out u); return u?.ToString() + u?.IsAbsoluteUri; }`)
	})
}

// quoted is a C# verbatim string.
func quoted(s string) string {
	out := `@"`
	for _, r := range s {
		if out += string(r); r == '"' {
			out += `"`
		}
	}
	return out + `"`
}
