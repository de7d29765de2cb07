package types

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recordedDecls reads the declarations that .NET's reflection gave, without implementations.
func recordedDecls(t testing.TB) []*Decl {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "conformance", "members.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var decls []*Decl
	for _, line := range strings.Split(string(data), "\n") {
		switch {
		case strings.TrimSpace(line) == "":
		case line[0] != ' ':
			decls = append(decls, T(line))
		default:
			d := decls[len(decls)-1]
			d.Members = append(d.Members, M(strings.TrimSpace(line)))
		}
	}
	return decls
}

func TestRecordedMembersAreRead(t *testing.T) {
	u := NewUniverse(recordedDecls(t), Ops{})
	for _, err := range u.Problems() {
		t.Error(err)
	}
	unknown := 0
	for _, err := range u.CheckAll() {
		if strings.Contains(err.Error(), "unknown type") {
			unknown++ // the recording names types that it does not describe
			continue
		}
		t.Error(err)
	}
	t.Logf("%d members name types that are not described", unknown)
}
