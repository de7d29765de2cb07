package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// Code is a compiled program: immutable, and safe for concurrent use by threads of its universe.
type Code struct {
	main *fun
}

// Compile compiles a bound program, of which the binder had no error to report. The universe is the one it was bound in;
// its Ops must be set.
func Compile(p *bind.Program, u *types.Universe) *Code {
	c := &compiler{u: u, funs: make(map[*bind.Func]*fun, len(p.Funcs)), strings: map[string]*types.String{}}
	for _, fn := range p.Funcs {
		c.funs[fn] = &fun{}
	}
	c.main = c.funs[p.Main]
	// Layout comes first: a call needs to know how its callee takes arguments.
	compilers := make([]*funCompiler, len(p.Funcs))
	for i, fn := range p.Funcs {
		compilers[i] = c.declare(fn)
	}
	for _, fc := range compilers {
		fc.compileBody()
	}
	return &Code{main: c.funs[p.Main]}
}

// Run evaluates the program. The error is an *types.Exception that the program does not catch, its Span telling the
// place, or *types.Exceeded; Run may be called again on the same thread afterwards.
func (c *Code) Run(t *types.Thread) (v types.Value, err error) {
	m := machineOf(t)
	if !m.idle(t) {
		err = Protect(t, func() { v = c.main.call(t, nil, nil) })
		return v, err
	}
	m.running = true
	defer m.rescue(t, &err)
	f := m.push(t, c.main, nil)
	if x := c.main.expr; x != nil {
		v = x(f)
	} else {
		v = c.main.run(f)
	}
	f.pop()
	m.running = false
	return v, nil
}

// rescue is deferred by the outermost call on a thread; it is still running after a panic.
func (m *machine) rescue(t *types.Thread, err *error) {
	if !m.running {
		return
	}
	m.running = false
	if p := recover(); p != nil {
		*err = m.abandon(t, mark{}, p)
	}
}

// Protect runs f, which may call members and delegates on the thread, and returns the exception that it throws, or the
// *types.Exceeded.
func Protect(t *types.Thread, f func()) (err error) {
	m := machineOf(t)
	k := m.mark(t)
	defer func() {
		if p := recover(); p != nil {
			err = m.abandon(t, k, p)
		}
	}()
	f()
	return nil
}

// abandon puts the machine in order after a panic, which it makes an error of; one that is nobody's exception goes on.
func (m *machine) abandon(t *types.Thread, k mark, p any) error {
	if e, ok := p.(*types.Exception); ok {
		m.blame(e)
	}
	m.reset(t, k)
	m.flight = flight{}
	switch p := p.(type) {
	case *types.Exception:
		return p
	case *types.Exceeded:
		return p
	}
	panic(p)
}
