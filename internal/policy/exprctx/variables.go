package exprctx

import (
	"sort"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
)

// Variables are context.Variables: IReadOnlyDictionary<string, object>.
type Variables struct{ run *policy.Run }

// ClrType is the dictionary's interface.
func (v *Variables) ClrType() *types.Type { return known.variables }

// Enumerate enumerates key-value pairs.
func (v *Variables) Enumerate(t *types.Thread) types.Enumerator { return enumerateDictionary(t, v) }

// ElementType is KeyValuePair<string, object>.
func (v *Variables) ElementType() *types.Type { return pairType(v) }

func (v *Variables) valueType() *types.Type { return types.Object_ }
func (v *Variables) size() int              { return len(v.run.Variables.All()) }

func (v *Variables) find(_ *types.Thread, key string) (types.Value, bool) {
	o, ok := v.run.Variables.Get(key)
	return types.Value{Ref: o}, ok
}

func (v *Variables) walk(_ *types.Thread, yield func(*types.String, types.Value) bool) {
	for _, x := range v.run.Variables.All() {
		if !yield(types.NewString(x.Name), types.Value{Ref: x.Value}) {
			return
		}
	}
}

// Parameters are context.Request.MatchedParameters: IReadOnlyDictionary<string, string>, in the order of their names.
type Parameters struct{ of map[string]string }

// ClrType is the dictionary's interface.
func (p *Parameters) ClrType() *types.Type { return known.parameters }

// Enumerate enumerates key-value pairs.
func (p *Parameters) Enumerate(t *types.Thread) types.Enumerator { return enumerateDictionary(t, p) }

// ElementType is KeyValuePair<string, string>.
func (p *Parameters) ElementType() *types.Type { return pairType(p) }

func (p *Parameters) valueType() *types.Type { return types.StringType }
func (p *Parameters) size() int              { return len(p.of) }

func (p *Parameters) find(_ *types.Thread, key string) (types.Value, bool) {
	s, ok := p.of[key]
	if !ok {
		return types.Null, false
	}
	return types.Ref(types.NewString(s)), true
}

func (p *Parameters) walk(_ *types.Thread, yield func(*types.String, types.Value) bool) {
	names := make([]string, 0, len(p.of))
	for name := range p.of {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if !yield(types.NewString(name), types.Ref(types.NewString(p.of[name]))) {
			return
		}
	}
}
