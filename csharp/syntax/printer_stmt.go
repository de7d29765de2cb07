package syntax

// block writes { … }, one statement a line.
func (w *printer) block(b *Block) {
	if len(b.Stmts) == 0 {
		w.put("{ }")
		return
	}
	w.put("{")
	w.stmts(b.Stmts)
	w.line()
	w.put("}")
}

// stmts writes statements one level deeper, each on a line.
func (w *printer) stmts(stmts []Stmt) {
	w.indent++
	for _, s := range stmts {
		w.line()
		w.stmt(s)
	}
	w.indent--
}

// body writes a statement that belongs to the one before.
func (w *printer) body(s Stmt) {
	if b, ok := s.(*Block); ok {
		w.put(" ")
		w.block(b)
		return
	}
	w.stmts([]Stmt{s})
}

// headed writes word (x) and the body.
func (w *printer) headed(word string, x Expr, body Stmt) {
	w.put(word + " (")
	w.expr(x)
	w.put(")")
	w.body(body)
}

// ended writes word x; where x may be nil.
func (w *printer) ended(word string, x Expr) {
	w.put(word)
	if x != nil {
		w.put(" ")
		w.expr(x)
	}
	w.put(";")
}

func (w *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *Block:
		w.block(s)
	case *LocalDecl:
		w.decl(s)
		w.put(";")
	case *ExprStmt:
		w.expr(s.X)
		w.put(";")
	case *EmptyStmt:
		w.put(";")
	case *LabeledStmt:
		w.ident(s.Label)
		w.put(": ")
		w.stmt(s.Stmt)
	case *BreakStmt:
		w.put("break;")
	case *ContinueStmt:
		w.put("continue;")
	case *ReturnStmt:
		w.ended("return", s.X)
	case *ThrowStmt:
		w.ended("throw", s.X)
	case *GotoStmt:
		w.jump(s)
	case *YieldStmt:
		if s.X == nil {
			w.put("yield break;")
			return
		}
		w.ended("yield return", s.X)
	case *LocalFunc:
		w.localFunc(s)
	case *CheckedStmt:
		w.put(checkedWord(s.Checked) + " ")
		w.block(s.Body)
	default:
		w.control(s)
	}
}

func (w *printer) jump(s *GotoStmt) {
	switch s.Kind {
	case GotoCase:
		w.ended("goto case", s.X)
	case GotoDefault:
		w.put("goto default;")
	default:
		w.put("goto ")
		w.ident(s.Label)
		w.put(";")
	}
}

// control writes a statement that has others inside.
func (w *printer) control(s Stmt) {
	switch s := s.(type) {
	case *IfStmt:
		w.ifs(s)
	case *SwitchStmt:
		w.switches(s)
	case *WhileStmt:
		w.headed("while", s.Cond, s.Body)
	case *LockStmt:
		w.headed("lock", s.X, s.Body)
	case *DoStmt:
		w.put("do")
		w.body(s.Body)
		w.line()
		w.put("while (")
		w.expr(s.Cond)
		w.put(");")
	case *ForStmt:
		w.fors(s)
	case *ForeachStmt:
		w.put("foreach (")
		if s.Target != nil {
			w.expr(s.Target)
		} else {
			w.typ(s.Type)
			w.put(" ")
			w.ident(s.Name)
		}
		w.put(" in ")
		w.expr(s.X)
		w.put(")")
		w.body(s.Body)
	case *UsingStmt:
		w.put("using (")
		if s.Decl != nil {
			w.decl(s.Decl)
		} else {
			w.expr(s.X)
		}
		w.put(")")
		w.body(s.Body)
	case *TryStmt:
		w.try(s)
	}
}

func (w *printer) ifs(s *IfStmt) {
	for {
		w.headed("if", s.Cond, s.Then)
		if s.Else == nil {
			return
		}
		w.line()
		w.put("else")
		next, ok := s.Else.(*IfStmt)
		if !ok {
			w.body(s.Else)
			return
		}
		w.put(" ")
		s = next
	}
}

func (w *printer) switches(s *SwitchStmt) {
	w.put("switch (")
	w.expr(s.X)
	w.put(") {")
	for i := range s.Sections {
		for j := range s.Sections[i].Labels {
			w.line()
			w.label(&s.Sections[i].Labels[j])
		}
		w.stmts(s.Sections[i].Stmts)
	}
	w.line()
	w.put("}")
}

func (w *printer) label(l *SwitchLabel) {
	if l.Pattern == nil {
		w.put("default:")
		return
	}
	w.put("case ")
	w.pattern(l.Pattern)
	if l.When != nil {
		w.put(" when ")
		w.expr(l.When)
	}
	w.put(":")
}

func (w *printer) fors(s *ForStmt) {
	w.put("for (")
	if s.Decl != nil {
		w.decl(s.Decl)
	}
	w.each(len(s.Init), func(i int) { w.expr(s.Init[i]) })
	w.put(";")
	if s.Cond != nil {
		w.put(" ")
		w.expr(s.Cond)
	}
	w.put(";")
	if len(s.Post) > 0 {
		w.put(" ")
	}
	w.each(len(s.Post), func(i int) { w.expr(s.Post[i]) })
	w.put(")")
	w.body(s.Body)
}

func (w *printer) try(s *TryStmt) {
	w.put("try ")
	w.block(s.Body)
	for i := range s.Catches {
		c := &s.Catches[i]
		w.line()
		w.put("catch ")
		if c.Type != nil {
			w.put("(")
			w.typ(c.Type)
			if c.Name != nil {
				w.put(" ")
				w.ident(*c.Name)
			}
			w.put(") ")
		}
		if c.When != nil {
			w.put("when (")
			w.expr(c.When)
			w.put(") ")
		}
		w.block(c.Body)
	}
	if s.Finally != nil {
		w.line()
		w.put("finally ")
		w.block(s.Finally)
	}
}

func (w *printer) decl(d *LocalDecl) {
	if d.Const {
		w.put("const ")
	}
	w.typ(d.Type)
	w.put(" ")
	w.each(len(d.Vars), func(i int) {
		w.ident(d.Vars[i].Name)
		if d.Vars[i].Init != nil {
			w.put(" = ")
			w.expr(d.Vars[i].Init)
		}
	})
}

func (w *printer) localFunc(f *LocalFunc) {
	w.typ(f.Return)
	w.put(" ")
	w.ident(f.Name)
	if f.TypeParams != nil {
		w.put("<")
		w.each(len(f.TypeParams), func(i int) { w.ident(f.TypeParams[i]) })
		w.put(">")
	}
	w.params(f.Params)
	for _, c := range f.Constraints {
		w.put(" where ")
		w.ident(c.Name)
		w.put(" : ")
		w.each(len(c.Bounds), func(i int) {
			if c.Bounds[i].Type == nil {
				w.put(c.Bounds[i].Keyword)
				return
			}
			w.typ(c.Bounds[i].Type)
		})
	}
	if f.Block == nil {
		w.put(" => ")
		w.expr(f.Body)
		w.put(";")
		return
	}
	w.put(" ")
	w.block(f.Block)
}
