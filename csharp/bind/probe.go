package bind

import (
	"sort"
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// Probe is a name that stands for nothing, put where somebody is writing. The binder tells in it what a name could mean
// there; the program is not to run.
type Probe struct {
	// Name is the identifier that stands at the place.
	Name string
	// Found tells that the binder came to it.
	Found bool
	// Of is the type whose members are asked for, nil where a simple name is. Static tells that they are its static ones.
	Of     *types.Type
	Static bool
	// Extensions are the extension methods that the value takes.
	Extensions []*types.Member
	// Namespace is the namespace whose types are asked for, empty if none is.
	Namespace string
	// Names are the values that a simple name may stand for, the nearest first, each once.
	Names []Named
	// Type tells that only a type may stand there.
	Type bool
}

// Named is a value that has a name: a variable, a parameter, a global, or a local function.
type Named struct {
	Name string
	// Type is its type; of a local function the type that it returns.
	Type *types.Type
	// Func tells a local function.
	Func bool
}

// is reports whether the name is the probe's.
func (p *Probe) is(name string) bool { return p != nil && p.Name == name }

// probeMember tells of the members of what stands left of the dot. What has no type yet (a lambda that is being
// inferred) is left for another binding of the same text.
func (b *binder) probeMember(left Expr) {
	p := b.env.Probe
	switch l := left.(type) {
	case *nsExpr:
		p.Found, p.Namespace = true, l.name
		return
	case *typeExpr:
		p.Found, p.Of, p.Static = true, l.of, true
		return
	}
	t := left.Type()
	if t == nil || t.Kind == types.Error || p.Of != nil && t.Kind == types.Dynamic {
		return
	}
	p.Found, p.Of, p.Static = true, t, false
	p.Extensions = b.extensionsOf(left)
}

// extensionsOf are the extension methods that take x as their receiver, one of each name.
func (b *binder) extensionsOf(x Expr) []*types.Member {
	byName := map[string]*types.Member{}
	b.u.Defs(func(d *types.Def) {
		if !d.Static || !types.OpenNamespaces[d.Namespace] {
			return
		}
		for _, m := range b.u.Table(d.Self()).All {
			old := byName[m.Name]
			if m.Extension && (old == nil || simpler(m, old)) && b.anyReceiver([]*types.Member{m}, x) {
				byName[m.Name] = m
			}
		}
	})
	out := make([]*types.Member, 0, len(byName))
	for _, m := range byName {
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// simpler reports whether m is to be shown in place of n, another of its name.
func simpler(m, n *types.Member) bool {
	if a, b := len(m.TypeParams), len(n.TypeParams); a != b {
		return a < b
	}
	if len(m.Params) != len(n.Params) {
		return len(m.Params) < len(n.Params)
	}
	return m.Display(true) < n.Display(true)
}

// probeName tells of the values that a simple name may stand for here.
func (b *binder) probeName() {
	p := b.env.Probe
	p.Found, p.Names = true, nil
	seen := map[string]bool{p.Name: true}
	for x := b.scope; x != nil; x = x.parent {
		for _, name := range sortedNames(x.names) {
			sym := x.names[name]
			if seen[name] || sym.kind == typeParamSymbol || strings.HasPrefix(name, "<") || sym.kind == localSymbol && !sym.declared {
				continue
			}
			seen[name] = true
			n := Named{Name: name, Type: sym.typ, Func: sym.kind == funcSymbol}
			if n.Func && sym.fn != nil && sym.fn.member != nil {
				n.Type = sym.fn.member.Result
			}
			p.Names = append(p.Names, n)
		}
	}
}

func sortedNames(m map[string]*symbol) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// ProbeAt binds a text that holds the probe's name, and tells in it what was found.
func ProbeAt(unit *syntax.Unit, env Env, probe *Probe) {
	env.Probe = probe
	Bind(unit, env)
}
