package compile

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// The forms that expressions and statements are compiled to.
type (
	valFn  func(*frame) types.Value
	numFn  func(*frame) uint64
	condFn func(*frame) bool
	// effectFn is an expression whose value nobody wants.
	effectFn func(*frame)
	stmtFn   func(*frame) signal
)

// signal tells how a statement ended.
type signal uint8

const (
	next      signal = iota // by reaching its end
	breaks                  // by a break out of frame.to
	continues               // by a continue of frame.to
	returns                 // by a return of frame.ret
	jumps                   // by a goto to the label frame.to
	yields                  // by a yield return of frame.ret, to be entered again
)

// frame is one activation of a function.
type frame struct {
	t *types.Thread
	m *machine
	// regs are the first plain variables of types that stand in Value.Num.
	regs [maxRegs]uint64
	// slots are the other plain variables, by Local.Index, and what statements need to remember after them.
	slots []types.Value
	// cells are the captured cells and then the function's own.
	cells []*types.Cell
	// ret is the value on its way out, to the loop or label that a jump is for.
	ret types.Value
	to  int32
	// resuming tells that an iterator is on its way back to where it yielded, disposing that it is to return there.
	resuming, disposing bool

	base int           // of slots on the thread's stack
	at   uint64        // the machine's place when the frame was entered
	buf  []*types.Cell // backs cells where the function has some of its own
}

// maxRegs is how many registers a frame has: a power of two, so that a masked index needs no check.
const maxRegs = 16

// reg is a register.
func (f *frame) reg(i int) *uint64 { return &f.regs[i&(maxRegs-1)] }

// machine is what the compiler keeps for a thread.
type machine struct {
	frames   []*frame
	top      int
	handlers []handler
	flight   flight
	// running tells that the outermost run has not ended as it should.
	running bool
	// at is the place, packed, of the last operation begun that may throw.
	at uint64
}

// machineOf finds a thread's machine.
func machineOf(t *types.Thread) *machine {
	if m, ok := t.Exec.(*machine); ok {
		return m
	}
	m := &machine{}
	t.Exec = m
	return m
}

// maxDepth bounds nested calls whatever the budget says: beyond it Go's own stack would run out, which nothing survives.
const maxDepth = 10_000

func enter(t *types.Thread) {
	t.Enter()
	if t.Depth() > maxDepth {
		tooDeep()
	}
}

//go:noinline
func tooDeep() { panic(&types.Exceeded{What: "call depth"}) }

// push is a frame for a call of fn with the cells that it captured.
func (m *machine) push(t *types.Thread, fn *fun, captured []*types.Cell) *frame {
	if t.Enter(); t.Depth() > maxDepth {
		tooDeep()
	}
	if m.top == len(m.frames) {
		m.frames = append(m.frames, &frame{t: t, m: m})
	}
	f := m.frames[m.top]
	m.top++
	f.at = m.at
	f.base = len(t.Stack)
	if fn.slots > 0 {
		f.slots = reserve(t, fn.slots)
	} else if f.slots != nil {
		f.slots = nil
	}
	for i := range fn.regs {
		*f.reg(i) = 0
	}
	f.setCells(fn, captured)
	return f
}

func (f *frame) setCells(fn *fun, captured []*types.Cell) {
	if fn.cells == len(captured) {
		if fn.cells > 0 || f.cells != nil {
			f.cells = captured
		}
		return
	}
	f.buf = append(f.buf[:0], captured...)
	for len(f.buf) < fn.cells {
		f.buf = append(f.buf, nil)
	}
	f.cells = f.buf
}

// pop ends what push began. It is not run when an exception passes; the catch clause resets the machine then.
func (f *frame) pop() {
	if len(f.slots) > 0 {
		clear(f.slots)
	}
	if len(f.buf) > 0 {
		clear(f.buf)
		f.buf = f.buf[:0]
	}
	f.ret.Num = 0
	if f.ret.Ref != nil {
		f.ret.Ref = nil
	}
	f.t.Stack = f.t.Stack[:f.base]
	f.m.top--
	f.m.at = f.at
	f.t.Leave()
}

// reserve takes n Values off the thread's stack. A stack that is too short is replaced, not copied: whoever has a piece
// of the old one keeps it.
func reserve(t *types.Thread, n int) []types.Value {
	base := len(t.Stack)
	end := base + n
	if end > cap(t.Stack) {
		t.Stack = make([]types.Value, base, max(2*cap(t.Stack), end+64))
	}
	t.Stack = t.Stack[:end]
	return t.Stack[base:end:end]
}

// release gives back what reserve took last.
func release(t *types.Thread, args []types.Value) {
	clear(args)
	t.Stack = t.Stack[:len(t.Stack)-len(args)]
}

// mark is a state of the machine to return to.
type mark struct {
	top, handlers, stack, depth int
	at                          uint64
}

// idle reports whether nothing is being evaluated, so that there is no state to return to.
func (m *machine) idle(t *types.Thread) bool {
	return m.top == 0 && len(m.handlers) == 0 && len(t.Stack) == 0 && t.Depth() == 0
}

func (m *machine) mark(t *types.Thread) mark {
	return mark{m.top, len(m.handlers), len(t.Stack), t.Depth(), m.at}
}

// reset returns to a state that an exception left behind.
func (m *machine) reset(t *types.Thread, k mark) {
	m.top, m.handlers, m.at = k.top, m.handlers[:k.handlers], k.at
	if k.stack < len(t.Stack) {
		clear(t.Stack[k.stack:])
	}
	t.Stack = t.Stack[:k.stack]
	t.SetDepth(k.depth)
}

// pack makes one word of a place, so that noting it costs one store.
func pack(s source.Span) uint64 { return uint64(uint32(s.Start))<<32 | uint64(uint32(s.End)) }

func unpack(at uint64) source.Span { return source.Span{Start: int(at >> 32), End: int(uint32(at))} }

// blame gives an exception its place if it has none.
func (m *machine) blame(e *types.Exception) {
	if e.Span == (source.Span{}) {
		e.Span = unpack(m.at)
	}
}
