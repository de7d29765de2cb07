package bind

// parts calls f with each expression directly inside x, in the order of evaluation.
func parts(x Expr, f func(Expr)) {
	all := func(xs []Expr) {
		for _, x := range xs {
			f(x)
		}
	}
	one := func(x Expr) {
		if x != nil {
			f(x)
		}
	}
	switch x := x.(type) {
	case *Convert:
		f(x.X)
	case *Unary:
		f(x.X)
	case *Binary:
		f(x.X)
		f(x.Y)
	case *Logical:
		f(x.X)
		f(x.Y)
	case *LiftedOp:
		f(x.X)
		one(x.Y)
	case *NotNull:
		f(x.X)
		f(x.Then)
		f(x.Else)
	case *Conditional:
		f(x.Cond)
		f(x.Then)
		f(x.Else)
	case *Call:
		one(x.This)
		all(x.Args)
	case *Prop:
		one(x.This)
		all(x.Args)
	case *New:
		all(x.Args)
	case *RefArg:
		f(x.Target)
	case *CallLocal:
		all(x.Args)
	case *Invoke:
		f(x.X)
		all(x.Args)
	case *MethodGroup:
		one(x.This)
	case *NewArray:
		all(x.Sizes)
		all(x.Init)
	case *ArrayIndex:
		f(x.X)
		all(x.Indices)
	case *Assign:
		f(x.X)
		f(x.Y)
	case *Seq:
		all(x.Effects)
		f(x.Value)
	case *Concat:
		all(x.Parts)
	case *Interpolate:
		for _, p := range x.Parts {
			one(p.X)
		}
	default:
		fewParts(x, f)
	}
}

func fewParts(x Expr, f func(Expr)) {
	all := func(xs []Expr) {
		for _, x := range xs {
			f(x)
		}
	}
	switch x := x.(type) {
	case *ArrayLength:
		f(x.X)
	case *AnonNew:
		all(x.Args)
	case *AnonGet:
		f(x.X)
	case *TupleNew:
		all(x.Args)
	case *TupleItem:
		f(x.X)
	case *Throw:
		f(x.X)
	case *Is:
		f(x.X)
	case *As:
		f(x.X)
	case *DynGet:
		f(x.X)
	case *DynIndex:
		f(x.X)
		all(x.Args)
	case *DynCall:
		if x.X != nil {
			f(x.X)
		}
		all(x.Args)
	case *DynInvoke:
		f(x.X)
		all(x.Args)
	case *DynUnary:
		f(x.X)
	case *DynBinary:
		f(x.X)
		f(x.Y)
	}
}

// within calls onExpr with each expression and onStmt with each statement directly inside s.
func within(s Stmt, onExpr func(Expr), onStmt func(Stmt)) {
	one := func(x Expr) {
		if x != nil {
			onExpr(x)
		}
	}
	body := func(s Stmt) {
		if s != nil {
			onStmt(s)
		}
	}
	all := func(ss []Stmt) {
		for _, s := range ss {
			onStmt(s)
		}
	}
	switch s := s.(type) {
	case *Block:
		all(s.Stmts)
	case *Declare:
		one(s.Init)
	case *ExprStmt:
		onExpr(s.X)
	case *If:
		onExpr(s.Cond)
		body(s.Then)
		body(s.Else)
	case *While:
		one(s.Cond)
		body(s.Body)
		for _, p := range s.Post {
			onExpr(p)
		}
	case *Foreach:
		onExpr(s.X)
		body(s.Body)
	case *Return:
		one(s.X)
	case *ThrowStmt:
		one(s.X)
	case *Labeled:
		body(s.Stmt)
	case *Switch:
		onExpr(s.X)
		for _, c := range s.Cases {
			one(c.When)
		}
		for _, sec := range s.Sections {
			all(sec.Stmts)
		}
	case *Try:
		onStmt(s.Body)
		for _, c := range s.Catches {
			one(c.When)
			onStmt(c.Body)
		}
		if s.Finally != nil {
			onStmt(s.Finally)
		}
	case *Lock:
		onExpr(s.X)
		body(s.Body)
	case *Yield:
		one(s.X)
	}
}
