package csharp_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// A host's own object, and its type as C# sees it.
type caller struct{ name string }

var callerDecl = types.T("class Host.Caller",
	types.M("string Name { get; }", types.I0(func(c *caller) *types.String { return types.NewString(c.name) })))

func Example() {
	universe := clr.Universe().With(callerDecl)
	program, diagnostics := csharp.Compile(`@("Hello, " + caller.Name + "!")`, csharp.Env{
		Universe: universe,
		Globals:  []csharp.Global{{Name: "caller", Type: universe.Type("Host.Caller")}},
	})
	if program == nil {
		fmt.Println(diagnostics)
		return
	}
	thread := &types.Thread{U: universe, Globals: []types.Value{types.Ref(&caller{"Ada"})}}
	thread.Start(types.Budget{Steps: 1_000_000, Bytes: 64 << 20, Depth: 200, Time: time.Second})
	value, err := program.Run(thread)
	fmt.Println(value.Str().Go(), err)
	// Output: Hello, Ada! <nil>
}

func ExampleCompile_diagnostics() {
	src := `@(caller.Nme)`
	universe := clr.Universe().With(callerDecl)
	_, diagnostics := csharp.Compile(src, csharp.Env{
		Universe: universe,
		Globals:  []csharp.Global{{Name: "caller", Type: universe.Type("Host.Caller")}},
	})
	text := source.NewText("policy.xml", src)
	for _, d := range diagnostics {
		fmt.Println(text.Snippet(d))
	}
	// Output:
	// policy.xml:1:10: error: CS1061 'Caller' does not contain a definition for 'Nme' and no accessible extension method 'Nme' accepting a first argument of type 'Caller' could be found (are you missing a using directive or an assembly reference?)
	//  | @(caller.Nme)
	//  |          ^
}

// A host that allows less than the class library has looks at what an expression uses.
func ExampleUses() {
	src := `@(DateTime.UtcNow.ToString("s") + Guid.NewGuid())`
	for _, use := range csharp.Uses(src, csharp.Env{Universe: clr.Universe()}) {
		if use.Member != nil && use.Member.Static {
			fmt.Println(use.Span.Start, use.Type, use.Member.Name)
		}
	}
	// Output:
	// 11 System.DateTime UtcNow
	// 39 System.Guid NewGuid
}

// A loop without end ends with its budget; no catch of the expression holds it up.
func ExampleProgram_Run_budget() {
	universe := clr.Universe()
	program, _ := csharp.Compile(`@{ try { while (true) { } } catch { } return 1; }`, csharp.Env{Universe: universe})
	thread := &types.Thread{U: universe}
	thread.Start(types.Budget{Steps: 10_000})
	_, err := program.Run(thread)
	var exceeded *types.Exceeded
	fmt.Println(errors.As(err, &exceeded))
	// Output: true
}

func ExampleProgram_Run_exception() {
	src := `@{ var a = new int[2]; return a[2]; }`
	universe := clr.Universe()
	program, _ := csharp.Compile(src, csharp.Env{Universe: universe})
	thread := &types.Thread{U: universe}
	_, err := program.Run(thread)
	var e *types.Exception
	if errors.As(err, &e) {
		fmt.Println(source.NewText("policy.xml", src).Snippet(source.Diagnostic{Code: e.T.FullName(), Span: e.Span, Message: e.Message()}))
	}
	// Output:
	// policy.xml:1:31: error: System.IndexOutOfRangeException Index was outside the bounds of the array.
	//  | @{ var a = new int[2]; return a[2]; }
	//  |                               ^
}
