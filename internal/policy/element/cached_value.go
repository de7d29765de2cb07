package element

import (
	"strings"
	"time"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

// cachingType is the attribute of the policies that use the cache.
var cachingType = policy.Attribute{
	Name: "caching-type", Default: cachePreferExternal, Enum: []string{cachePreferExternal, cacheExternal, cacheInternal},
	Doc: "Which cache is used. There is no external one yet: prefer-external uses the internal cache, external finds and keeps nothing.",
}

const (
	cachePreferExternal = "prefer-external"
	cacheExternal       = "external"
	cacheInternal       = "internal"
)

// useCache is the cache of a policy's caching-type; nil if there is none, which the trace tells.
func useCache(n *policy.Node) func(x *policy.Run) *memory.Cache {
	external := strings.EqualFold(n.Literal("caching-type"), cacheExternal)
	name := n.Name
	return func(x *policy.Run) *memory.Cache {
		s := x.Shared()
		if s == nil || external {
			x.Trace(name, "information", "There is no "+map[bool]string{true: "external ", false: ""}[external]+"cache; nothing is found and nothing is kept.")
			return nil
		}
		return s.Cache
	}
}

// immutable is a value that can be given to another request: itself where nothing can change it, else a copy. weight is
// about how many bytes it has. ok is false for what cannot be kept; the types are those of set-variable.
func immutable(v any) (kept any, weight int64, ok bool) {
	switch v := v.(type) {
	case *types.String:
		return v, int64(len(v.Go())), true
	case *types.Bytes:
		return &types.Bytes{B: append([]byte(nil), v.B...)}, int64(len(v.B)), true
	case *clr.JToken:
		return v.Copy(), v.Weight(), true
	case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64,
		types.Char, types.DateTime, types.TimeSpan, types.Guid, decimal.Decimal:
		return v, 16, true
	}
	return nil, 0, false
}

// keep puts a value into the cache; null removes what is there.
func keep(c *memory.Cache, key string, value any, now time.Time, ttl time.Duration) error {
	if value == nil {
		c.Remove(key)
		return nil
	}
	kept, weight, ok := immutable(value)
	if !ok {
		return invalid("CacheValueNotSupported", "A value of type '%s' cannot be kept in the cache.", types.TypeOf(value))
	}
	c.Put(key, kept, weight, now, ttl)
	return nil
}
