package clr

import (
	"github.com/dlclark/regexp2/v2"

	"github.com/postern-gateway/postern/csharp/types"
)

// regexCapture is a System.Text.RegularExpressions.Capture.
type regexCapture struct {
	text      *types.String
	at, count int
}

// capture makes the members of Capture work on groups and matches too.
type capture interface{ capture() *regexCapture }

func (c *regexCapture) capture() *regexCapture { return c }

// ClrType is Capture.
func (c *regexCapture) ClrType() *types.Type { return captureType() }

// ToStr is the captured text.
func (c *regexCapture) ToStr(*types.Thread) *types.String { return c.value() }

func (c *regexCapture) value() *types.String {
	if c.text == nil {
		return types.EmptyString
	}
	return c.text.Slice(c.at, c.at+c.count)
}

// regexGroup is a Group.
type regexGroup struct {
	regexCapture
	success bool
	name    string
	all     []*regexCapture
	// match tells that the group is the whole of a match.
	match bool
}

type group interface {
	capture
	group() *regexGroup
}

func (g *regexGroup) group() *regexGroup { return g }

// ClrType is Group.
func (g *regexGroup) ClrType() *types.Type { return groupType() }

// regexMatch is a Match.
type regexMatch struct {
	regexGroup
	regex  *Regex
	in     *regexInput
	of     *regexp2.Match
	groups []*regexGroup
}

// ClrType is Match.
func (m *regexMatch) ClrType() *types.Type { return matchType() }

var (
	captureType           = lateType("System.Text.RegularExpressions.Capture")
	groupType             = lateType("System.Text.RegularExpressions.Group")
	matchType             = lateType("System.Text.RegularExpressions.Match")
	captureCollectionType = lateType("System.Text.RegularExpressions.CaptureCollection")
	groupCollectionType   = lateType("System.Text.RegularExpressions.GroupCollection")
	matchCollectionType   = lateType("System.Text.RegularExpressions.MatchCollection")
)

// failedMatch is Match.Empty.
var failedMatch = &regexMatch{regexGroup: regexGroup{name: "0", match: true}}

var failedGroup = &regexGroup{}

// groupAt is the i-th group of a match; group 0 is the match itself.
func (m *regexMatch) groupAt(i int) *regexGroup {
	if i == 0 || !m.success {
		return &m.regexGroup
	}
	if m.groups == nil {
		found := m.of.Groups()
		m.groups = make([]*regexGroup, len(found))
		for n := range found {
			m.groups[n] = m.newGroup(&found[n], m.regex.names[n])
		}
	}
	return m.groups[i]
}

func (m *regexMatch) newGroup(of *regexp2.Group, name string) *regexGroup {
	g := &regexGroup{name: name, success: len(of.Captures) > 0}
	if !g.success {
		return g
	}
	g.regexCapture = regexCapture{m.in.s, of.RuneIndex, of.RuneLength}
	for i := range of.Captures {
		c := &of.Captures[i]
		g.all = append(g.all, &regexCapture{m.in.s, c.RuneIndex, c.RuneLength})
	}
	return g
}

func (m *regexMatch) groupCount() int {
	if !m.success {
		return 1
	}
	return len(m.regex.numbers)
}

// numbered is a group by its number, a failed one if there is none.
func (m *regexMatch) numbered(n int) *regexGroup {
	if n == 0 {
		return &m.regexGroup
	}
	if m.success {
		for i, x := range m.regex.numbers {
			if x == n {
				return m.groupAt(i)
			}
		}
	}
	return failedGroup
}

func (m *regexMatch) named(name string) *regexGroup {
	if m.regex == nil {
		return failedGroup
	}
	if n := m.regex.number(name); n >= 0 {
		return m.numbered(n)
	}
	return failedGroup
}

// groupRef is a group as an object: the match for group 0.
func (m *regexMatch) groupRef(g *regexGroup) types.Value {
	if g == &m.regexGroup {
		return types.Ref(m)
	}
	return types.Ref(g)
}

// captures are a group's captures.
func (g *regexGroup) captures() []types.Value {
	if !g.success {
		return nil
	}
	if g.match {
		return []types.Value{types.Ref(g)}
	}
	out := make([]types.Value, len(g.all))
	for i, c := range g.all {
		out[i] = types.Ref(c)
	}
	return out
}

// regexList is a CaptureCollection, GroupCollection or MatchCollection.
type regexList struct {
	typ, elem *types.Type
	items     []types.Value
	// more, if not nil, finds the next element.
	more func(t *types.Thread) (types.Value, bool)
	// match is that of a GroupCollection.
	match *regexMatch
}

