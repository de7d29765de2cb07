package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// fun is a compiled function.
type fun struct {
	// slots, regs and cells are how many of each a frame needs; the first cells are the captured ones.
	slots, regs, cells int
	params             []param
	// Either expr gives the result or body runs and leaves it in frame.ret. num, if set, is expr for a result that stands in Num.
	expr valFn
	num  numFn
	body stmtFn
	// iterator is set for a function with yield.
	iterator *iteratorInfo
	// match is set for a predicate that begins with an equality.
	match *matchCode
}

// param is where an argument goes: a slot, a register, a new cell, or (an argument passed by reference) its cell.
type param struct {
	index int
	kind  paramKind
}

type paramKind uint8

const (
	slotParam paramKind = iota
	regParam
	cellParam
	refParam
)

func (p param) put(f *frame, v types.Value) {
	switch p.kind {
	case slotParam:
		f.slots[p.index] = v
	case regParam:
		*f.reg(p.index) = v.Num
	case cellParam:
		f.cells[p.index] = &types.Cell{V: v}
	default:
		f.cells[p.index] = v.Ref.(*types.Cell)
	}
}

// run runs a frame whose parameters have been put.
func (fn *fun) run(f *frame) types.Value {
	if fn.expr != nil {
		return fn.expr(f)
	}
	fn.body(f)
	return f.ret
}

// runNum is run for a function whose result stands in Num.
func (fn *fun) runNum(f *frame) uint64 {
	switch {
	case fn.num != nil:
		return fn.num(f)
	case fn.expr != nil:
		return fn.expr(f).Num
	}
	fn.body(f)
	return f.ret.Num
}

func (fn *fun) call(t *types.Thread, captured []*types.Cell, args []types.Value) types.Value {
	if fn.iterator != nil {
		return fn.newIterator(captured, args)
	}
	f := machineOf(t).push(t, fn, captured)
	for i, p := range fn.params {
		p.put(f, args[i])
	}
	v := fn.run(f)
	f.pop()
	return v
}

func (fn *fun) call1(t *types.Thread, captured []*types.Cell, a types.Value) types.Value {
	f := machineOf(t).push(t, fn, captured)
	fn.params[0].put(f, a)
	v := fn.run(f)
	f.pop()
	return v
}

func (fn *fun) call2(t *types.Thread, captured []*types.Cell, a, b types.Value) types.Value {
	f := machineOf(t).push(t, fn, captured)
	fn.params[0].put(f, a)
	fn.params[1].put(f, b)
	v := fn.run(f)
	f.pop()
	return v
}

// delegate makes a delegate of the function and the cells that it captured.
func (fn *fun) delegate(typ *types.Type, captured []*types.Cell) *types.Delegate {
	d := &types.Delegate{T: typ, Fn: func(t *types.Thread, args []types.Value) types.Value {
		return fn.call(t, captured, args)
	}}
	if fn.iterator != nil {
		return d
	}
	switch len(fn.params) {
	case 1:
		d.F1 = func(t *types.Thread, a types.Value) types.Value { return fn.call1(t, captured, a) }
		if fn.match != nil {
			d.Match = fn.match.bind(fn, captured)
		}
	case 2:
		d.F2 = func(t *types.Thread, a, b types.Value) types.Value { return fn.call2(t, captured, a, b) }
	}
	return d
}

// compiler compiles a program.
type compiler struct {
	u       *types.Universe
	funs    map[*bind.Func]*fun
	main    *fun
	strings map[string]*types.String
	targets int32
}

// funCompiler compiles one function.
type funCompiler struct {
	*compiler
	fn      *bind.Func
	out     *fun
	cells   map[*bind.Local]int
	regs    map[*bind.Local]int
	targets map[any]int32 // of *bind.Loop and *bind.Label
	// caught is the slot of the exception that the catch clause around has caught.
	caught int
}

// declare lays out a function's variables.
func (c *compiler) declare(fn *bind.Func) *funCompiler {
	fc := &funCompiler{compiler: c, fn: fn, out: c.funs[fn], cells: map[*bind.Local]int{}, regs: map[*bind.Local]int{}, targets: map[any]int32{}}
	for _, l := range fn.Captures {
		fc.cells[l] = len(fc.cells)
	}
	for _, l := range fn.Locals {
		if l.Cell || l.Ref != types.ByValue {
			fc.cells[l] = len(fc.cells)
		} else if l.Type.UnderlyingNum() && len(fc.regs) < maxRegs {
			fc.regs[l] = len(fc.regs)
		}
	}
	fc.out.regs = len(fc.regs)
	fc.out.slots, fc.out.cells = len(fn.Locals), len(fc.cells)
	for _, l := range fn.Params {
		fc.out.params = append(fc.out.params, fc.param(l))
	}
	if e := fc.soleExpr(); e != nil && e.Type() == types.BoolType {
		fc.out.match = fc.match(e)
	}
	return fc
}

func (c *funCompiler) param(l *bind.Local) param {
	switch {
	case l.Ref != types.ByValue:
		return param{c.cells[l], refParam}
	case l.Cell:
		return param{c.cells[l], cellParam}
	}
	if i, ok := c.regs[l]; ok {
		return param{i, regParam}
	}
	return param{l.Index, slotParam}
}

// compileBody compiles what the function does.
func (c *funCompiler) compileBody() {
	if c.fn.Iterator {
		c.out.iterator = &iteratorInfo{elem: c.fn.Elem, result: c.fn.Result, enumerable: isEnumerable(c.fn.Result)}
	}
	if e := c.soleExpr(); e != nil && e.Type().UnderlyingNum() && !c.isCond(e) {
		num := c.num(e)
		c.out.num, c.out.expr = num, func(f *frame) types.Value { return types.Value{Num: num(f)} }
		return
	} else if e != nil {
		c.out.expr = c.value(e)
		return
	}
	c.out.body = c.block(c.fn.Body)
}

// soleExpr is the expression that the function returns if it does nothing else.
func (c *funCompiler) soleExpr() bind.Expr {
	if c.fn.Iterator || len(c.fn.Body.Stmts) != 1 || len(c.freshCells(c.fn.Body.Locals)) > 0 {
		return nil
	}
	if r, ok := c.fn.Body.Stmts[0].(*bind.Return); ok {
		return r.X
	}
	return nil
}

// slot takes one more slot for what a statement needs to remember.
func (c *funCompiler) slot() int {
	c.out.slots++
	return c.out.slots - 1
}

// target numbers a loop or label.
func (c *funCompiler) target(loopOrLabel any) int32 {
	id, ok := c.targets[loopOrLabel]
	if !ok {
		c.compiler.targets++
		id = c.compiler.targets
		c.targets[loopOrLabel] = id
	}
	return id
}

// captures finds the cells that another function captures among this one's.
func (c *funCompiler) captures(fn *bind.Func) []int {
	places := make([]int, len(fn.Captures))
	for i, l := range fn.Captures {
		places[i] = c.cells[l]
	}
	return places
}

func collect(f *frame, places []int) []*types.Cell {
	cells := make([]*types.Cell, len(places))
	for i, p := range places {
		cells[i] = f.cells[p]
	}
	return cells
}

// sameCells reports whether the cells captured are a prefix of this function's own list, so that it can be handed on.
func sameCells(places []int) bool {
	for i, p := range places {
		if i != p {
			return false
		}
	}
	return true
}
