package syntax

// expr writes an expression. It adds no parentheses: the tree keeps those of the text.
func (w *printer) expr(x Expr) {
	switch x := x.(type) {
	case *Literal:
		w.literal(x)
	case *InterpolatedExpr:
		w.interpolated(x)
	case *NameExpr:
		w.name(x)
	case *PredefinedType:
		w.put(x.Name)
	case *AliasExpr:
		w.ident(x.Alias)
		w.put("::")
		w.name(x.Name)
	case *MemberExpr, *ConditionalAccessExpr, *CallExpr, *IndexExpr:
		w.access(x)
	case *ParenExpr:
		w.put("(")
		w.expr(x.X)
		w.put(")")
	case *TupleExpr:
		w.args("(", x.Elems, ")")
	case *DeclarationExpr:
		w.typ(x.Type)
		w.put(" ")
		w.vars(x.Vars)
	case *NewExpr, *NewArrayExpr, *ImplicitArrayExpr, *AnonymousObjectExpr, *InitExpr, *ElementInit:
		w.creation(x)
	case *LambdaExpr, *AnonymousMethodExpr:
		w.function(x)
	case *TypeofExpr:
		w.wrapped("typeof", x.Type)
	case *SizeofExpr:
		w.wrapped("sizeof", x.Type)
	case *DefaultExpr:
		if x.Type == nil {
			w.put("default")
			return
		}
		w.wrapped("default", x.Type)
	case *CheckedExpr:
		w.put(checkedWord(x.Checked) + "(")
		w.expr(x.X)
		w.put(")")
	case *ThisExpr:
		if x.Base {
			w.put("base")
		} else {
			w.put("this")
		}
	case *QueryExpr:
		for i, c := range x.Clauses {
			if i > 0 {
				w.put(" ")
			}
			w.clause(c)
		}
	default:
		w.operator(x)
	}
}

// operator writes an expression that is made with an operator.
func (w *printer) operator(x Expr) {
	switch x := x.(type) {
	case *CastExpr:
		w.put("(")
		w.typ(x.Type)
		w.put(")")
		w.expr(x.X)
	case *UnaryExpr:
		w.unary(x)
	case *PostfixExpr:
		w.expr(x.X)
		w.put(x.Op.String())
	case *BinaryExpr:
		w.infix(x.X, x.Op.String(), x.Y)
	case *AssignExpr:
		op := "="
		if x.Op != OpAssign {
			op = x.Op.String() + "="
		}
		w.infix(x.X, op, x.Y)
	case *ConditionalExpr:
		w.infix(x.Cond, "?", x.Then)
		w.put(" : ")
		w.expr(x.Else)
	case *IsExpr:
		w.expr(x.X)
		w.put(" is ")
		w.typ(x.Type)
	case *IsPatternExpr:
		w.expr(x.X)
		w.put(" is ")
		w.pattern(x.Pattern)
	case *AsExpr:
		w.expr(x.X)
		w.put(" as ")
		w.typ(x.Type)
	case *ThrowExpr:
		w.put("throw ")
		w.expr(x.X)
	case *RefExpr:
		w.put("ref ")
		w.expr(x.X)
	}
}

func (w *printer) infix(x Expr, op string, y Expr) {
	w.expr(x)
	w.put(" " + op + " ")
	w.expr(y)
}

func (w *printer) unary(x *UnaryExpr) {
	op := x.Op.String()
	w.put(op)
	if inner, ok := x.X.(*UnaryExpr); ok && inner.Op.String()[0] == op[0] && op != "!" && op != "~" {
		w.put(" ") // - -x is not --x
	}
	w.expr(x.X)
}

func (w *printer) wrapped(word string, t TypeExpr) {
	w.put(word + "(")
	w.typ(t)
	w.put(")")
}

func checkedWord(checked bool) string {
	if checked {
		return "checked"
	}
	return "unchecked"
}

// access writes a member, a call or an index.
func (w *printer) access(x Expr) {
	switch x := x.(type) {
	case *MemberExpr:
		w.expr(x.X)
		w.put(".")
		w.name(x.Name)
	case *ConditionalAccessExpr:
		w.expr(x.X)
		w.put("?")
		w.expr(x.Rest)
	case *CallExpr:
		w.expr(x.Fun)
		w.args("(", x.Args, ")")
	case *IndexExpr:
		w.expr(x.X)
		w.args("[", x.Args, "]")
	}
}

var refTexts = [...]string{ByValue: "", ByRef: "ref ", ByOut: "out ", ByIn: "in "}

