package exprctx

import (
	"github.com/postern-gateway/postern/csharp/types"
)

// The class library is used through its members, as a program would: what it is made of inside is its own affair.

// method finds a method of a type by name and parameter types; nil if there is none.
func method(typeName, name string, params ...*types.Type) *types.Member {
	t := Universe().Type(typeName)
	if t == nil {
		return nil
	}
	return pick(Universe().Members(t, name), params)
}

// constructor finds a constructor.
func constructor(t *types.Type, params ...*types.Type) *types.Member {
	return pick(Universe().Constructors(t), params)
}

func pick(members []*types.Member, params []*types.Type) *types.Member {
next:
	for _, m := range members {
		if len(m.Params) != len(params) || len(m.TypeParams) > 0 {
			continue
		}
		for i, p := range params {
			if m.Params[i].Type != p {
				continue next
			}
		}
		return m
	}
	return nil
}

// call runs a member that the class library must have; without it the expression gets NotSupportedException.
func call(t *types.Thread, m *types.Member, what string, this types.Value, args ...types.Value) types.Value {
	if m == nil {
		types.Throw(types.NotSupportedException, what+" is not supported.")
	}
	return m.Get(t, this, args)
}

// parse calls the static method Parse(string) of a type.
func parse(t *types.Thread, typeName, text string) types.Value {
	return call(t, method(typeName, "Parse", types.StringType), typeName+".Parse", types.Null, types.Ref(types.NewString(text)))
}

// pair makes a KeyValuePair<string, V>.
func pair(t *types.Thread, pairType *types.Type, key *types.String, value types.Value) types.Value {
	return call(t, constructor(pairType, pairType.Args...), "KeyValuePair", types.Null, types.Ref(key), value)
}

// construct makes an object with its constructor without parameters.
func construct(t *types.Thread, of *types.Type) types.Value {
	return call(t, constructor(of), of.String(), types.Null)
}

// add calls Add with one or two arguments on an object of a collection type.
func add(t *types.Thread, of *types.Type, this types.Value, args ...types.Value) {
	params := of.Args
	call(t, pick(Universe().Members(of, "Add"), params), of.String()+".Add", this, args...)
}

// generic constructs a generic type of the library by its full name; nil if there is none.
func generic(name string, args ...*types.Type) *types.Type {
	d := Universe().Lookup(name, len(args))
	if d == nil {
		return nil
	}
	return d.Of(args...)
}
