package liquid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/policy/liquid"
)

// filterTests has cases for every filter, by its name.
var filterTests = map[string][]rendering{
	"Abs":        {{"text", `{{ "-3.5" | Abs }}`, "3.5", ""}, {"no number", `{{ "1e3" | Abs }}`, "0", ""}, {"null", `{{ nil | Abs }}`, "", "Object reference"}},
	"Append":     {{"decimals keep their zeros", `{{ 1.50 | Append: 2.0 }}`, "1.502.0", ""}, {"list", `{{ body.tags | Append: "x" }}`, "", "cannot be converted to type 'System.String'"}},
	"AtLeast":    {{"below", `{{ 3 | AtLeast: 5 }}`, "5", ""}, {"no number", `{{ "x" | AtLeast: 5 }}`, "x", ""}, {"null limit", `{{ 3 | AtLeast: nil }}`, "", "Object reference"}},
	"AtMost":     {{"above", `{{ 7.5 | AtMost: "5.25" }}`, "5.25", ""}},
	"Capitalize": {{"words", `{{ "1 a'bC dEF GHI" | Capitalize }}`, "1 A'bc Def GHI", ""}},
	"Ceil":       {{"fraction", `{{ 1.2 | Ceil }}`, "2", ""}, {"amount", `{{ "($1.50)" | Ceil }}`, "-1", ""}, {"null", `{{ nil | Ceil }}`, "", "Object reference"}},
	"Compact":    {{"nulls", `{{ body.mixed | Compact | Size }}`, "3", ""}, {"number", `{{ 1 | Compact | Size }}`, "1", ""}},
	"Concat":     {{"lists", `{{ body.tags | Concat: body.nums }}`, "xyz312", ""}, {"null", `{{ nil | Concat: body.nums }}{{ body.nums | Concat: nil }}`, "312312", ""}},
	"Currency": {{"double", `{{ 1234.5 | Currency }}`, "$1,234.50", ""}, {"negative", `{{ -7 | Currency }}`, "($7.00)", ""},
		{"its own culture", `{{ 1 | Currency: "en-US" }}`, "$1.00", ""}, {"another", `{{ 1 | Currency: "de-DE" }}`, "", "The culture 'de-DE' is not supported"}},
	"Date": {{"format", `{{ body.date | Date: "ddd d MMM yyyy HH:mm" }}`, "Thu 29 Feb 2024 13:04", ""}, {"text", `{{ "2024-02-29T13:04:05+02:00" | Date: "HH:mm K" }}`, "11:04 +00:00", ""},
		{"now", `{{ "now" | Date: "yyyy-MM-ddTHH:mm:ss.fff" }}{{ "Today" | Date: "" }}`, "2026-01-02T03:04:05.0061/2/2026 3:04:05 AM", ""},
		{"bad format", `{{ body.date | Date: "%" }}`, "", "Input string was not in a correct format."}, {"no format", `{{ body.date | Date }}`, "", "no value was supplied"}},
	"Default":   {{"blank", `{{ " " | Default: "d" }}`, "d", ""}, {"number", `{{ 0 | Default: 1 }}`, "0", ""}},
	"DividedBy": {{"integers", `{{ 7 | DividedBy: 2 }}`, "3", ""}, {"zero", `{{ 7 | DividedBy: 0 }}`, "", "Attempted to divide by zero."}, {"zero among fractions", `{{ 7.0 | DividedBy: 0 }}`, "∞", ""}},
	"Downcase":  {{"accents", `{{ "ÀÉ" | Downcase }}`, "àé", ""}},
	"Escape":    {{"all", `{{ "<a href='x'>&é" | Escape }}`, "&lt;a href=&#39;x&#39;&gt;&amp;&#233;", ""}}, "H": {{"same", `{{ "<" | H }}`, "&lt;", ""}},
	"EscapeOnce":  {{"once", `{{ "&lt;<" | EscapeOnce }}`, "&lt;&lt;", ""}},
	"First":       {{"dictionary", `{{ body.customer | First }}`, "[name, Grace]", ""}, {"nothing", `[{{ "" | First }}]`, "[]", ""}},
	"Last":        {{"list", `{{ body.nums | Last }}`, "2", ""}},
	"Floor":       {{"negative", `{{ -1.5 | Floor }}`, "-2", ""}},
	"Join":        {{"glue", `{{ body.mixed | Join: ", " }}`, "1, b, , 2.5", ""}, {"number", `{{ 1 | Join }}`, "", "Invalid cast from 'System.Int32' to 'System.Collections.IEnumerable'."}},
	"Lstrip":      {{"left", `{{ body.space | Lstrip }}|`, "pad  |", ""}},
	"Rstrip":      {{"right", `|{{ body.space | Rstrip }}`, "|  pad", ""}},
	"Strip":       {{"both", `|{{ body.space | Strip }}|`, "|pad|", ""}},
	"Map":         {{"property", `{{ body.items | Map: "qty" | Join: "+" }}`, "2+1+0", ""}, {"no dictionaries", `[{{ body.nums | Map: "qty" }}]`, "[]", ""}},
	"Minus":       {{"longs", `{{ body.id | Minus: 50 }}`, "-8", ""}, {"dates", `{{ body.date | Minus: body.date }}`, "00:00:00", ""}, {"text", `{{ "3" | Minus: 1 }}`, "", "not numeric"}},
	"Modulo":      {{"negative", `{{ -7 | Modulo: 4 }}`, "-3", ""}, {"fractions", `{{ 7.5 | Modulo: 2 }}`, "1.5", ""}, {"zero", `{{ 7.5 | Modulo: 0 }}`, "NaN", ""}},
	"NewlineToBr": {{"lines", `{{ body.multi | NewlineToBr }}`, "one<br />\ntwo", ""}},
	"Plus": {{"characters", `{{ "a" | First | Plus: 1 }}`, "98", ""}, {"text", `{{ "1" | Plus: 1.50 }}`, "11.50", ""}, {"overflow of int", `{{ 2147483647 | Plus: 1 }}`, "", "Arithmetic operation resulted in an overflow."},
		{"bool", `{{ true | Plus: 1 }}`, "", "Argument is not numeric (Parameter 'left')"}, {"bool and fraction", `{{ true | Plus: 1.5 }}`, "2.5", ""}, {"too large for decimal", `{{ 79228162514264337593543950335.0 | Plus: 1.0 }}`, "7.922816251426434E+28", ""}},
	"Prepend":       {{"null", `{{ nil | Prepend: "a" }}`, "a", ""}},
	"Remove":        {{"all", `{{ "abcabc" | Remove: "b" }}`, "acac", ""}, {"nothing", `{{ "abc" | Remove: "" }}`, "", "cannot be an empty string"}, {"null", `{{ "abc" | Remove: nil }}`, "", "(Parameter 'oldValue')"}},
	"RemoveFirst":   {{"first", `{{ "a.b.c" | RemoveFirst: "[.]" }}`, "ab.c", ""}},
	"Replace":       {{"expression", `{{ "a1b22" | Replace: "(\d+)", "<$1>" }}`, "a<1>b<22>", ""}, {"bad expression", `{{ "a" | Replace: "(" }}`, "", "Invalid pattern"}, {"nothing put", `{{ "abc" | Replace: "b" }}`, "ac", ""}},
	"ReplaceFirst":  {{"text as it is", `{{ "aa" | ReplaceFirst: "a", "$0" }}`, "$0a", ""}},
	"Reverse":       {{"list", `{{ body.tags | Reverse | Join }}`, "z y x", ""}, {"text", `{{ "abc" | Reverse }}`, "abc", ""}},
	"Round":         {{"half to even", `{{ 2.5 | Round }}{{ 3.5 | Round }}`, "24", ""}, {"places", `{{ 2.345 | Round: 2 }}`, "2.34", ""}, {"text", `[{{ "x" | Round }}]`, "[]", ""}, {"null", `{{ nil | Round }}`, "0", ""}, {"too many places", `[{{ 1.5 | Round: 29 }}]`, "[]", ""}},
	"Size":          {{"surrogates", `{{ "😀" | Size }}`, "2", ""}, {"number", `{{ 5 | Size }}`, "0", ""}},
	"Slice":         {{"from the end", `{{ "Liquid" | Slice: -3, 2 }}`, "ui", ""}, {"half a pair", `{{ "a😀" | Slice: 0, 2 }}`, "a\uFFFD", ""}, {"halves that meet", `{{ "😀" | Slice: 0 }}{{ "😀" | Slice: 1 }}`, "😀", ""}, {"beyond", `[{{ "abc" | Slice: 4 }}]`, "[]", ""}, {"negative length", `{{ "abc" | Slice: 1, -1 }}`, "", "Length cannot be less than zero."}, {"list", `{{ body.nums | Slice: 1, 5 }}`, "12", ""}},
	"Sort":          {{"without case", `{{ "b,A,a,B" | Split: "," | Sort | Join }}`, "A a b B", ""}, {"three that are equal", `{{ "b,B,a" | Split: "," | Sort | Join }}`, "a B b", ""}, {"mixed", `{{ body.mixed | Sort }}`, "", "Failed to compare two elements in the array."}, {"by property", `{{ body.items | Sort: "qty" | Map: "sku" | Join }}`, "C-3 B-2 A-1", ""}},
	"SortNatural":   {{"as Sort", `{{ body.nums | SortNatural }}`, "123", ""}},
	"Split":         {{"empty parts", `{{ ",a,,b," | Split: "," | Size }}`, "2", ""}, {"characters", `{{ "a😀" | Split: "" | Size }}`, "3", ""}, {"index", `{% assign p = "a-b" | Split: "-" %}{{ p[1] }}`, "b", ""}},
	"StripHtml":     {{"blocks", `{{ "a<SCRIPT>x</script>b<!-- <i> -->c<style>s</style><b>d</b> < e" | StripHtml }}`, "abcd < e", ""}, {"unclosed", `{{ "<script>a<b" | StripHtml }}`, "a<b", ""}},
	"StripNewlines": {{"lines", `{{ body.multi | StripNewlines }}`, "onetwo", ""}},
	"Times":         {{"text", `{{ "ab" | Times: 2 }}`, "abab", ""}, {"fraction", `{{ 1.5 | Times: 1.50 }}`, "2.25", ""}, {"negative text", `{{ "a" | Times: -1 }}`, "", "out of the range"}, {"overflow of long", `{{ body.big | Times: body.big }}`, "", "overflow"}},
	"Truncate":      {{"short", `{{ "abcdef" | Truncate: 5 }}`, "ab...", ""}, {"shorter than the dots", `{{ "abcdef" | Truncate: 2 }}`, "...", ""}, {"negative", `{{ "abc" | Truncate: -1, "!" }}`, "!", ""}, {"text for a number", `{{ "abc" | Truncate: "x" }}`, "", "The input string 'x' was not in a correct format."}},
	"TruncateWords": {{"words", `{{ "a b c" | TruncateWords: 2, "~" }}`, "a b~", ""}, {"just so many", `{{ "a b" | TruncateWords: 2 }}`, "a b", ""}},
	"Uniq":          {{"types differ", `{{ "1,1,2" | Split: "," | Uniq | Join }}`, "1 2", ""}, {"characters", `{{ "hello" | Uniq }}`, "helo", ""}},
	"Upcase":        {{"bool", `{{ true | Upcase }}`, "TRUE", ""}, {"two arguments too many", `{{ "a" | Upcase: 1, 2 }}`, "", "Parameter count mismatch."}},
	"UrlDecode":     {{"both", `{{ "a+b%C3%A9" | UrlDecode }}`, "a bé", ""}},
	"UrlEncode":     {{"reserved", `{{ "a b/é" | UrlEncode }}`, "a+b%2F%C3%A9", ""}},
	"Where":         {{"value", `{{ body.items | Where: "qty", 1 | Map: "sku" }}`, "B-2", ""}, {"truth", `{{ body.items | Where: "sku" | Size }}`, "3", ""}, {"no name", `{{ body.items | Where: "" }}`, "", "cannot be null or empty"}},
	"Base64Encode":  {{"text", `{{ "é?>" | Base64Encode }}`, "w6k/Pg==", ""}}, "Base64Decode": {{"text", `{{ "w6k/Pg==" | Base64Decode }}`, "é?>", ""}, {"bad", `{{ "=" | Base64Decode }}`, "", "Invalid base64 provided to Base64Decode"}},
	"Base64UrlSafeEncode": {{"text", `{{ "é?>" | Base64UrlSafeEncode }}`, "w6k_Pg==", ""}}, "Base64UrlSafeDecode": {{"no padding", `{{ "w6k_Pg" | Base64UrlSafeDecode }}`, "é?>", ""}},
}

