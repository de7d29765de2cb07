package syntax_test

import (
	"fmt"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/source"
)

func ExampleParse() {
	unit, _ := syntax.Parse(`@(context.Request.Headers.GetValueOrDefault("X-Id","none"))`)
	call := unit.Expr.(*syntax.CallExpr)
	fmt.Println(syntax.Print(call.Fun), len(call.Args))
	fmt.Println(unit.Print())
	// Output:
	// context.Request.Headers.GetValueOrDefault 2
	// @(context.Request.Headers.GetValueOrDefault("X-Id", "none"))
}

func ExampleParse_mistake() {
	src := `@{ var n = 1 return n; }`
	_, diagnostics := syntax.Parse(src)
	fmt.Println(source.NewText("policy.xml", src).Snippet(diagnostics[0]))
	// Output:
	// policy.xml:1:14: error: CS1002 ; expected
	//  | @{ var n = 1 return n; }
	//  |              ^
}

func ExampleMatch() {
	document := `<set-header value="@("a" + ')')" />`
	start := 19
	end, _ := syntax.Match(document, start)
	fmt.Println(document[start:end])
	// Output: @("a" + ')')
}
