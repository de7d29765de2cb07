package csharp_test

import (
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
		fmt.Println(text.Position(d.Span.Start), d.Code)
	}
	// Output: 1:10 CS1061
}

func ExampleProgram_Run_exception() {
	universe := clr.Universe()
	program, _ := csharp.Compile(`@{ var a = new int[2]; return a[2]; }`, csharp.Env{Universe: universe})
	thread := &types.Thread{U: universe}
	_, err := program.Run(thread)
	if e, ok := err.(*types.Exception); ok {
		fmt.Println(e.T.FullName(), e.Span.Start)
	}
	// Output: System.IndexOutOfRangeException 30
}
