package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// failedCall is a call that no candidate suits, or several suit equally.
type failedCall struct {
	all       []*candidate
	ambiguous []*candidate
	args      []arg
	// name and node are what is called, kind is "method", "constructor", "delegate" or "indexer".
	name string
	node syntax.Node
	kind string
	// whole is the call.
	whole     syntax.Node
	extension bool
}

// tellFailure tells why a call failed, with the candidate that Roslyn would blame.
func (b *binder) tellFailure(f *failedCall) {
	if len(f.ambiguous) >= 2 {
		b.errorAt(f.node, "CS0121", "The call is ambiguous between the following methods or properties: '%s' and '%s'", f.ambiguous[0].m.Display(true), f.ambiguous[1].m.Display(true))
		return
	}
	if c := blamed(f.all); c != nil {
		b.tellArguments(f, c)
		return
	}
	if c := firstOf(f.all, constraintFailed); c != nil {
		b.errorAt(f.node, c.code, "%s", c.detail)
		return
	}
	if c := firstOf(f.all, inferenceFailed); c != nil {
		if b.tellLambdaErrors(f.args) {
			return
		}
		b.errorAt(f.node, "CS0411", "The type arguments for method '%s' cannot be inferred from the usage. Try specifying the type arguments explicitly.", c.m.Display(false))
		return
	}
	if b.recoverLambdas(f.args) {
		return
	}
	if c := firstOf(f.all, badName); c != nil {
		b.errorAt(f.args[c.at].node, c.code, "%s", c.detail)
		return
	}
	if c := onlyOne(f.all, missingParameter); c != nil && f.kind != "delegate" {
		b.errorAt(f.node, "CS7036", "There is no argument given that corresponds to the required parameter '%s' of '%s'", c.m.Params[c.at].Name, c.m.Display(false))
		return
	}
	b.tellCount(f)
}

// recoverLambdas binds lambdas that no candidate could take, with parameters of unknown type, and tells the mistakes in them.
func (b *binder) recoverLambdas(args []arg) bool {
	told := b.tellLambdaErrors(args)
	for _, a := range args {
		x, ok := a.x.(*lambdaExpr)
		if !ok || len(x.bindings) > 0 {
			continue
		}
		params := x.typed
		if params == nil {
			params = make([]*types.Type, len(x.names))
			for i := range params {
				params[i] = types.ErrorType
			}
		}
		if bl := b.bindLambda(x, params, make([]types.RefKind, len(params))); bl.diags.errors {
			b.replay(bl.diags)
			told = true
		}
	}
	return told
}

func firstOf(all []*candidate, why failure) *candidate {
	for _, c := range all {
		if c.failure == why {
			return c
		}
	}
	return nil
}

// blamed is the candidate whose arguments are told of: Roslyn takes the first in the order of the metadata, which lists overloads by their
// signatures more often than not.
func blamed(all []*candidate) *candidate {
	var out *candidate
	least := ""
	for _, c := range all {
		if c.failure != badArgument {
			continue
		}
		if text := c.m.Def.Display(true); out == nil || text < least {
			out, least = c, text
		}
	}
	return out
}

// onlyOne is the candidate that fails so, if there is but one.
func onlyOne(all []*candidate, why failure) *candidate {
	var out *candidate
	for _, c := range all {
		if c.failure == why {
			if out != nil {
				return nil
			}
			out = c
		}
	}
	return out
}

func (b *binder) tellCount(f *failedCall) {
	n := len(f.args)
	if f.extension {
		n--
	}
	if c := firstOf(f.all, wrongArity); c != nil && firstOf(f.all, tooManyArguments) == nil && firstOf(f.all, missingParameter) == nil {
		if len(c.m.TypeParams) == 0 {
			b.errorAt(f.node, "CS0308", "The non-generic method '%s' cannot be used with type arguments", c.m.Display(false))
		} else {
			b.errorAt(f.node, "CS0305", "Using the generic method '%s' requires %d type arguments", c.m.Display(false), len(c.m.TypeParams))
		}
		return
	}
	switch f.kind {
	case "constructor":
		b.errorAt(f.node, "CS1729", "'%s' does not contain a constructor that takes %d arguments", f.name, n)
	case "delegate":
		b.errorAt(f.node, "CS1593", "Delegate '%s' does not take %d arguments", f.name, n)
	default:
		b.errorAt(f.node, "CS1501", "No overload for method '%s' takes %d arguments", f.name, n)
	}
}

// tellArguments tells which arguments of a candidate do not convert.
func (b *binder) tellArguments(f *failedCall, c *candidate) {
	if b.tellLambdaErrors(f.args) {
		return
	}
	for i, a := range f.args {
		if i >= len(c.toParam) {
			break
		}
		p, t := c.m.Params[c.toParam[i]], c.paramType(i)
		if i < c.at || i > c.at && b.argumentFits(a, p, t) {
			continue
		}
		n := i + 1
		if f.extension {
			n--
		}
		b.tellArgument(a, p, t, n)
	}
}

func (b *binder) argumentFits(a arg, p types.Param, t *types.Type) bool {
	if a.ref == types.ByValue && (p.Ref == types.ByValue || p.Ref == types.ByIn) {
		return b.implicitFrom(a.x, t).ok()
	}
	if _, ok := a.x.(*outVar); ok {
		return a.ref == p.Ref
	}
	return a.ref == p.Ref && a.x.Type() != nil && same(a.x.Type(), t)
}

func (b *binder) tellArgument(a arg, p types.Param, t *types.Type, n int) {
	a.node = inner(a.node)
	switch {
	case a.ref != p.Ref && (p.Ref == types.ByRef || p.Ref == types.ByOut):
		b.errorAt(a.node, "CS1620", "Argument %d must be passed with the '%s' keyword", n, p.Ref)
		return
	case a.ref != types.ByValue && a.ref != p.Ref:
		b.errorAt(a.node, "CS1615", "Argument %d may not be passed with the '%s' keyword", n, a.ref)
		return
	}
	switch x := a.x.(type) {
	case *lambdaExpr:
		b.lambdaMismatch(x, t, a.node)
		return
	case *condExpr:
		b.noCommonType(x, t)
		return
	case *groupExpr:
		if t.DelegateInvoke() != nil {
			b.errorAt(a.node, "CS1503", "Argument %d: cannot convert from 'method group' to '%s'", n, t)
			return
		}
	}
	from := typelessName(a.x)
	if at := a.x.Type(); at != nil {
		from = at.String()
	}
	prefix := ""
	if a.ref != types.ByValue {
		prefix = a.ref.String() + " "
	}
	b.errorAt(a.node, "CS1503", "Argument %d: cannot convert from '%s%s' to '%s%s'", n, prefix, from, prefix, t)
}

// tellLambdaErrors tells the mistakes in the bodies of lambdas, if there are any: those of the last binding that had parameters without mistakes.
func (b *binder) tellLambdaErrors(args []arg) bool {
	told := false
	for _, a := range args {
		x, ok := a.x.(*lambdaExpr)
		if !ok {
			continue
		}
		var best *boundLambda
		for _, bl := range x.bindings {
			if bl.fn.value != nil && isBad(bl.fn.value) && !bl.diags.errors {
				told = true
			}
			if !bl.diags.errors {
				best = nil
				break
			}
			if best == nil {
				best = bl
			}
		}
		if best != nil {
			b.replay(best.diags)
			told = true
		}
	}
	return told
}
