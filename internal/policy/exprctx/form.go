package exprctx

import (
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
)

// formText is a dictionary of lists as application/x-www-form-urlencoded.
func formText(t *types.Thread, dictionary types.Value) string {
	if dictionary.Ref == nil {
		types.ThrowNull("dictionary")
	}
	lists := generic("System.Collections.Generic.IList", types.StringType)
	of := types.KeyValuePairDef.Of(types.StringType, lists)
	key := pick(Universe().Members(of, "Key"), nil)
	value := pick(Universe().Members(of, "Value"), nil)
	var parts []string
	for e := types.Iterate(t, dictionary.Ref, of); e.MoveNext(t); {
		name := call(t, key, "KeyValuePair.Key", e.Current()).Str()
		list := call(t, value, "KeyValuePair.Value", e.Current())
		if name == nil || list.Ref == nil {
			continue
		}
		for v := types.Iterate(t, list.Ref, types.StringType); v.MoveNext(t); {
			t.Step(1)
			s := v.Current().Str()
			if s == nil {
				s = types.EmptyString
			}
			parts = append(parts, url.QueryEscape(name.Go())+"="+url.QueryEscape(s.Go()))
		}
	}
	out := strings.Join(parts, "&")
	t.Alloc(int64(len(out)))
	return out
}

// Authorization is what get-authorization-context leaves in a variable.
type Authorization struct {
	token  *types.String
	claims Variables
}

// ClrType is Authorization.
func (a *Authorization) ClrType() *types.Type { return Universe().Type("Authorization") }

// NewAuthorization makes one of a token and claims, which are objects of the language.
func NewAuthorization(token string, claims []policy.Variable) *Authorization {
	holder := &policy.Run{}
	for _, c := range claims {
		holder.Variables.Set(c.Name, c.Value)
	}
	return &Authorization{types.NewString(token), Variables{holder}}
}
