package element

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

var cacheLookupValue = &policy.Element{
	Spec: policy.Spec{
		Name: "cache-lookup-value",
		Doc:  "Sets a variable to a value that cache-store-value has kept.",
		Attributes: []policy.Attribute{
			{Name: "key", Doc: "The key.", Required: true, Expression: true},
			{Name: "variable-name", Doc: "The variable. If nothing is found and there is no default-value, it is not set.", Required: true, NonEmpty: true},
			{Name: "default-value", Doc: "What the variable is set to if nothing is found.", Expression: true},
			cachingType,
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("cache-lookup-value"),
	Compile:  compileCacheLookupValue,
}

type cacheLookup struct {
	key, otherwise policy.Text
	variable       string
	cache          func(x *policy.Run) *memory.Cache
	literal        any
}

func compileCacheLookupValue(n *policy.Node) policy.Step {
	l := &cacheLookup{key: n.Text("key"), otherwise: n.Text("default-value"), variable: n.Literal("variable-name"), cache: useCache(n)}
	l.literal = types.NewString(l.otherwise.Const)
	return l.run
}

func (l *cacheLookup) run(x *policy.Run) error {
	key, err := l.key.Eval(x)
	if err != nil {
		return err
	}
	if cache := l.cache(x); cache != nil {
		if value, ok := cache.Get(key, x.Now()); ok {
			own, _, _ := immutable(value)
			x.Variables.Set(l.variable, own)
			return nil
		}
	}
	switch {
	case !l.otherwise.Set:
		return nil
	case l.otherwise.Expr == nil:
		x.Variables.Set(l.variable, l.literal)
		return nil
	}
	value, err := l.otherwise.Expr.Object(x)
	if err != nil {
		return err
	}
	x.Variables.Set(l.variable, value)
	return nil
}
