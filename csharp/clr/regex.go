package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// regexArgs are what a static method of Regex compiles: the pattern and, after the arguments of the method, options and timeout.
func regexArgs(t *types.Thread, a []types.Value, options int) *Regex {
	var bits int32
	var timeout types.TimeSpan
	if options < len(a) {
		bits = a[options].Int32()
	}
	if options+1 < len(a) {
		timeout = types.TimeSpan(a[options+1].Num)
		if timeout == 0 {
			throwRange(msgOutOfRange, "matchTimeout")
		}
	}
	if a[0].Ref == nil {
		types.ThrowNull("input")
	}
	return newRegex(t, a[1].Str(), bits, timeout)
}

// regexOp is what a method does with a regex and an input; rest are the arguments after the input.
type regexOp func(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value

// staticRegex makes Impls of a static method whose own arguments after input and pattern are n.
func staticRegex(n int, op regexOp) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		return op(t, regexArgs(t, a, 2+n), a[0], a[2:2+n])
	})
}

func instanceRegex(op regexOp) types.Impl {
	return withThread(func(t *types.Thread, r *Regex, a []types.Value) types.Value { return op(t, r, a[0], a[1:]) })
}

// inputFrom is the input and where the search begins: an optional argument at i.
func inputFrom(t *types.Thread, r *Regex, input types.Value, rest []types.Value, i int) (*regexInput, int) {
	in := newRegexInput(t, input.Str())
	from := r.start(in)
	if i < len(rest) {
		from = int(rest[i].Int32())
		r.checkStart(in, from)
	}
	return in, from
}

