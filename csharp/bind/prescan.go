package bind

import "github.com/postern-gateway/postern/csharp/syntax"

// declareIn declares the variables that an expression declares (out variables, pattern variables, deconstruction) in the present scope.
// Those inside lambdas belong to the lambda.
func (b *binder) declareIn(xs ...syntax.Expr) {
	for _, x := range xs {
		if x != nil {
			eachDesignation(x, func(v *syntax.SingleVar) { b.declareLocal(v.Ident) })
		}
	}
}

// eachDesignation calls f with each variable that an expression declares, in the order of the text.
func eachDesignation(x syntax.Expr, f func(*syntax.SingleVar)) {
	args := func(as []syntax.Argument) {
		for i := range as {
			eachDesignation(as[i].Value, f)
		}
	}
	switch x := x.(type) {
	case *syntax.DeclarationExpr:
		designated(x.Vars, f)
	case *syntax.IsPatternExpr:
		eachDesignation(x.X, f)
		patternVars(x.Pattern, f)
	case *syntax.MemberExpr:
		eachDesignation(x.X, f)
	case *syntax.ConditionalAccessExpr:
		eachDesignation(x.X, f)
		eachDesignation(x.Rest, f)
	case *syntax.CallExpr:
		eachDesignation(x.Fun, f)
		args(x.Args)
	case *syntax.IndexExpr:
		eachDesignation(x.X, f)
		args(x.Args)
	case *syntax.ParenExpr:
		eachDesignation(x.X, f)
	case *syntax.TupleExpr:
		args(x.Elems)
	case *syntax.CastExpr:
		eachDesignation(x.X, f)
	case *syntax.UnaryExpr:
		eachDesignation(x.X, f)
	case *syntax.PostfixExpr:
		eachDesignation(x.X, f)
	case *syntax.BinaryExpr:
		eachDesignation(x.X, f)
		eachDesignation(x.Y, f)
	case *syntax.AssignExpr:
		eachDesignation(x.X, f)
		eachDesignation(x.Y, f)
	case *syntax.ConditionalExpr:
		eachDesignation(x.Cond, f)
		eachDesignation(x.Then, f)
		eachDesignation(x.Else, f)
	default:
		otherDesignations(x, f)
	}
}

func otherDesignations(x syntax.Expr, f func(*syntax.SingleVar)) {
	switch x := x.(type) {
	case *syntax.IsExpr:
		eachDesignation(x.X, f)
	case *syntax.AsExpr:
		eachDesignation(x.X, f)
	case *syntax.NewExpr:
		for i := range x.Args {
			eachDesignation(x.Args[i].Value, f)
		}
		if x.Init != nil {
			eachDesignation(x.Init, f)
		}
	case *syntax.NewArrayExpr:
		for _, s := range x.Sizes {
			eachDesignation(s, f)
		}
		if x.Init != nil {
			eachDesignation(x.Init, f)
		}
	case *syntax.ImplicitArrayExpr:
		if x.Init != nil {
			eachDesignation(x.Init, f)
		}
	case *syntax.AnonymousObjectExpr:
		for i := range x.Members {
			eachDesignation(x.Members[i].Value, f)
		}
	case *syntax.InitExpr:
		for _, e := range x.Elems {
			eachDesignation(e, f)
		}
	case *syntax.ElementInit:
		for i := range x.Args {
			eachDesignation(x.Args[i].Value, f)
		}
	case *syntax.CheckedExpr:
		eachDesignation(x.X, f)
	case *syntax.ThrowExpr:
		eachDesignation(x.X, f)
	case *syntax.RefExpr:
		eachDesignation(x.X, f)
	case *syntax.InterpolatedExpr:
		for i := range x.Parts {
			if x.Parts[i].X != nil {
				eachDesignation(x.Parts[i].X, f)
			}
		}
	case *syntax.QueryExpr:
		if from, ok := x.Clauses[0].(*syntax.FromClause); ok {
			eachDesignation(from.X, f)
		}
	}
}

func designated(d syntax.Designation, f func(*syntax.SingleVar)) {
	switch d := d.(type) {
	case *syntax.SingleVar:
		f(d)
	case *syntax.ParenVars:
		for _, v := range d.Vars {
			designated(v, f)
		}
	}
}

func patternVars(p syntax.Pattern, f func(*syntax.SingleVar)) {
	switch p := p.(type) {
	case *syntax.DeclarationPattern:
		designated(p.Vars, f)
	case *syntax.ConstantPattern:
		eachDesignation(p.X, f)
	}
}
