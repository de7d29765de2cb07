package bind

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/source"
)

// A file of testdata/check has programs, each after a line "=== name". A comment ERROR CSnnnn at the end of a line says that a mistake with one of these
// codes is told on this line; ERROR@ CSnnnn, that it is told of the whole. Nothing else may be told.
func TestCheck(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "check", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	env := recordedEnv(t)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			name, program, _ := strings.Cut(text, "\n")
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) { check(t, env, program) })
		}
	}
}

var expectation = regexp.MustCompile(`ERROR(@?)((?: CS\d+)+)`)

func check(t *testing.T, env Env, program string) {
	src := "@{\n" + program + "}"
	unit, ds := syntax.Parse(src)
	env.Parse = ds
	p, more := Bind(unit, env)
	text := source.NewText("", src)
	told := map[int][]string{}
	for _, d := range append(ds, more...) {
		if d.Severity != source.Error {
			continue
		}
		line := text.Position(d.Span.Start).Line
		if d.Span.Start < 2 {
			line = 0
		}
		told[line] = append(told[line], d.Code+" "+d.Message)
	}
	for i, line := range strings.Split(src, "\n") {
		for _, m := range expectation.FindAllStringSubmatch(line, -1) {
			at := i + 1
			if m[1] != "" {
				at = 0
			}
			told[at] = strike(t, told[at], strings.Fields(m[2]), line)
		}
	}
	mistakes := len(ds)+len(more) > 0
	for line, messages := range told {
		for _, m := range messages {
			t.Errorf("line %d: %s", line-1, m)
		}
	}
	if !mistakes && p == nil {
		t.Error("no mistake told, and no program")
	}
}

// strike takes one message with one of the codes off the list.
func strike(t *testing.T, messages, codes []string, line string) []string {
	i := slices.IndexFunc(messages, func(m string) bool { return slices.Contains(codes, strings.Fields(m)[0]) })
	if i < 0 {
		t.Errorf("not told: %v in %s", codes, line)
		return messages
	}
	return slices.Delete(messages, i, i+1)
}