func (w *printer) args(open string, args []Argument, shut string) {
	w.put(open)
	w.each(len(args), func(i int) {
		if args[i].Name != nil {
			w.ident(*args[i].Name)
			w.put(": ")
		}
		w.put(refTexts[args[i].Ref])
		w.expr(args[i].Value)
	})
	w.put(shut)
}

// creation writes what begins with new, and initialisers.
func (w *printer) creation(x Expr) {
	switch x := x.(type) {
	case *NewExpr:
		w.put("new ")
		w.typ(x.Type)
		if x.HasArgs {
			w.args("(", x.Args, ")")
		}
		w.init(x.Init)
	case *NewArrayExpr:
		w.newArray(x)
	case *ImplicitArrayExpr:
		w.put("new[")
		w.commas(x.Rank)
		w.put("]")
		w.init(x.Init)
	case *AnonymousObjectExpr:
		if len(x.Members) == 0 {
			w.put("new { }")
			return
		}
		w.put("new { ")
		w.each(len(x.Members), func(i int) {
			if x.Members[i].Name != nil {
				w.ident(*x.Members[i].Name)
				w.put(" = ")
			}
			w.expr(x.Members[i].Value)
		})
		w.put(" }")
	case *InitExpr:
		if len(x.Elems) == 0 {
			w.put("{ }")
			return
		}
		w.put("{ ")
		w.each(len(x.Elems), func(i int) { w.expr(x.Elems[i]) })
		w.put(" }")
	case *ElementInit:
		w.args("[", x.Args, "]")
	}
}

func (w *printer) init(n *InitExpr) {
	if n != nil {
		w.put(" ")
		w.expr(n)
	}
}

func (w *printer) newArray(x *NewArrayExpr) {
	w.put("new ")
	w.arrayElem(x.Type)
	w.put("[")
	if len(x.Sizes) > 0 {
		w.each(len(x.Sizes), func(i int) { w.expr(x.Sizes[i]) })
	} else {
		w.commas(x.Type.Rank)
	}
	w.put("]")
	if inner, ok := x.Type.Elem.(*ArrayType); ok {
		w.ranks(inner)
	}
	w.init(x.Init)
}

// function writes a lambda or an anonymous method.
func (w *printer) function(x Expr) {
	switch x := x.(type) {
	case *LambdaExpr:
		if len(x.Params) == 1 && x.Params[0].Type == nil {
			w.ident(x.Params[0].Name)
		} else {
			w.params(x.Params)
		}
		w.put(" => ")
		if x.Block != nil {
			w.block(x.Block)
			return
		}
		w.expr(x.Body)
	case *AnonymousMethodExpr:
		w.put("delegate ")
		if x.HasParams {
			w.params(x.Params)
			w.put(" ")
		}
		w.block(x.Block)
	}
}

func (w *printer) params(params []Parameter) {
	w.put("(")
	w.each(len(params), func(i int) {
		p := &params[i]
		if p.Params {
			w.put("params ")
		}
		w.put(refTexts[p.Ref])
		if p.Type != nil {
			w.typ(p.Type)
			w.put(" ")
		}
		w.ident(p.Name)
		if p.Default != nil {
			w.put(" = ")
			w.expr(p.Default)
		}
	})
	w.put(")")
}

func (w *printer) rangeVariable(word string, t TypeExpr, name Ident, x Expr) {
	w.put(word)
	if t != nil {
		w.typ(t)
		w.put(" ")
	}
	w.ident(name)
	w.put(" in ")
	w.expr(x)
}

func (w *printer) clause(c Clause) {
	switch c := c.(type) {
	case *FromClause:
		w.rangeVariable("from ", c.Type, c.Name, c.X)
	case *LetClause:
		w.put("let ")
		w.ident(c.Name)
		w.put(" = ")
		w.expr(c.X)
	case *WhereClause:
		w.put("where ")
		w.expr(c.X)
	case *JoinClause:
		w.rangeVariable("join ", c.Type, c.Name, c.X)
		w.put(" on ")
		w.expr(c.Left)
		w.put(" equals ")
		w.expr(c.Right)
		if c.Into != nil {
			w.put(" into ")
			w.ident(*c.Into)
		}
	case *OrderByClause:
		w.put("orderby ")
		w.each(len(c.Orderings), func(i int) {
			w.expr(c.Orderings[i].X)
			if c.Orderings[i].Descending {
				w.put(" descending")
			}
		})
	case *SelectClause:
		w.put("select ")
		w.expr(c.X)
	case *GroupClause:
		w.put("group ")
		w.expr(c.X)
		w.put(" by ")
		w.expr(c.Key)
	case *IntoClause:
		w.put("into ")
		w.ident(c.Name)
	}
}