// ClrType is the collection's class.
func (l *regexList) ClrType() *types.Type { return l.typ }

// ElementType is Capture, Group or Match.
func (l *regexList) ElementType() *types.Type { return l.elem }

// reach makes the first n elements known and reports whether there are so many.
func (l *regexList) reach(t *types.Thread, n int) bool {
	for len(l.items) < n && l.more != nil {
		v, ok := l.more(t)
		if !ok {
			l.more = nil
			break
		}
		l.items = append(l.items, v)
	}
	return len(l.items) >= n
}

// Count is the number of elements.
func (l *regexList) Count(t *types.Thread) int {
	for l.more != nil {
		l.reach(t, len(l.items)+1)
	}
	return len(l.items)
}

// At is the i-th element.
func (l *regexList) At(t *types.Thread, i int) types.Value {
	if l.match != nil {
		return l.match.groupRef(l.match.numbered(i))
	}
	if i < 0 || !l.reach(t, i+1) {
		throwRange(msgOutOfRange, "i")
	}
	return l.items[i]
}

// Contains looks for an element by identity.
func (l *regexList) Contains(t *types.Thread, v types.Value) bool {
	for i := 0; l.reach(t, i+1); i++ {
		if l.items[i].Ref == v.Ref {
			return true
		}
	}
	return false
}

// Enumerate goes over the elements.
func (l *regexList) Enumerate(*types.Thread) types.Enumerator {
	i := 0
	return &pull{next: func(t *types.Thread) (types.Value, bool) {
		if !l.reach(t, i+1) {
			return types.Value{}, false
		}
		i++
		return l.items[i-1], true
	}}
}

var groupPairType = lateOnce(func() *types.Type { return types.KeyValuePairDef.Of(types.StringType, groupType()) })

// EnumerateAs goes over groups with their names where pairs are asked for.
func (l *regexList) EnumerateAs(_ *types.Thread, elem *types.Type) types.Enumerator {
	if l.match == nil || elem != groupPairType() {
		return nil
	}
	pairs := make([]types.Value, len(l.items))
	for i, v := range l.items {
		pairs[i] = types.Value{Ref: &keyValue{typ: elem, key: types.Ref(types.NewString(l.groupName(i))), value: v}}
	}
	return newItems(pairs)
}

func (l *regexList) groupName(i int) string { return l.match.groupAt(i).name }

// Lookup finds a group by name.
func (l *regexList) Lookup(_ *types.Thread, key types.Value) (types.Value, bool) {
	name := nameArg(key.Str(), "key")
	for i, v := range l.items {
		if l.groupName(i) == name {
			return v, true
		}
	}
	return types.Null, false
}

// KeySequence are the groups' names.
func (l *regexList) KeySequence(*types.Thread) types.Value {
	names := make([]types.Value, len(l.items))
	for i := range l.items {
		names[i] = types.Ref(types.NewString(l.groupName(i)))
	}
	return types.Ref(sequenceOf(types.StringType, names))
}

// ValueSequence are the groups.
func (l *regexList) ValueSequence(*types.Thread) types.Value {
	return types.Ref(sequenceOf(groupType(), l.items))
}

func (g *regexGroup) captureList() *regexList {
	return &regexList{typ: captureCollectionType(), elem: captureType(), items: g.captures()}
}

func (m *regexMatch) groupList() *regexList {
	l := &regexList{typ: groupCollectionType(), elem: groupType(), match: m}
	for i := range m.groupCount() {
		l.items = append(l.items, m.groupRef(m.groupAt(i)))
	}
	return l
}

// matches is Regex.Matches from an index: a MatchCollection, found as it is asked for.
func (r *Regex) matches(in *regexInput, from int) *regexList {
	var last *regexMatch
	return &regexList{typ: matchCollectionType(), elem: matchType(), more: func(t *types.Thread) (types.Value, bool) {
		if last == nil {
			last = r.find(t, in, from)
		} else {
			last = r.next(t, last)
		}
		return types.Ref(last), last.success
	}}
}

func collectionMembers(elem string) []types.MemberDecl {
	list := withThread[*regexList]
	return []types.MemberDecl{
		types.M("int Count { get; }", list(func(t *types.Thread, l *regexList, _ []types.Value) types.Value { return types.Int(int64(l.Count(t))) })),
		types.M("bool IsReadOnly { get; }", types.I0(func(*regexList) bool { return true })),
		types.M("bool IsSynchronized { get; }", types.I0(func(*regexList) bool { return false })),
		types.M("object SyncRoot { get; }", types.I0(func(l *regexList) any { return l })),
		types.M("System.Collections.IEnumerator GetEnumerator()", getEnumerator),
		types.M("void CopyTo("+elem+"[] array, int arrayIndex)", list(func(t *types.Thread, l *regexList, a []types.Value) types.Value {
			copyInto(t, drain(t, l, l.elem), a[0], int(a[1].Int32()), "array", "arrayIndex")
			return types.Value{}
		})),
	}
}