func opIsMatch(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value {
	in, from := inputFrom(t, r, input, rest, 0)
	return types.Bool(r.find(t, in, from).success)
}

func opMatch(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value {
	if len(rest) == 2 {
		return matchWithin(t, r, input, int(rest[0].Int32()), int(rest[1].Int32()))
	}
	in, from := inputFrom(t, r, input, rest, 0)
	return types.Ref(r.find(t, in, from))
}

// matchWithin searches a part of the input as if it were all.
func matchWithin(t *types.Thread, r *Regex, input types.Value, begin, length int) types.Value {
	s := input.Str()
	if s == nil {
		types.ThrowNull("input")
	}
	switch {
	case begin < 0 || begin > s.Len():
		throwRange("Start index cannot be less than 0 or greater than input length.", "beginning")
	case length < 0 || length > s.Len()-begin:
		throwRange("Length cannot be less than 0 or exceed input length.", "length")
	}
	in := newRegexInput(t, s.Slice(begin, begin+length))
	m := r.find(t, in, r.start(in))
	if m.success && begin > 0 {
		m = m.shifted(s, begin)
	}
	return types.Ref(m)
}

// shifted is the match with its places counted in the whole text.
func (m *regexMatch) shifted(s *types.String, by int) *regexMatch {
	out := *m
	out.text, out.at = s, m.at+by
	out.groups = make([]*regexGroup, m.groupCount())
	for i := 1; i < len(out.groups); i++ {
		g := *m.groupAt(i)
		if g.success {
			g.text, g.at, g.all = s, g.at+by, nil
		}
		for _, c := range m.groupAt(i).all {
			g.all = append(g.all, &regexCapture{s, c.at + by, c.count})
		}
		out.groups[i] = &g
	}
	return &out
}

func opMatches(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value {
	in, from := inputFrom(t, r, input, rest, 0)
	return types.Ref(r.matches(in, from))
}

func opCount(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value {
	in, from := inputFrom(t, r, input, rest, 0)
	return types.Int(int64(r.matches(in, from).Count(t)))
}

// opReplace replaces by a pattern or a MatchEvaluator, with count and start after it.
func opReplace(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value {
	count := -1
	if len(rest) > 1 {
		count = int(rest[1].Int32())
	}
	_, isDelegate := rest[0].Ref.(*types.Delegate)
	if input.Ref == nil {
		types.ThrowNull("input")
	}
	if rest[0].Ref == nil {
		types.ThrowNull("replacement")
	}
	s := input.Str()
	from := 0
	if r.rightToLeft() {
		from = s.Len()
	}
	if len(rest) > 2 {
		from = int(rest[2].Int32())
	}
	var by func(m *regexMatch) []*types.String
	if isDelegate {
		d := rest[0].Ref.(*types.Delegate)
		by = func(m *regexMatch) []*types.String {
			if v := d.Call1(t, types.Ref(m)).Str(); v != nil {
				return []*types.String{v}
			}
			return nil
		}
	} else {
		rep := r.replacement(rest[0].Str())
		by = func(m *regexMatch) []*types.String { return rep.parts(t, m) }
	}
	return types.Ref(r.replace(t, s, count, from, by))
}

func opSplit(t *types.Thread, r *Regex, input types.Value, rest []types.Value) types.Value {
	in, from := inputFrom(t, r, input, rest, 1)
	count := 0
	if len(rest) > 0 {
		count = int(rest[0].Int32())
	}
	return types.Ref(r.split(t, in.s, count, from))
}

// rx writes the names of the regex types in full.
func rx(signature string, impl types.Impl) types.MemberDecl {
	return types.M(expandNames(signature, regexNames), impl)
}

var regexNames = map[string]string{"Regex": regexNS, "RegexOptions": regexNS, "Match": regexNS, "MatchCollection": regexNS, "MatchEvaluator": regexNS}

// staticRegexes are the three static forms of a method: without options, with them, and with a timeout. args are its own parameters.
func staticRegexes(result, name, args string, n int, op regexOp) []types.MemberDecl {
	var out []types.MemberDecl
	for _, more := range []string{"", ", RegexOptions options", ", RegexOptions options, System.TimeSpan matchTimeout"} {
		out = append(out, rx("static "+result+" "+name+"(string input, string pattern"+args+more+")", staticRegex(n, op)))
	}
	return out
}

func regexDecls() []*types.Decl {
	members := slices.Concat(
		regexConstructors(),
		staticRegexes("bool", "IsMatch", "", 0, opIsMatch),
		staticRegexes("Match", "Match", "", 0, opMatch),
		staticRegexes("MatchCollection", "Matches", "", 0, opMatches),
		staticRegexes("int", "Count", "", 0, opCount),
		staticRegexes("string", "Replace", ", string replacement", 1, opReplace),
		staticRegexes("string", "Replace", ", MatchEvaluator evaluator", 1, opReplace),
		staticRegexes("string[]", "Split", "", 0, opSplit),
		[]types.MemberDecl{
			rx("static string Escape(string str)", types.S1(escapePattern)),
			rx("static string Unescape(string str)", types.S1(unescapePattern)),
			rx("static readonly System.TimeSpan InfiniteMatchTimeout", types.S0(func() types.TimeSpan { return infiniteTimeout })),
			rx("static int CacheSize { get; set; }", types.S0(func() int32 { return 15 }).WithSet(func(*types.Thread, types.Value, []types.Value) {})),
		},
		regexInstanceMembers())
	return slices.Concat([]*types.Decl{
		types.T("enum System.Text.RegularExpressions.RegexOptions", constants("System.Text.RegularExpressions.RegexOptions", "None", 0, "IgnoreCase", 1,
			"Multiline", 2, "ExplicitCapture", 4, "Compiled", 8, "Singleline", 16, "IgnorePatternWhitespace", 32, "RightToLeft", 64, "ECMAScript", 256,
			"CultureInvariant", 512, "NonBacktracking", 1024)...),
		types.T("class System.Text.RegularExpressions.Regex", members...),
		hidden("delegate string System.Text.RegularExpressions.MatchEvaluator(System.Text.RegularExpressions.Match match)"),
		hidden("class System.Text.RegularExpressions.RegexParseException : System.ArgumentException",
			exceptionConstructors("System.Text.RegularExpressions.RegexParseException", "")...),
		hidden("class System.Text.RegularExpressions.RegexMatchTimeoutException : System.TimeoutException",
			exceptionConstructors("System.Text.RegularExpressions.RegexMatchTimeoutException", "")...),
	}, matchDecls())
}

func regexConstructors() []types.MemberDecl {
	make := types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		var options int32
		var timeout types.TimeSpan
		if len(a) > 1 {
			options = a[1].Int32()
		}
		if len(a) > 2 {
			if timeout = types.TimeSpan(a[2].Num); timeout == 0 {
				throwRange(msgOutOfRange, "matchTimeout")
			}
		}
		r := *newRegex(t, a[0].Str(), options, timeout)
		return types.Ref(&r)
	})
	return []types.MemberDecl{
		rx("new(string pattern)", make),
		rx("new(string pattern, RegexOptions options)", make),
		rx("new(string pattern, RegexOptions options, System.TimeSpan matchTimeout)", make),
	}
}

func regexInstanceMembers() []types.MemberDecl {
	return []types.MemberDecl{
		rx("bool IsMatch(string input)", instanceRegex(opIsMatch)),
		rx("bool IsMatch(string input, int startat)", instanceRegex(opIsMatch)),
		rx("Match Match(string input)", instanceRegex(opMatch)),
		rx("Match Match(string input, int startat)", instanceRegex(opMatch)),
		rx("Match Match(string input, int beginning, int length)", instanceRegex(opMatch)),
		rx("MatchCollection Matches(string input)", instanceRegex(opMatches)),
		rx("MatchCollection Matches(string input, int startat)", instanceRegex(opMatches)),
		rx("int Count(string input)", instanceRegex(opCount)),
		rx("string Replace(string input, string replacement)", instanceRegex(opReplace)),
		rx("string Replace(string input, string replacement, int count)", instanceRegex(opReplace)),
		rx("string Replace(string input, string replacement, int count, int startat)", instanceRegex(opReplace)),
		rx("string Replace(string input, MatchEvaluator evaluator)", instanceRegex(opReplace)),
		rx("string Replace(string input, MatchEvaluator evaluator, int count)", instanceRegex(opReplace)),
		rx("string Replace(string input, MatchEvaluator evaluator, int count, int startat)", instanceRegex(opReplace)),
		rx("string[] Split(string input)", instanceRegex(opSplit)),
		rx("string[] Split(string input, int count)", instanceRegex(opSplit)),
		rx("string[] Split(string input, int count, int startat)", instanceRegex(opSplit)),
		rx("string ToString()", types.I0(func(r *Regex) *types.String { return r.pattern })),
		rx("RegexOptions Options { get; }", types.I0(func(r *Regex) int32 { return r.options })),
		rx("bool RightToLeft { get; }", types.I0((*Regex).rightToLeft)),
		rx("System.TimeSpan MatchTimeout { get; }", types.I0(func(r *Regex) types.TimeSpan { return r.timeout })),
		rx("string[] GetGroupNames()", types.I0(func(r *Regex) *types.Array {
			out := make([]*types.String, len(r.names))
			for i, n := range r.names {
				out[i] = types.NewString(n)
			}
			return newStrings(out)
		})),
		rx("int[] GetGroupNumbers()", types.I0(func(r *Regex) *types.Array {
			out := &types.Array{T: types.ArrayOf(types.Int32Type, 1)}
			for _, n := range r.numbers {
				out.Items = append(out.Items, types.Int(int64(n)))
			}
			return out
		})),
		rx("int GroupNumberFromName(string name)", types.I1(func(r *Regex, name *types.String) int32 { return int32(r.number(nameArg(name, "name"))) })),
		rx("string GroupNameFromNumber(int i)", types.I1(func(r *Regex, n int32) *types.String { return types.NewString(r.re.GroupNameFromNumber(int(n))) })),
	}
}
