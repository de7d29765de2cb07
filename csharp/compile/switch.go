package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// switchCode is a compiled switch.
type switchCode struct {
	id       int32
	value    valFn
	put      func(*frame, types.Value)
	fresh    []int
	find     func(f *frame, v types.Value) int // the section, −1 for none
	sections []stmtFn
	labels   map[int32]int
	state    int // the slot of the section that yielded
}

func (c *funCompiler) switchStmt(s *bind.Switch) stmtFn {
	sw := &switchCode{id: c.target(s.Loop), value: c.value(s.X), put: c.putter(s.Var), fresh: c.freshCells(s.Locals),
		find: c.selector(s), labels: map[int32]int{}, state: -1}
	yielding := false
	for i, sec := range s.Sections {
		sw.sections = append(sw.sections, c.sequence(sec.Stmts))
		if sec.Label != nil {
			sw.labels[c.target(sec.Label)] = i
		}
		yielding = yielding || hasYield(sec.Stmts...)
	}
	if yielding {
		sw.state = c.slot()
	}
	return sw.run
}

func (sw *switchCode) run(f *frame) signal {
	var section int
	if f.resuming {
		section = int(f.slots[sw.state].Num)
	} else {
		renew(f, sw.fresh)
		v := sw.value(f)
		sw.put(f, v)
		section = sw.find(f, v)
	}
	for section >= 0 {
		sig := sw.sections[section](f)
		switch {
		case sig == breaks && f.to == sw.id:
			return next
		case sig == yields:
			f.slots[sw.state].Num = uint64(section)
			return sig
		case sig != jumps:
			return sig
		}
		to, here := sw.labels[f.to]
		if !here {
			return sig
		}
		f.t.Step(1)
		section = to
	}
	return next
}

// selector compiles the choice of a section.
func (c *funCompiler) selector(s *bind.Switch) func(*frame, types.Value) int {
	t := s.X.Type()
	switch {
	case s.Table != nil:
		return tableSelector(s, t)
	case s.Strings != nil:
		return func(_ *frame, v types.Value) int {
			str, ok := v.Ref.(*types.String)
			if !ok {
				return orDefault(s.Null, s.Null >= 0, s.Default)
			}
			i, ok := s.Strings[str.Go()]
			return orDefault(i, ok, s.Default)
		}
	}
	return c.caseSelector(s, t)
}

func orDefault(section int, found bool, otherwise int) int {
	if found {
		return section
	}
	return otherwise
}

func tableSelector(s *bind.Switch, t *types.Type) func(*frame, types.Value) int {
	if _, nullable := t.IsNullable(); nullable {
		return func(_ *frame, v types.Value) int {
			if v.Ref == nil {
				return orDefault(s.Null, s.Null >= 0, s.Default)
			}
			i, ok := s.Table[v.Num]
			return orDefault(i, ok, s.Default)
		}
	}
	return func(_ *frame, v types.Value) int {
		i, ok := s.Table[v.Num]
		return orDefault(i, ok, s.Default)
	}
}

// caseSelector tries the cases in order.
func (c *funCompiler) caseSelector(s *bind.Switch, t *types.Type) func(*frame, types.Value) int {
	type test struct {
		match   matchFn
		when    condFn
		section int
	}
	tests := make([]test, len(s.Cases))
	for i, k := range s.Cases {
		tests[i] = test{match: c.pattern(k.Pattern, t), section: k.Section}
		if k.When != nil {
			tests[i].when = c.cond(k.When)
		}
	}
	otherwise := s.Default
	return func(f *frame, v types.Value) int {
		for i := range tests {
			if k := &tests[i]; k.match(f, v) && (k.when == nil || k.when(f)) {
				return k.section
			}
		}
		return otherwise
	}
}
