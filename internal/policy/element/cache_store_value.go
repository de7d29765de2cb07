package element

import (
	"time"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

var cacheStoreValue = &policy.Element{
	Spec: policy.Spec{
		Name: "cache-store-value",
		Doc:  "Keeps a value in the cache, for any request to look up.",
		Attributes: []policy.Attribute{
			{Name: "key", Doc: "The key.", Required: true, Expression: true},
			{Name: "value", Doc: "The value, which keeps its type; a literal is a string. Null removes the key.", Required: true, Expression: true},
			{Name: "duration", Doc: "Seconds that it is kept; 0: not at all.", Type: policy.Number, Max: 1 << 32, Required: true, Expression: true},
			cachingType,
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("cache-store-value"),
	Compile:  compileCacheStoreValue,
}

type cacheStore struct {
	key, value policy.Text
	duration   policy.Float
	cache      func(x *policy.Run) *memory.Cache
	literal    any
}

func compileCacheStoreValue(n *policy.Node) policy.Step {
	s := &cacheStore{key: n.Text("key"), value: n.Text("value"), duration: n.Float("duration"), cache: useCache(n)}
	s.literal = types.NewString(s.value.Const)
	return s.run
}

func (s *cacheStore) run(x *policy.Run) error {
	key, err := s.key.Eval(x)
	if err != nil {
		return err
	}
	value := s.literal
	if s.value.Expr != nil {
		if value, err = s.value.Expr.Object(x); err != nil {
			return err
		}
	}
	ttl, err := duration(x, &s.duration, time.Second)
	if err != nil {
		return err
	}
	cache := s.cache(x)
	if cache == nil {
		return nil
	}
	return keep(cache, key, value, x.Now(), ttl)
}