func TestFilters(t *testing.T) {
	g := globals(t)
	clock := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC) }
	for _, name := range liquid.FilterNames() {
		if len(filterTests[name]) == 0 {
			t.Errorf("the filter %s has no test", name)
		}
	}
	for name, tests := range filterTests {
		for _, x := range tests {
			t.Run(name+"/"+x.name, func(t *testing.T) {
				got, err := render(x.template, g, liquid.Options{Now: clock})
				if x.fails != "" {
					if err == nil || !strings.Contains(err.Error(), x.fails) {
						t.Fatalf("render(%q) = %q, %v; want an error with %q", x.template, got, err, x.fails)
					}
				} else if err != nil || got != x.want {
					t.Fatalf("render(%q) = %q, %v; want %q", x.template, got, err, x.want)
				}
			})
		}
	}
}

func TestFilterSyntax(t *testing.T) {
	check(t, []rendering{
		{"unknown filters pass on", `{{ "a" | upcase | Upcase }}`, "A", ""},
		{"arguments without spaces", `{{"abc"|Replace:"b","x"|Upcase}}`, "AXC", ""},
		{"a bar in a text", `{{ "a" | Append: "|x" }}`, "a|x", ""},
		{"colons in texts", `{{ body.date | Date: "HH:mm:ss" }}`, "13:04:05", ""},
		{"a word too many", `{{ "a" | Append: "b" "c" }}`, "ab", ""},
		{"variables as arguments", `{{ "a" | Append: body.tags[1] }}`, "ay", ""},
		{"a comma in place of the colon", `{{ "a" | Append, "b" }}`, "ab", ""},
		{"two variables", `{{ body.id body.name }}`, "42", ""},
		{"a filter without a name", `{{ "a" | | Upcase }}`, "A", ""},
	})
}

