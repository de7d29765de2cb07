package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// joiner collects the parts of a joined string.
type joiner struct {
	t     *types.Thread
	sep   *types.String
	parts []*types.String
	some  bool
}

func (j *joiner) add(s *types.String) {
	j.t.Step(1)
	if j.some && j.sep != nil && j.sep.Len() > 0 {
		j.parts = append(j.parts, j.sep)
		j.t.Alloc(int64(j.sep.Len()))
	}
	j.some = true
	if s != nil {
		j.t.Alloc(int64(s.Len()) + 8)
		j.parts = append(j.parts, s)
	}
}

// object adds o.ToString(), nothing for null.
func (j *joiner) object(o any) {
	if o == nil {
		j.add(nil)
		return
	}
	j.add(objectToString(j.t, o))
}

func (j *joiner) value() types.Value { return types.Ref(types.ConcatStrings(j.parts...)) }

// joinArray joins the elements of an object[] or string[].
func joinArray(t *types.Thread, sep *types.String, arg types.Value, param string) types.Value {
	a, _ := arg.Ref.(*types.Array)
	if a == nil {
		types.ThrowNull(param)
	}
	if joined := joinASCII(t, sep, a.Items); joined != nil {
		return types.Ref(joined)
	}
	var few [16]*types.String
	j := joiner{t: t, sep: sep, parts: few[:0]}
	for _, v := range a.Items {
		j.object(v.Ref)
	}
	return j.value()
}

// joinASCII joins strings that are all ASCII; nil if not all are, or there are fewer than two.
func joinASCII(t *types.Thread, sep *types.String, items []types.Value) *types.String {
	if sep == nil {
		sep = types.EmptyString
	}
	if len(items) < 2 || !sep.ASCII() {
		return nil
	}
	size := sep.Len() * (len(items) - 1)
	for _, v := range items {
		s, ok := v.Ref.(*types.String)
		if !ok || !s.ASCII() {
			return nil
		}
		size += s.Len()
	}
	t.Step(int64(len(items)))
	t.Alloc(int64(size + 8*len(items)))
	var b strings.Builder
	b.Grow(size)
	for i, v := range items {
		if i > 0 {
			b.WriteString(sep.Go())
		}
		b.WriteString(v.Str().Go())
	}
	return types.ASCIIString(b.String())
}

// joinSeq joins an IEnumerable<elem>.
func joinSeq(t *types.Thread, sep *types.String, seq any, elem *types.Type) types.Value {
	var few [16]*types.String
	j := joiner{t: t, sep: sep, parts: few[:0]}
	seqOf(t, seq, elem, "values", func(v types.Value) { j.object(types.Box(elem, v)) })
	return j.value()
}

func joinRange(t *types.Thread, sep *types.String, x []types.Value) types.Value {
	a, _ := x[1].Ref.(*types.Array)
	if a == nil {
		types.ThrowNull("value")
	}
	start, n := x[2].Int32(), x[3].Int32()
	throwNegative(start, "startIndex")
	throwNegative(n, "count")
	throwGreater(start, int32(len(a.Items))-n, "startIndex")
	var few [16]*types.String
	j := joiner{t: t, sep: sep, parts: few[:0]}
	for _, v := range a.Items[start : start+n] {
		j.object(v.Ref)
	}
	return j.value()
}

func stringJoins() []types.MemberDecl {
	type V = types.Value
	var out []types.MemberDecl
	for _, k := range []struct {
		param string
		sep   func(v V) *types.String
	}{
		{"string separator", V.Str},
		{"char separator", func(v V) *types.String { return charString(types.Char(v.Num)) }},
	} {
		out = append(out,
			types.M("static string Join("+k.param+", params object[] values)", types.Raw(func(t *types.Thread, _ V, x []V) V { return joinArray(t, k.sep(x[0]), x[1], "values") })),
			types.M("static string Join("+k.param+", params string[] value)", types.Raw(func(t *types.Thread, _ V, x []V) V { return joinArray(t, k.sep(x[0]), x[1], "value") })),
			types.M("static string Join("+k.param+", string[] value, int startIndex, int count)", types.Raw(func(t *types.Thread, _ V, x []V) V { return joinRange(t, k.sep(x[0]), x) })),
			types.M("static string Join<T>("+k.param+", System.Collections.Generic.IEnumerable<T> values)", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
				return joinSeq(t, k.sep(x[0]), x[1].Ref, targs[0])
			})))
	}
	out = append(out, types.M("static string Join(string separator, System.Collections.Generic.IEnumerable<string> values)", types.Raw(func(t *types.Thread, _ V, x []V) V {
		return joinSeq(t, x[0].Str(), x[1].Ref, types.StringType)
	})))
	return append(out, stringConcats()...)
}

func stringConcats() []types.MemberDecl {
	type V = types.Value
	all := types.Raw(func(t *types.Thread, _ V, x []V) V {
		var few [4]*types.String
		j := joiner{t: t, parts: few[:0]}
		for _, v := range x {
			j.object(v.Ref)
		}
		return j.value()
	})
	return []types.MemberDecl{
		types.M("static string Concat(string str0, string str1)", all),
		types.M("static string Concat(string str0, string str1, string str2)", all),
		types.M("static string Concat(string str0, string str1, string str2, string str3)", all),
		types.M("static string Concat(params string[] values)", types.Raw(func(t *types.Thread, _ V, x []V) V { return joinArray(t, nil, x[0], "values") })),
		types.M("static string Concat(object arg0)", all),
		types.M("static string Concat(object arg0, object arg1)", all),
		types.M("static string Concat(object arg0, object arg1, object arg2)", all),
		types.M("static string Concat(params object[] args)", types.Raw(func(t *types.Thread, _ V, x []V) V { return joinArray(t, nil, x[0], "args") })),
		types.M("static string Concat(System.Collections.Generic.IEnumerable<string> values)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			return joinSeq(t, nil, x[0].Ref, types.StringType)
		})),
		types.M("static string Concat<T>(System.Collections.Generic.IEnumerable<T> values)", types.Generic(func(t *types.Thread, targs []*types.Type, _ V, x []V) V {
			return joinSeq(t, nil, x[0].Ref, targs[0])
		})),
	}
}
