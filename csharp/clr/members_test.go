package clr

import (
	"bufio"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
)

var showMissing = flag.String("missing", "", "list the members that are not declared of the types whose names begin so")

// out of reach are members whose signatures name what expressions cannot have: spans, streams, threads, cultures, generic arithmetic.
var outOfReach = regexp.MustCompile(`Span|Memory|Stream|Task|CancellationToken|Culture|Half\b|Int128|IntPtr|DateOnly|TimeOnly|Rune|System\.Numerics|Calendar|Calendars|` +
	`SerializationInfo|MethodBase|CompositeFormat|InterpolatedStringHandler|ChunkEnumerator|DaylightTime|CompareInfo|ConvertToInteger|SafeHandle|TextReader|TextWriter|TypedReference`)

// TestMembers counts how many members of conformance/members.txt are declared, type by type.
func TestMembers(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", "members.txt"))
	if err != nil {
		t.Skipf("no list of members: %v", err)
	}
	defer f.Close()
	var head string
	all, found := 0, 0
	counts := map[string][2]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "":
		case line[0] != ' ':
			head = line
		case !outOfReach.MatchString(line):
			name := headName(head)
			c := counts[name]
			c[0]++
			all++
			if declared(head, strings.TrimSpace(line)) {
				c[1]++
				found++
			} else if *showMissing != "" && strings.HasPrefix(name, *showMissing) {
				t.Logf("%s: %s", name, strings.TrimSpace(line))
			}
			counts[name] = c
		}
	}
	var names []string
	for n, c := range counts {
		if c[0] != c[1] {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		t.Logf("%-60s %3d of %3d", n, counts[n][1], counts[n][0])
	}
	t.Logf("%d of %d members are declared", found, all)
}

// headName is the type's name in a heading.
func headName(head string) string {
	for _, word := range []string{"sealed ", "static ", "abstract ", "class ", "struct ", "enum ", "interface ", "delegate "} {
		head = strings.TrimPrefix(head, word)
	}
	name, _, _ := strings.Cut(head, " : ")
	return name
}

// plain is a signature without what does not tell overloads apart: the names of parameters stay, as named arguments use them.
func plain(signature string) string {
	signature = strings.ReplaceAll(signature, "readonly ", "")
	if i := strings.Index(signature, " where "); i >= 0 {
		signature = signature[:i]
	}
	if strings.HasPrefix(signature, "const ") {
		signature, _, _ = strings.Cut(signature, " = ")
	}
	return signature
}

func declared(head, line string) bool {
	name := headName(head)
	arity := 0
	if i := strings.IndexByte(name, '<'); i >= 0 {
		arity = strings.Count(name, ",") + 1
		name = name[:i]
	}
	d := Universe().Lookup(name, arity)
	if d == nil {
		return false
	}
	want := memberKey(line)
	for x := d.Self(); x != nil; x = x.BaseType() {
		if hasMember(x, want) {
			return true
		}
	}
	return false
}

// memberKey is a member's name and the number of its parameters.
func memberKey(signature string) string {
	s := plain(signature)
	open := strings.IndexByte(s, '(')
	if i := strings.IndexByte(s, '['); i >= 0 && strings.Contains(s, " this[") {
		return "this"
	}
	if open < 0 {
		s, _, _ = strings.Cut(s, " {")
		return s[strings.LastIndexByte(s, ' ')+1:]
	}
	name := s[:open]
	if i := strings.IndexByte(name, '<'); i >= 0 && !strings.Contains(name[i:], " ") {
		name = name[:i]
	}
	name = name[strings.LastIndexByte(name, ' ')+1:]
	if i := strings.IndexByte(name, '<'); i >= 0 {
		name = name[:i]
	}
	var types []string
	for _, p := range splitParams(s[open+1 : strings.LastIndexByte(s, ')')]) {
		p, _, _ = strings.Cut(p, " = ")
		types = append(types, p)
	}
	return name + "(" + strings.Join(types, ",") + ")"
}

func splitParams(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<', '(', '[':
			depth++
		case '>', ')', ']':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	if strings.TrimSpace(s[start:]) != "" {
		out = append(out, strings.TrimSpace(s[start:]))
	}
	return out
}

// hasMember reports whether a type declares a member of that key.
func hasMember(typ *types.Type, want string) bool {
	for _, m := range Universe().Table(typ.Def.Self()).All {
		if keyOf(m) == want {
			return true
		}
	}
	return false
}

func keyOf(m *types.Member) string {
	switch m.Kind {
	case types.Indexer:
		return "this"
	case types.Property, types.Field, types.Constant:
		return m.Name
	}
	name := m.Name
	if m.Kind == types.Constructor {
		name = "new"
	}
	params := make([]string, len(m.Params))
	for i, p := range m.Params {
		if p.Ref != types.ByValue {
			params[i] = p.Ref.String() + " "
		}
		if p.Params {
			params[i] = "params "
		}
		if m.Extension && i == 0 {
			params[i] = "this "
		}
		params[i] += signatureName(p.Type) + " " + p.Name
	}
	return name + "(" + strings.Join(params, ",") + ")"
}

// signatureName is a type as members.txt writes it.
func signatureName(t *types.Type) string {
	if t.IsTuple() && len(t.Args) > 0 {
		var args []string
		for _, a := range t.Args {
			args = append(args, signatureName(a))
		}
		return "System.ValueTuple<" + strings.Join(args, ", ") + ">"
	}
	return t.String()
}
