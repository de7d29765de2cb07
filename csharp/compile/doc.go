// Package compile turns the bound tree into closures. Everything that can be
// decided once is decided here: names have become indices, operators have
// become Go functions over the operands' representation, and an evaluation
// does nothing but call closures. There is no reflection and no look-up by
// name at run time, and the usual conditions do not allocate.
//
// # Closures
//
// An expression is compiled in the form that its consumer wants: a condition
// as func(*frame) bool, a value that stands in Value.Num as
// func(*frame) uint64, anything else as func(*frame) types.Value; a statement
// as func(*frame) signal, the signal telling how it ended, or, if it can end in
// one way only, as func(*frame). Operands that are constants or variables in
// registers have closures of their own where that pays.
//
// The functions that make hot closures are marked go:noinline: where Go copies
// a closure together with an inlined function around it, it inlines no call in
// the copy, and a closure of two instructions makes three calls.
//
// # Frames
//
// A frame is an activation of a function: its first variables of number types
// are registers, an array in the frame, its other plain ones a slice of the
// thread's stack, its captured ones cells. Frames are pooled by the
// thread; a lambda keeps cells, never a frame, and an iterator has a frame of
// its own. Arguments for the class library are laid on the thread's stack: a
// callee must not keep the slice.
//
// # Exceptions
//
// A .NET exception is a panic with a *types.Exception. As in .NET, it is
// handled in two passes: the innermost try statement that sees it looks, with
// the stack still as it was, for the catch clause that will take it, running
// filters from the inside out; then the stack is unwound and finally blocks
// run. *types.Exceeded passes through try statements untouched.
//
// # Iterators
//
// A function with yield needs neither goroutine nor coroutine: its statements
// are compiled so that they can be left with the signal yielded and entered
// again where they were left; what they must remember is in the frame. To
// dispose of an iterator is to enter it once more with the order to return.
//
// # Dynamic operations
//
// What is dynamic is bound when it runs, by bind.BindRuntime, for the
// operands' types at that moment; the closures made of it are kept at the
// place of the operation, a few combinations of types each.
//
// # Bounds
//
// Loop turns, calls and bindings count as steps of the thread's budget, calls
// of the class library with long strings or byte arrays as more, by length;
// loops that do nothing but arithmetic count turns many at a time. Strings,
// arrays and objects count as bytes, nested calls as depth. Whatever the
// budget, calls nest no deeper than 10,000 and an array has no more than 2^26
// elements, where .NET would fall or Go run out of memory.
package compile
