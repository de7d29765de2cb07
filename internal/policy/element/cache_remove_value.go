package element

import (
	"github.com/postern-gateway/postern/internal/policy"
)

var cacheRemoveValue = &policy.Element{
	Spec: policy.Spec{
		Name: "cache-remove-value",
		Doc:  "Removes a value from the cache.",
		Attributes: []policy.Attribute{
			{Name: "key", Doc: "The key.", Required: true, Expression: true},
			cachingType,
			{Name: "fail-on-cache-removal-error", Doc: "Whether it is an error if the value cannot be removed, as where there is no such cache.", Type: policy.Boolean, Expression: true, Default: "false"},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("cache-remove-value"),
	Compile:  compileCacheRemoveValue,
}

func compileCacheRemoveValue(n *policy.Node) policy.Step {
	key, fail, use := n.Text("key"), n.Bool("fail-on-cache-removal-error"), useCache(n)
	return func(x *policy.Run) error {
		name, err := key.Eval(x)
		if err != nil {
			return err
		}
		strict, err := fail.Eval(x)
		if err != nil {
			return err
		}
		if cache := use(x); cache != nil {
			cache.Remove(name)
		} else if strict {
			return invalid("CacheRemovalFailed", "There is no cache to remove the value from.")
		}
		return nil
	}
}
