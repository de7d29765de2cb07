package clr_test

import (
	"strings"
	"testing"
)

func TestRegex(t *testing.T) {
	for _, e := range []expression{
		{"blocks", `@(Regex.Match("abcα", @"\P{IsGreek}+").Value + Regex.Match("aαβ", @"[\p{IsGreek}]+").Value)`, "abcαβ"},
		{"ECMAScript", `@(Regex.IsMatch("١", @"\d", RegexOptions.ECMAScript) + "," + Regex.IsMatch("é", @"[\w]", RegexOptions.ECMAScript) + "," + Regex.IsMatch("é", @"\bé", RegexOptions.ECMAScript))`, "False,False,False"},
		{"units", `@(Regex.IsMatch("😀", "^.$") + "," + Regex.IsMatch("😀", "^..$") + "," + Regex.Match("a😀b", "b").Index)`, "False,True,3"},
		{"names come after numbers", `@(string.Join("|", new Regex("(?<a>x)(y)").GetGroupNames()) + new Regex("(?<a>x)(y)").GroupNumberFromName("a"))`, "0|1|a2"},
		{"escape", `@(Regex.Escape("a.b*c[d] e#f\n{g}"))`, `a\.b\*c\[d]\ e\#f\n\{g}`},
		{"result", "@(Regex.Match(\"ab12cd\", @\"\\d+\").Result(\"[$`|$&|$'|$_|$$|$+]\"))", "[ab|12|cd|ab12cd|$|12]"},
		{"from an index", `@(new Regex("^a").Match("bab", 1).Success + "," + new Regex("^a").Match("bab", 1, 1).Success + "," + new Regex("(a)").Match("bab", 1, 2).Groups[1].Index)`, "False,True,1"},
		{"split at nothing", `@(Regex.Split("ab", ""))`, `["","a","b",""]`},
		{"timeout", `@(Regex.IsMatch("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$", RegexOptions.None, TimeSpan.FromMilliseconds(20)))`,
			"System.Text.RegularExpressions.RegexMatchTimeoutException: The Regex engine has timed out while trying to match a pattern to an input string. This can occur for many" +
				" reasons, including very large inputs or excessive backtracking caused by nested quantifiers, back-references and other factors."},
		{"bad options", `@(new Regex("a", (RegexOptions)4096))`, "System.ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'options')"},
		{"null input", `@(Regex.IsMatch(null, "a"))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'input')"},
		{"white space in a pattern", `@(Regex.Replace("a b", @" a \ b # text", "x", RegexOptions.IgnorePatternWhitespace))`, "x"},
		{"final sigma", `@(Regex.IsMatch("Σ", "σ", RegexOptions.IgnoreCase) + "," + Regex.IsMatch("Σ", "ς", RegexOptions.IgnoreCase))`, "True,False"},
	} {
		e.test(t)
	}
}

func TestRegexMistakes(t *testing.T) {
	for pattern, want := range map[string]string{
		`(`: "1. Not enough )'s.", `)`: "1. Too many )'s.", `[a`: "2. Unterminated [] set.", `a{2,1}`: "6. Illegal {x,y} with x > y.",
		`*a`: "1. Quantifier '*' following nothing.", `a**`: "3. Nested quantifier '*'.", `\`: `1. Illegal \ at end of pattern.`,
		`\p{Foo}`: "7. Unknown property 'Foo'.", `\pL`: `2. Incomplete \p{X} character escape.`, `\pLux`: `3. Malformed \p{X} character escape.`,
		`\q`: `2. Unrecognized escape sequence \q.`, `\x4`: "2. Insufficient or invalid hexadecimal digits.", `\c`: "2. Missing control character.",
		`\2`: "2. Reference to undefined group number 2.", `\k`: `1. Malformed \k<...> named back reference.`,
		`(?<1a>x)`: "4. Invalid group name: Group names must begin with a word character.", `(?<0>x)`: "4. Capture number cannot be zero.",
		`(?<a-b>x)`: "6. Reference to undefined group name 'b'.", `(?(1)a|b)`: "5. Conditional alternation refers to an undefined group number 1.",
		`(?(a)b|c|d)`: "9. Too many | in (?()|).", `(?#x`: "4. Unterminated (?#...) comment.", `(?z)`: "3. Unrecognized grouping construct.",
		`[a-\d]`: `5. Cannot include class \d in character range.`, `[a-z-[b]x]`: "8. A subtraction must be the last element in a character class.",
	} {
		t.Run(pattern, func(t *testing.T) {
			got := resultOf(`@(new Regex(@"` + pattern + `"))`)
			if want := "System.Text.RegularExpressions.RegexParseException: Invalid pattern '" + pattern + "' at offset " + want; got != want {
				t.Errorf("\n got  %s\n want %s", got, want)
			}
		})
	}
}

func FuzzRegex(f *testing.F) {
	for _, s := range []string{`(?<a>x)\k<a>`, `[a-z-[b]]+`, `(?i)ſ|\w`, `(?(a)b|c)`, `a{1,2}?`, `(?<-x>)`, `\p{IsGreek}`, "(?x) a # c\n b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		src := `@(Regex.IsMatch("ab 1é", @"` + strings.ReplaceAll(pattern, `"`, `""`) + `"))`
		if got := resultOf(src); strings.Contains(got, ".go:") {
			t.Error(got)
		}
	})
}
