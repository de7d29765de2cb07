package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// callMember calls a method that the run-time type of an object declares itself: how the members of interfaces reach objects of other
// groups and of the embedder. It throws NotSupportedException if there is none.
func callMember(t *types.Thread, o any, name string, params []*types.Type, args ...types.Value) types.Value {
	if m := ownMember(t, o, name, params); m != nil {
		return m.Get(t, types.Value{Ref: o}, args)
	}
	types.Throw(types.NotSupportedException, "Specified method is not supported.")
	return types.Null
}

// ownMember finds a method or property of the run-time type of o that is not one of the collection interfaces; nil if there is none. A nil
// parameter type matches any.
func ownMember(t *types.Thread, o any, name string, params []*types.Type) *types.Member {
	var ms []*types.Member
	if name == "Item" {
		ms = t.U.Indexers(types.TypeOf(o))
	} else {
		ms = t.U.Members(types.TypeOf(o), name)
	}
	for _, m := range ms {
		if !m.Static && len(m.TypeParams) == 0 && !libraryInterface(m.Declaring) && sameParams(m.Params, params) {
			return m
		}
	}
	return nil
}

func sameParams(have []types.Param, want []*types.Type) bool {
	if len(have) != len(want) {
		return false
	}
	for i, p := range have {
		if want[i] != nil && p.Type.Erased() != want[i] {
			return false
		}
	}
	return true
}

// libraryInterface reports whether t is one of the interfaces whose members go through here.
func libraryInterface(t *types.Type) bool {
	if t.Kind != types.Interface {
		return false
	}
	ns := t.Def.Namespace
	return ns == "System" || strings.HasPrefix(ns, "System.Collections") || ns == "System.Linq"
}
