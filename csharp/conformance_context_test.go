package csharp_test

import (
	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// fakeContext stands for `context` where a case does not look into it.
type fakeContext struct{ t *types.Type }

// ClrType is the fake's type.
func (c *fakeContext) ClrType() *types.Type { return c.t }

// contextOf is the environment that a case is compiled in and the values of its globals.
func contextOf(vector) (csharp.Env, []types.Value, error) {
	u := clr.Universe().With(types.T("interface Host.IContext"))
	t := u.Type("Host.IContext")
	env := csharp.Env{Universe: u, Globals: []csharp.Global{{Name: "context", Type: t}}}
	return env, []types.Value{types.Ref(&fakeContext{t})}, nil
}
