package bind

func (c *copier) block(x *Block) *Block {
	if x == nil {
		return nil
	}
	return &Block{S: x.S, Locals: c.localsOf(x.Locals), Stmts: c.stmts(x.Stmts)}
}

func (c *copier) stmts(xs []Stmt) []Stmt {
	out := make([]Stmt, len(xs))
	for i, x := range xs {
		out[i] = c.stmt(x)
	}
	return out
}

func (c *copier) loop(l *Loop) *Loop {
	if n := c.loops[l]; n != nil {
		return n
	}
	n := &Loop{Breaks: l.Breaks, Continues: l.Continues}
	c.loops[l] = n
	return n
}

func (c *copier) label(l *Label) *Label {
	if n := c.labels[l]; n != nil {
		return n
	}
	n := &Label{Name: l.Name, Used: l.Used}
	c.labels[l] = n
	return n
}

func (c *copier) stmt(s Stmt) Stmt {
	switch s := s.(type) {
	case nil:
		return nil
	case *Block:
		return c.block(s)
	case *Declare:
		return &Declare{s.S, c.local(s.Local), c.expr(s.Init)}
	case *ExprStmt:
		return &ExprStmt{s.S, c.expr(s.X)}
	case *If:
		return &If{s.S, c.expr(s.Cond), c.stmt(s.Then), c.stmt(s.Else)}
	case *While:
		return &While{S: s.S, Loop: c.loop(s.Loop), Cond: c.expr(s.Cond), DoFirst: s.DoFirst, Body: c.stmt(s.Body), Post: c.exprs(s.Post), CondLocals: c.localsOf(s.CondLocals)}
	case *Foreach:
		return &Foreach{s.S, s.Kind, c.loop(s.Loop), c.expr(s.X), c.local(s.Item), c.stmt(s.Body)}
	case *Break:
		return &Break{s.S, c.loop(s.To)}
	case *Continue:
		return &Continue{s.S, c.loop(s.To)}
	case *Return:
		return &Return{s.S, c.expr(s.X)}
	case *ThrowStmt:
		return &ThrowStmt{s.S, c.expr(s.X)}
	case *Labeled:
		return &Labeled{s.S, c.label(s.Label), c.stmt(s.Stmt)}
	case *Goto:
		return &Goto{s.S, c.label(s.To)}
	case *Switch:
		return c.switchStmt(s)
	case *Try:
		out := &Try{S: s.S, Body: c.block(s.Body), Finally: c.block(s.Finally)}
		for _, k := range s.Catches {
			out.Catches = append(out.Catches, Catch{c.typ(k.Type), c.localsOf(k.Locals), c.local(k.Var), c.expr(k.When), c.block(k.Body)})
		}
		return out
	case *Lock:
		return &Lock{s.S, c.expr(s.X), c.stmt(s.Body)}
	case *Yield:
		return &Yield{s.S, c.expr(s.X)}
	}
	return s
}

func (c *copier) switchStmt(s *Switch) Stmt {
	out := &Switch{S: s.S, Loop: c.loop(s.Loop), X: c.expr(s.X), Var: c.local(s.Var), Locals: c.localsOf(s.Locals),
		Default: s.Default, Table: s.Table, Strings: s.Strings, Null: s.Null}
	for _, k := range s.Cases {
		out.Cases = append(out.Cases, Case{c.pattern(k.Pattern), c.expr(k.When), k.Section})
	}
	for _, sec := range s.Sections {
		out.Sections = append(out.Sections, Section{Label: c.label(sec.Label), Stmts: c.stmts(sec.Stmts)})
	}
	return out
}