func TestBodies(t *testing.T) {
	const doc = `<?xml version="1.0"?><s:Envelope xmlns:s="urn:s" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Body a="1"><Line>x</Line><Line>y</Line><None i:nil="true"/></s:Body></s:Envelope>`
	for _, null := range []bool{false, true} {
		body, err := liquid.XML([]byte(doc), null)
		if err != nil {
			t.Fatal(err)
		}
		g := liquid.NewHash().Set("body", body)
		got, err := render(`{{ body.envelope.Body.line | Join }} {{ body.Envelope.body.a }} {% if body.envelope.body.none == nil %}null{% endif %}`, g, liquid.Options{})
		want := map[bool]string{false: "x y 1 ", true: "x y 1 null"}[null]
		if err != nil || got != want {
			t.Errorf("xsi-nil null %v: %q, %v; want %q", null, got, err, want)
		}
	}
	for name, text := range map[string]string{"no element": "", "cut off": "<a>", "document type": "<!DOCTYPE a><a/>", "too deep": strings.Repeat("<a>", 300)} {
		if _, err := liquid.XML([]byte(text), false); err == nil {
			t.Errorf("%s: XML(%.20q) succeeds", name, text)
		}
	}
	for name, text := range map[string]string{"cut off": `{"a":`, "two values": `1 2`, "too deep": strings.Repeat("[", 5000)} {
		if _, err := liquid.JSON(text, true); err == nil {
			t.Errorf("%s: JSON(%.20q) succeeds", name, text)
		}
	}
	body, err := liquid.JSON(`{"n":123456789012345678901234567890,"d":"2024-02-29T13:04:05Z"}`, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := render(`{{ body.n }} {{ body.d }}`, liquid.NewHash().Set("body", body), liquid.Options{}); err != nil || got != "123456789012345678901234567890 2024-02-29T13:04:05Z" {
		t.Errorf("got %q, %v", got, err)
	}
}
