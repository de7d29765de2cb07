package exprctx

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// helperDecls are the methods that API Management adds to .NET, and the classes that they use.
func helperDecls() []*types.Decl {
	return slices.Concat(deploymentDecls(), []*types.Decl{
		jwtDecl(), basicDecl(), authorizationDecl(),
		types.T("static class "+types.FarNamespace+".DictionaryExtensions",
			types.M("static TValue GetValueOrDefault<TValue>(this System.Collections.Generic.IDictionary<string, TValue> dictionary, string name, TValue defaultValue = default(TValue))", types.Generic(entryOrDefault))),
		types.T("static class ContextExtensions", slices.Concat(lookupMembers(), tokenMembers(), formMembers(), cipherMembers(), certificateMembers())...),
	})
}

// lookupMembers are the forms of GetValueOrDefault.
func lookupMembers() []types.MemberDecl {
	many := readOnly + "<string, string[]>"
	one := readOnly + "<string, string>"
	any := readOnly + "<string, object>"
	return []types.MemberDecl{
		types.M("static string GetValueOrDefault(this "+many+" dictionary, string name, string defaultValue = null)", types.Raw(joinedOrDefault)),
		types.M("static string GetValueOrDefault(this "+one+" dictionary, string name, string defaultValue = null)", types.Raw(textOrDefault)),
		types.M("static T GetValueOrDefault<T>(this "+any+" dictionary, string name, T defaultValue = default(T))", types.Generic(valueOrDefault)),
		types.M("static object GetValueOrDefault(this "+any+" dictionary, string name)", types.Raw(func(t *types.Thread, _ types.Value, args []types.Value) types.Value {
			v, _ := receiver(args[0]).find(t, keyOf(args[1]))
			return v
		})),
	}
}

// joinedOrDefault is all values of a name, parted by commas, or the default.
func joinedOrDefault(t *types.Thread, _ types.Value, args []types.Value) types.Value {
	name := keyOf(args[1])
	switch d := receiver(args[0]).(type) {
	case *Headers:
		if s, ok := d.text(name); ok {
			return types.Ref(s)
		}
	case *multi:
		if s, ok := d.joined(name); ok {
			t.Alloc(int64(len(s)))
			return types.Ref(types.NewString(s))
		}
	default:
		types.Throw(types.InvalidCastException, "The object is no dictionary of the context.")
	}
	return args[2]
}

func textOrDefault(t *types.Thread, _ types.Value, args []types.Value) types.Value {
	if v, ok := receiver(args[0]).find(t, keyOf(args[1])); ok {
		return v
	}
	return args[2]
}

// valueOrDefault casts a variable to T; a value of another type is an InvalidCastException.
func valueOrDefault(t *types.Thread, targs []*types.Type, _ types.Value, args []types.Value) types.Value {
	want := targs[len(targs)-1]
	v, ok := receiver(args[0]).find(t, keyOf(args[1]))
	switch {
	case !ok:
		return args[2]
	case want.IsValue():
		return types.UnboxTo(v.Ref, want)
	case v.Ref != nil && !types.IsInstance(v.Ref, want):
		types.ThrowInvalidCast(types.TypeOf(v.Ref), want)
	}
	return v
}

// entryOrDefault is the entry of any dictionary with keys of strings, or the default. A key that is null is an ArgumentNullException.
func entryOrDefault(t *types.Thread, _ []*types.Type, _ types.Value, args []types.Value) types.Value {
	d, ok := args[0].Ref.(interface {
		Lookup(t *types.Thread, key types.Value) (types.Value, bool)
	})
	switch {
	case !ok:
		types.Throw(types.InvalidCastException, "The object is no dictionary.")
	case args[1].Ref == nil:
		types.ThrowNull("key")
	}
	if v, found := d.Lookup(t, args[1]); found {
		return v
	}
	return args[2]
}

func tokenMembers() []types.MemberDecl {
	basic := func(_ *types.Thread, v types.Value) *Basic {
		if s := v.Str(); s != nil {
			return parseBasic(s.Go())
		}
		return nil
	}
	token := func(t *types.Thread, v types.Value) *Jwt {
		if s := v.Str(); s != nil {
			t.Alloc(int64(4 * s.Len()))
			return parseJwt(s.Go())
		}
		return nil
	}
	return []types.MemberDecl{
		types.M("static BasicAuthCredentials AsBasic(this string input)", types.Raw(as(basic))),
		types.M("static bool TryParseBasic(this string input, out BasicAuthCredentials result)", types.Raw(try(basic))),
		types.M("static Jwt AsJwt(this string input)", types.Raw(as(token))),
		types.M("static bool TryParseJwt(this string input, out Jwt result)", types.Raw(try(token))),
	}
}

func as[R any](read func(*types.Thread, types.Value) *R) func(*types.Thread, types.Value, []types.Value) types.Value {
	return func(t *types.Thread, _ types.Value, args []types.Value) types.Value {
		if r := read(t, args[0]); r != nil {
			return types.Ref(r)
		}
		return types.Null
	}
}

func try[R any](read func(*types.Thread, types.Value) *R) func(*types.Thread, types.Value, []types.Value) types.Value {
	return func(t *types.Thread, _ types.Value, args []types.Value) types.Value {
		r := read(t, args[0])
		if cell, ok := args[1].Ref.(*types.Cell); ok {
			cell.V = types.Null
			if r != nil {
				cell.V = types.Ref(r)
			}
		}
		return types.Bool(r != nil)
	}
}

// formMembers write a dictionary of lists as a form or a query.
func formMembers() []types.MemberDecl {
	form := "this System.Collections.Generic.IDictionary<string, System.Collections.Generic.IList<string>> dictionary)"
	return []types.MemberDecl{
		types.M("static string ToFormUrlEncodedContent("+form, types.Raw(func(t *types.Thread, _ types.Value, args []types.Value) types.Value {
			return types.Ref(types.NewString(formText(t, args[0])))
		})),
		types.M("static string ToQueryString("+form, types.Raw(func(t *types.Thread, _ types.Value, args []types.Value) types.Value {
			s := formText(t, args[0])
			if s != "" {
				s = "?" + s
			}
			return types.Ref(types.NewString(s))
		})),
	}
}

func authorizationDecl() *types.Decl {
	return types.T("sealed class Authorization",
		types.M("string AccessToken { get; }", get(func(a *Authorization) *types.String { return a.token })),
		types.M(readOnly+"<string, object> Claims { get; }", get(func(a *Authorization) *Variables { return &a.claims })),
	)
}
