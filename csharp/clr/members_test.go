package clr

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
)

// TestMembers compares the library with conformance/members.txt: a member is declared, or it stands in testdata/missing.txt with
// the reason why it is not, and nothing that is declared stands there.
func TestMembers(t *testing.T) {
	missing, reasons := readMissing(t)
	all, found := 0, 0
	byReason := map[string]int{}
	for _, m := range readMembers(t) {
		all++
		line := headName(m.head) + ": " + m.signature
		reason, listed := missing[line]
		delete(missing, line)
		switch is := declared(m.head, m.signature); {
		case is && listed:
			t.Errorf("is declared, but stands in testdata/missing.txt:\n%s", line)
		case is:
			found++
		case !listed:
			t.Errorf("is neither declared nor in testdata/missing.txt:\n%s", line)
		case !reasons[reason]:
			t.Errorf("the reason %q is not one that the head of testdata/missing.txt explains:\n%s", reason, line)
		default:
			byReason[reason]++
		}
	}
	for line := range missing {
		t.Errorf("testdata/missing.txt has a line that conformance/members.txt does not have:\n%s", line)
	}
	t.Logf("%d of %d members are declared", found, all)
	for _, r := range slices.Sorted(maps.Keys(byReason)) {
		t.Logf("%-14s %4d", r, byReason[r])
	}
}

// member is a line of conformance/members.txt below the heading of its type.
type listedMember struct{ head, signature string }

func readMembers(t *testing.T) []listedMember {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", "members.txt"))
	if err != nil {
		t.Skipf("no list of members: %v", err)
	}
	defer f.Close()
	var out []listedMember
	var head string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		switch line := lines.Text(); {
		case line == "":
		case line[0] != ' ':
			head = line
		default:
			out = append(out, listedMember{head, strings.TrimSpace(line)})
		}
	}
	return out
}

// readMissing reads testdata/missing.txt: the reason of each missing member, and the reasons that its head explains.
func readMissing(t *testing.T) (missing map[string]string, reasons map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "missing.txt"))
	if err != nil {
		t.Fatal(err)
	}
	missing, reasons = map[string]string{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if word, ok := strings.CutPrefix(line, "#   "); ok {
			word, _, _ = strings.Cut(word, " ")
			reasons[word] = true
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		member, reason, ok := strings.Cut(line, " — ")
		if _, twice := missing[member]; !ok || twice {
			t.Errorf("testdata/missing.txt: no reason, or twice: %s", line)
		}
		missing[member] = reason
	}
	return missing, reasons
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
	if languageHas(d) && strings.Contains(line, " op_") {
		return true
	}
	want := memberKey(line)
	for x := d.Self(); x != nil; x = x.BaseType() {
		if hasMember(x, want) {
			return true
		}
	}
	return false
}

// languageHas tells the types whose operators and conversions are the C# language's own and not members of the library.
func languageHas(d *types.Def) bool {
	switch d.Self() {
	case types.DecimalType, types.DoubleType, types.SingleType, types.NullableDef.Self():
		return true
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
	name := withoutTypeParams(s[:open])
	result, name := name[:max(0, strings.LastIndexByte(name, ' '))], name[strings.LastIndexByte(name, ' ')+1:]
	var types []string
	for _, p := range splitParams(s[open+1 : strings.LastIndexByte(s, ')')]) {
		p, _, _ = strings.Cut(p, " = ")
		types = append(types, p)
	}
	return conversionKey(name, strings.TrimPrefix(result, "static ")) + "(" + strings.Join(types, ",") + ")"
}

// withoutTypeParams takes the type parameters of a generic method off "Result Name<T, U>".
func withoutTypeParams(s string) string {
	if !strings.HasSuffix(s, ">") {
		return s
	}
	depth := 0
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case '>':
			depth++
		case '<':
			if depth--; depth == 0 {
				return s[:i]
			}
		}
	}
	return s
}

// conversionKey is the name, and for a conversion the result too, as conversions differ by it alone.
func conversionKey(name, result string) string {
	if name == "op_Implicit" || name == "op_Explicit" {
		return name + " " + result
	}
	return name
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
	return conversionKey(name, signatureName(m.Result)) + "(" + strings.Join(params, ",") + ")"
}

// signatureName is a type as members.txt writes it: a nested type has its own and its outer type's arguments at the end, a tuple has no names.
func signatureName(t *types.Type) string {
	if u, ok := t.IsNullable(); ok {
		return signatureName(u) + "?"
	}
	if t.Kind == types.ArrayKind && t.Rank == 1 {
		return signatureName(t.Elem) + "[]"
	}
	if t.Def == nil || len(t.Args) == 0 || t.Anon != nil {
		return t.String()
	}
	var args []string
	for _, a := range t.Args {
		args = append(args, signatureName(a))
	}
	return t.Def.Namespace + "." + t.Def.Name + "<" + strings.Join(args, ", ") + ">"
}
