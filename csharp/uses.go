package csharp

import (
	"slices"
	"sort"
	"strings"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// Use is a member or a type of the class library that an expression uses, for hosts that allow less than the library has.
type Use struct {
	// Member is a method, property, indexer, operator or constructor; nil where a type alone is used (a cast, is, as, typeof,
	// catch, a constant of an enum, a tuple).
	Member *types.Member
	// Type is the type used; of a Member, the static type of its receiver, or the declaring type if it has none.
	Type *types.Type
	// Span is the member's name where it stands in the text, else the expression that makes use of it.
	Span source.Span
}

// Uses are the members and types that src uses, in the order of the text; none if it does not compile. Constants that are members of
// classes (Math.PI) are not among them, nor are the members that only a dynamic operation finds.
func Uses(src string, env Env) []Use {
	unit, found := syntax.Parse(src)
	bound, _ := bind.Bind(unit, env.bind(found))
	if bound == nil || source.Errors(found) {
		return nil
	}
	var uses []Use
	seen := map[Use]bool{}
	bind.Uses(bound, func(b bind.Use) {
		u := Use{b.Member, b.Type, b.Span}
		if b.Member != nil {
			u.Span = nameIn(src, b.Member.Name, b.Span, b.From)
		}
		if !seen[u] { // specialisations of a local function have each place again
			seen[u] = true
			uses = append(uses, u)
		}
	})
	sort.SliceStable(uses, func(i, j int) bool { return uses[i].Span.Start < uses[j].Span.Start })
	return slices.Clip(uses)
}

// nameIn is where name stands as a word in src between from and the end of the span; the span if nowhere.
func nameIn(src, name string, span source.Span, from int) source.Span {
	for from < span.End && span.End <= len(src) {
		i := strings.Index(src[from:span.End], name)
		if i < 0 {
			break
		}
		at := source.Span{Start: from + i, End: from + i + len(name)}
		if !wordAt(src, at.Start-1) && !wordAt(src, at.End) {
			return at
		}
		from = at.End
	}
	return span
}

// wordAt tells whether the byte at i belongs to an identifier.
func wordAt(src string, i int) bool {
	if i < 0 || i >= len(src) {
		return false
	}
	b := src[i]
	return b == '_' || b >= 0x80 || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}