const regexNS = "System.Text.RegularExpressions."

func collectionDecl(name, elem, index, more string, members ...types.MemberDecl) *types.Decl {
	elem = regexNS + elem
	at := types.M(elem+" this[int "+index+"] { get; }", withThread(func(t *types.Thread, l *regexList, a []types.Value) types.Value {
		return l.At(t, int(a[0].Int32()))
	}))
	return types.T(longNames("class "+regexNS+name+" : IList<"+elem+">, ICollection<"+elem+">, IEnumerable<"+elem+">, System.Collections.IEnumerable, "+
		"IReadOnlyList<"+elem+">, IReadOnlyCollection<"+elem+">, System.Collections.IList, System.Collections.ICollection"+more),
		append(append(collectionMembers(elem), at), members...)...)
}

func matchDecls() []*types.Decl {
	return []*types.Decl{
		types.T("class System.Text.RegularExpressions.Capture",
			types.M("int Index { get; }", types.I0(func(c capture) int32 { return int32(c.capture().at) })),
			types.M("int Length { get; }", types.I0(func(c capture) int32 { return int32(c.capture().count) })),
			types.M("string Value { get; }", types.I0(func(c capture) *types.String { return c.capture().value() })),
			types.M("string ToString()", types.I0(func(c capture) *types.String { return c.capture().value() }))),
		types.T("class System.Text.RegularExpressions.Group : System.Text.RegularExpressions.Capture",
			types.M("bool Success { get; }", types.I0(func(g group) bool { return g.group().success })),
			types.M("string Name { get; }", types.I0(func(g group) *types.String { return types.NewString(g.group().name) })),
			types.M("System.Text.RegularExpressions.CaptureCollection Captures { get; }", types.I0(func(g group) *regexList { return g.group().captureList() }))),
		types.T("class System.Text.RegularExpressions.Match : System.Text.RegularExpressions.Group",
			types.M("static System.Text.RegularExpressions.Match Empty { get; }", types.S0(func() *regexMatch { return failedMatch })),
			types.M("System.Text.RegularExpressions.GroupCollection Groups { get; }", types.I0((*regexMatch).groupList)),
			types.M("System.Text.RegularExpressions.Match NextMatch()", withThread(func(t *types.Thread, m *regexMatch, _ []types.Value) types.Value {
				if !m.success {
					return types.Ref(m)
				}
				return types.Ref(m.regex.next(t, m))
			})),
			types.M("string Result(string replacement)", withThread(func(t *types.Thread, m *regexMatch, a []types.Value) types.Value {
				if a[0].Ref == nil {
					types.ThrowNull("replacement")
				}
				if !m.success {
					types.Throw(types.NotSupportedException, "Result cannot be called on a failed Match.")
				}
				return types.Ref(types.ConcatStrings(m.regex.replacement(a[0].Str()).parts(t, m)...))
			}))),
		collectionDecl("CaptureCollection", "Capture", "i", ""),
		collectionDecl("GroupCollection", "Group", "groupnum", ", IReadOnlyDictionary<string, System.Text.RegularExpressions.Group>, "+
			"IEnumerable<KeyValuePair<string, System.Text.RegularExpressions.Group>>",
			types.M("System.Text.RegularExpressions.Group this[string groupname] { get; }", types.I1(func(l *regexList, name *types.String) types.Value {
				return l.match.groupRef(l.match.named(nameArg(name, "name")))
			})),
			types.M("bool ContainsKey(string key)", types.I1(func(l *regexList, name *types.String) bool {
				_, ok := l.Lookup(nil, types.Ref(types.NewString(nameArg(name, "name"))))
				return ok
			})),
			types.M("bool TryGetValue(string key, out System.Text.RegularExpressions.Group value)", withThread(
				func(t *types.Thread, l *regexList, a []types.Value) types.Value {
					v, ok := l.Lookup(t, a[0])
					setOut(a[1], v)
					return types.Bool(ok)
				})),
			mx("IEnumerable<string> Keys { get; }", types.I0(func(l *regexList) types.Value { return l.KeySequence(nil) })),
			mx("IEnumerable<System.Text.RegularExpressions.Group> Values { get; }", types.I0(func(l *regexList) types.Value { return l.ValueSequence(nil) }))),
		collectionDecl("MatchCollection", "Match", "i", ""),
	}
}
