// Package csharp compiles and runs the C# of API Management policy
// expressions: C# 7.3, with the class library that the policy documentation
// allows, and the results that .NET gives.
//
// A text is compiled once and run as often as wanted, by any number of
// goroutines, each with a thread of its own:
//
//	program, diagnostics := csharp.Compile(`@(context.Name + "!")`, csharp.Env{
//		Universe: universe,
//		Globals:  []csharp.Global{{Name: "context", Type: universe.Type("Host.Context")}},
//	})
//	…
//	thread := &types.Thread{U: universe, Globals: []types.Value{types.Ref(ctx)}}
//	thread.Start(types.Budget{Steps: 1_000_000, Bytes: 64 << 20, Depth: 200, Time: time.Second})
//	value, err := program.Run(thread)
//
// The universe is the class library of package clr, with the embedder's own
// types declared beside it in C#'s words (see types.T and types.M);
// [Canonical] turns results into text, [Uses] tells what an expression uses of
// the library. Under this package, the stages are packages of their own:
// syntax reads, bind gives meaning, compile makes closures.
//
// # What goes wrong
//
// Mistakes in the text are diagnostics with Roslyn's codes and a span; a
// source.Text prints them with the line and a caret. What a run ends with is
// an *types.Exception, the C# exception that nothing caught, with the span it
// came from, or an *types.Exceeded: the budget was used up, which no catch of
// the expression holds up and after which no finally runs. A Go panic out of
// Run is a defect of this package, or of a member that the embedder declared.
//
// # Concurrency
//
// A Universe and a Program are immutable and may be shared. A Thread belongs
// to one goroutine at a time; it is used again for the next run after another
// Start.
//
// # Caveats
//
// A Thread that was never started has no bounds but that of calls nested
// 10,000 deep. Time is looked at between steps: a Go function of the embedder
// that blocks is not interrupted, and should look at Thread.Context. Values of
// the embedder's types are Go pointers; a nil pointer is null. Nothing is
// cached here: whoever compiles one text often keeps the Program.
package csharp
