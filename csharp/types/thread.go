package types

import (
	"context"
	"time"
)

// Budget bounds one evaluation. Zero fields mean no bound.
type Budget struct {
	// Steps bounds calls and loop turns.
	Steps int64
	// Bytes bounds the memory that strings, arrays and collections ask for, summed.
	Bytes int64
	// Depth bounds nested calls.
	Depth int
	// Time bounds the wall time, looked at every 1,024 steps and counted from the 16th: short evaluations do not read the clock.
	Time time.Duration
}

// Thread is one evaluation: its budget, its globals, its clock. It belongs to one goroutine.
type Thread struct {
	// U is the universe the program was compiled in.
	U *Universe
	// Globals are the values of the program's global names, in the order of its Env.
	Globals []Value
	// Context ends when the caller gives up on the evaluation; may be nil.
	Context context.Context
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Host is the embedder's own data for members that need the running request.
	Host any
	// Stack is scratch space for arguments; the compiler's.
	Stack []Value
	// Exec is what else the compiler keeps from run to run; nil at first.
	Exec any

	budget    Budget
	steps     int64
	nextCheck int64
	bytes     int64
	depth     int
	deepest   int           // that was looked at
	deadline  time.Duration // since started; 0 until the clock was read
}

// started is what deadlines count from: with it they cost a reading of the monotonic clock only.
var started = time.Now()

// checkEvery is how many steps pass between two looks at the clock.
const checkEvery = 1024

// firstCheck is how many steps pass before the first.
const firstCheck = 16

// Start arms the budget for an evaluation that begins now.
func (t *Thread) Start(b Budget) {
	if b.Depth != t.budget.Depth {
		t.deepest = 0
	}
	t.budget, t.steps, t.nextCheck, t.bytes, t.depth = b, 0, firstCheck, 0, 0
	t.deadline = 0
}

// Step counts n steps and throws when the evaluation has used up its steps or its time, or its caller has gone.
func (t *Thread) Step(n int64) {
	t.steps += n
	if t.steps >= t.nextCheck {
		t.check()
	}
}

// Free is how many steps, at least one, may be counted in one Step before it would look at the budget.
func (t *Thread) Free() int64 { return max(1, t.nextCheck-t.steps) }

func (t *Thread) check() {
	t.nextCheck = t.steps + checkEvery
	if t.budget.Steps > 0 && t.steps > t.budget.Steps {
		panic(&Exceeded{"steps"})
	}
	if t.budget.Time > 0 {
		switch now := time.Since(started); {
		case t.deadline == 0:
			t.deadline = now + t.budget.Time
		case now > t.deadline:
			panic(&Exceeded{"time"})
		}
	}
	if t.Context != nil && t.Context.Err() != nil {
		panic(&Exceeded{"the caller's patience"})
	}
}

// Alloc counts n bytes asked for and throws when that is too much.
func (t *Thread) Alloc(n int64) {
	t.bytes += n
	if t.budget.Bytes > 0 && (t.bytes > t.budget.Bytes || n < 0) {
		panic(&Exceeded{"memory"})
	}
}

// Enter counts one level of calls and throws when they nest too deep; Leave undoes it.
func (t *Thread) Enter() {
	t.depth++
	t.steps++
	if t.depth > t.deepest || t.steps >= t.nextCheck {
		t.enter()
	}
}

// enter looks at the budget; depths up to the deepest are known to be allowed.
func (t *Thread) enter() {
	if t.budget.Depth > 0 && t.depth > t.budget.Depth {
		panic(&Exceeded{"call depth"})
	}
	t.deepest = max(t.deepest, t.depth)
	if t.steps >= t.nextCheck {
		t.check()
	}
}

// Leave ends what Enter began.
func (t *Thread) Leave() { t.depth-- }

// Depth is the present depth; with SetDepth, a catch clause restores what an exception skipped.
func (t *Thread) Depth() int { return t.depth }

// SetDepth restores a depth read by Depth.
func (t *Thread) SetDepth(d int) { t.depth = d }

// Clock is the present instant.
func (t *Thread) Clock() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// Exceeded is the panic of an evaluation that ran over its budget. C# code cannot catch it.
type Exceeded struct {
	// What was used up: "steps", "time", "memory", "call depth".
	What string
}

func (e *Exceeded) Error() string { return "the expression used up its budget of " + e.What }
