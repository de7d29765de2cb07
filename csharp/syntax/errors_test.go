package syntax

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/source"
)

// annotation is what testdata/errors.cs says at the end of a line.
var annotation = regexp.MustCompile(` *// ERROR (.*)$`)

// TestAnnotatedErrors reads testdata/errors.cs. Each case begins with a line
// "==== name" and is the inside of @{ … }; a line that is at fault ends in
// "// ERROR code column", once for each mistake.
func TestAnnotatedErrors(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "errors.cs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split(string(data), "==== ")[1:] {
		name, body, _ := strings.Cut(c, "\n")
		t.Run(name, func(t *testing.T) {
			var want []string
			lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
			for i, line := range lines {
				m := annotation.FindStringSubmatchIndex(line)
				if m == nil {
					continue
				}
				for _, w := range strings.Split(line[m[2]:m[3]], ", ") {
					want = append(want, fmt.Sprintf("%d: %s", i+1, w))
				}
				lines[i] = line[:m[0]]
			}
			src := strings.Join(lines, "\n")
			text := source.NewText("", src)
			_, diags := ParseBlock(src)
			var got []string
			for _, d := range diags {
				p := text.Position(d.Span.Start)
				got = append(got, fmt.Sprintf("%d: %s %d", p.Line, d.Code, p.Column))
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s\nreports\n%s\nwant\n%s", src, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestFirstErrors has the first mistake of expressions: code, column, text.
func TestFirstErrors(t *testing.T) {
	for src, want := range map[string]string{
		`"abc`:                           `CS1010 1 Newline in constant`,
		`@"abc`:                          `CS1039 1 Unterminated string literal`,
		`''`:                             `CS1011 1 Empty character literal`,
		`'ab'`:                           `CS1012 1 Too many characters in character literal`,
		`"\q"`:                           `CS1009 2 Unrecognized escape sequence`,
		`"\u12"`:                         `CS1009 2 Unrecognized escape sequence`,
		`/* a`:                           `CS1035 1 End-of-file found, '*/' expected`,
		`99999999999999999999`:           `CS1021 1 Integral constant is too large`,
		`1e400`:                          `CS0594 1 Floating-point constant is outside the range of type 'double'`,
		`1e40f`:                          `CS0594 1 Floating-point constant is outside the range of type 'float'`,
		`79228162514264337593543950336m`: `CS0594 1 Floating-point constant is outside the range of type 'decimal'`,
		`0x`:                             `CS1013 1 Invalid number`,
		`1_`:                             `CS1013 1 Invalid number`,
		"a ` b":                          "CS1056 3 Unexpected character '`'",
		`a # b`:                          `CS1040 3 Preprocessor directives must appear as the first non-whitespace character on a line`,
		`a +`:                            `CS1525 4 Invalid expression term ')'`,
		`a b`:                            `CS1073 3 Unexpected token 'b'`,
		`f(a`:                            `CS1026 4 ) expected`,
		`a[b`:                            `CS1003 4 Syntax error, ']' expected`,
		`a + b[]`:                        `CS0443 7 Syntax error; value expected`,
		`f(, a)`:                         `CS0839 3 Argument missing`,
		`a.`:                             `CS1001 3 Identifier expected`,
		`a.if`:                           `CS1001 3 Identifier expected`,
		`a ? b`:                          `CS1003 6 Syntax error, ':' expected`,
		`a + int`:                        `CS1525 5 Invalid expression term 'int'`,
		`typeof a`:                       `CS1003 8 Syntax error, '(' expected`,
		`new a`:                          `CS1526 6 A new expression requires an argument list or (), [], or {} after type`,
		`new int[]`:                      `CS1586 8 Array creation must have array size or array initializer`,
		`new { 1 }`:                      `CS0746 7 Invalid anonymous type member declarator. Anonymous type members must be declared with a member assignment, simple name or member access.`,
		`new[] { { 1 } }`:                `CS0623 9 Array initializers can only be used in a variable or field initializer. Try using a new expression instead.`,
		`from a in b`:                    `CS0742 12 A query body must end with a select clause or a group clause`,
		`$"{a"`:                          `CS8076 3 Missing close delimiter '}' for interpolated expression started with '{'.`,
		`$"a`:                            `CS1039 4 Unterminated string literal`,
		`f((_, a, _) => a)`:              `CS8370 10 Feature 'lambda discard parameters' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`$"}"`:                           `CS8086 3 A '}' character must be escaped (by doubling) in an interpolated string.`,
		`$"{}"`:                          `CS1733 4 Expected expression`,
		`$"{a:}"`:                        `CS8089 5 Empty format specifier.`,
		`$"{a b}"`:                       `CS1073 4 Unexpected token 'b'`,
		"$\"{\na}\"":                     `CS8967 3 Newlines inside a non-verbatim interpolated string are not supported in C# 7.3. Please use language version 11.0 or greater.`,
		`$"{a ? b : c}"`:                 `CS8361 4 A conditional expression cannot be used directly in a string interpolation because the ':' ends the interpolation. Parenthesize the conditional expression.`,
		`throw a`:                        `CS8115 1 A throw expression is not allowed in this context.`,
		`a + throw b`:                    `CS1525 5 Invalid expression term 'throw'`,
		`async x => x`:                   `PST2001 1 'async' is not supported in policy expressions.`,
		`async () => x`:                  `PST2001 1 'async' is not supported in policy expressions.`,
		`stackalloc int[3]`:              `CS8346 1 stackalloc is not supported in policy expressions`,
		`*a`:                             `CS0193 1 The * or -> operator must be applied to a pointer`,
		`a->b`:                           `CS0193 1 The * or -> operator must be applied to a pointer`,
		`&a`:                             `CS0214 1 Pointers and fixed size buffers may only be used in an unsafe context`,
		`new List<>()`:                   `CS7003 5 Unexpected use of an unbound generic name`,
		`@`:                              `CS1646 1 Keyword, identifier, or string expected after verbatim specifier: @`,
		`a @1`:                           `CS1646 3 Keyword, identifier, or string expected after verbatim specifier: @`,
		`a $b`:                           `CS1056 3 Unexpected character '$'`,
		`a \b`:                           `CS1056 3 Unexpected character '\'`,
		`$"\q"`:                          `CS1009 3 Unrecognized escape sequence`,
		`$"\u007b"`:                      `CS8087 3 A '{' character may only be escaped by doubling '{{' in an interpolated string.`,
		`$"{a:\q}"`:                      `CS1009 6 Unrecognized escape sequence`,
		`$"{a:{b}"`:                      `CS8086 6 A '{' character must be escaped (by doubling) in an interpolated string.`,
		`'a`:                             `CS1010 1 Newline in constant`,
		`1e+`:                            `CS0595 1 Invalid real literal.`,
		`1e99999m`:                       `CS0594 1 Floating-point constant is outside the range of type 'decimal'`,
		`from a in b group c`:            `CS0745 20 Expected contextual keyword 'by'`,
		`from a in b join c in d e equals f select g`: `CS0743 25 Expected contextual keyword 'on'`,
		`from a in b join c in d on e = f select g`:   `CS0744 34 Expected contextual keyword 'equals'`,
		`from a b`:          `CS1515 9 'in' expected`,
		`(a, )`:             `CS1525 5 Invalid expression term ')'`,
		`(a: b)`:            `CS8124 6 Tuple must contain at least two elements.`,
		`new A { B = }`:     `CS1525 13 Invalid expression term '}'`,
		`new A { { b } c }`: `CS1003 15 Syntax error, ',' expected`,
		`a as`:              `CS1031 5 Type expected`,
		`x => `:             `CS1525 5 Invalid expression term ')'`,
		`a is B { C: 1 }`:   `CS8370 8 Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a is var (b, c)`:   `CS8370 6 Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a is [1, 2]`:       `CS8370 6 Feature 'list patterns' is not available in C# 7.3. Please use language version 11.0 or greater.`,
		`a is >= 1 and < 5`: `CS8370 6 Feature 'relational pattern' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		// later versions of C#
		`a switch { _ => b }`: `CS8370 3 Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a is { }`:            `CS8370 6 Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a is { B: 1 } c`:     `CS8370 6 Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a is not b`:          `CS8370 6 Feature 'not pattern' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`a is > 5`:            `CS8370 6 Feature 'relational pattern' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`a is b or c`:         `CS8370 6 Feature 'or pattern' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`a is 1 and 2`:        `CS8370 6 Feature 'and pattern' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`a[^1]`:               `CS8370 3 Feature 'index operator' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a[1..2]`:             `CS8370 3 Feature 'range operator' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a[..]`:               `CS8370 3 Feature 'range operator' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a ??= b`:             `CS8370 1 Feature 'coalescing assignment' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`a!.b`:                `CS8370 1 Feature 'nullable reference types' is not available in C# 7.3. Please use language version 8.0 or greater.`,
		`new()`:               `CS8370 1 Feature 'target-typed object creation' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`a with { B = 1 }`:    `CS8370 3 Feature 'records' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`a >>> b`:             `CS8370 1 Feature 'unsigned right shift' is not available in C# 7.3. Please use language version 11.0 or greater.`,
		`"""a"""`:             `CS8370 1 Feature 'raw string literals' is not available in C# 7.3. Please use language version 11.0 or greater.`,
		`$"""a"""`:            `CS8370 1 Feature 'raw string literals' is not available in C# 7.3. Please use language version 11.0 or greater.`,
		`"a"u8`:               `CS8370 1 Feature 'UTF-8 string literals' is not available in C# 7.3. Please use language version 11.0 or greater.`,
		`[1, 2]`:              `CS8370 1 Feature 'collection expressions' is not available in C# 7.3. Please use language version 12.0 or greater.`,
		`f(static x => x)`:    `CS8370 3 Feature 'static anonymous function' is not available in C# 7.3. Please use language version 9.0 or greater.`,
		`@$"a"`:               `CS8401 1 To use '@$' instead of '$@' for an interpolated verbatim string, please use language version '8.0' or greater.`,
	} {
		_, diags := ParseExpression(src)
		got := "nothing"
		if len(diags) > 0 {
			column := source.NewText("", src).Position(diags[0].Span.Start).Column
			if strings.HasPrefix(src, "$\"{\n") {
				column = diags[0].Span.Start + 1
			}
			got = fmt.Sprintf("%s %d %s", diags[0].Code, column, diags[0].Message)
		}
		if got != want {
			t.Errorf("ParseExpression(%s) reports %s, want %s", src, got, want)
		}
	}
}

func TestParseRefusesOtherForms(t *testing.T) {
	for _, src := range []string{"", "@", "@(", "@)", "a", "(a)", "@(a", "@{a)", "x@(a)", "@[a]"} {
		if u, diags := Parse(src); len(diags) == 0 {
			t.Errorf("Parse(%q) = %s, want a mistake", src, u.Print())
		}
	}
}
