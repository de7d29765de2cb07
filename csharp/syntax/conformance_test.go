package syntax

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/source"
)

// vector is a line of expressions.jsonl or generated.jsonl.
type vector struct {
	ID, Expr string
	Want     struct {
		CompileError string
		At           string
	}
}

// code is the code of the recorded compiler error, empty if it compiled.
func (v vector) code() string {
	id, _, _ := strings.Cut(v.Want.CompileError, " ")
	return id
}

func vectors(tb testing.TB) []vector {
	tb.Helper()
	var all []vector
	for _, name := range []string{"expressions.jsonl", "generated.jsonl"} {
		f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", name))
		if err != nil {
			tb.Fatalf("open the vectors: %v", err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var v vector
			if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
				tb.Fatalf("%s: %v", name, err)
			}
			all = append(all, v)
		}
		if err := lines.Err(); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	return all
}

// syntaxCodes are the codes of the vectors that the parser itself reports.
var syntaxCodes = map[string]bool{
	"CS0178": true, "CS0193": true, "CS0230": true, "CS0443": true, "CS0742": true, "CS0839": true, "CS1001": true,
	"CS1002": true, "CS1003": true, "CS1010": true, "CS1021": true, "CS1023": true, "CS1026": true, "CS1073": true,
	"CS1513": true, "CS1514": true, "CS1524": true, "CS1525": true, "CS1526": true, "CS8086": true, "CS8115": true,
	"CS8361": true, "CS8370": true,
}

// place is where d stands in the text after @( or @{.
func place(src string, d source.Diagnostic) string {
	return source.NewText("", src[2:]).Position(d.Span.Start - 2).String()
}

func TestVectorsThatCompileParse(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Want.CompileError != "" {
			continue
		}
		if _, diags := Parse(v.Expr); len(diags) > 0 {
			t.Errorf("%s: Parse(%s) reports %s %s at %s", v.ID, v.Expr, diags[0].Code, diags[0].Message, place(v.Expr, diags[0]))
		}
	}
}

func TestVectorsThatAreBrokenAreRefused(t *testing.T) {
	total, sameCode, same, sameLine := 0, 0, 0, 0
	for _, v := range vectors(t) {
		if !syntaxCodes[v.code()] || strings.Contains(v.Want.CompileError, "inferred delegate type") {
			continue
		}
		total++
		_, diags := Parse(v.Expr)
		if len(diags) == 0 {
			t.Errorf("%s: Parse(%s) reports nothing, want %s at %s", v.ID, v.Expr, v.Want.CompileError, v.Want.At)
			continue
		}
		d := diags[0]
		at := place(v.Expr, d)
		if d.Span.Start == len(v.Expr)-1 && strings.HasPrefix(v.Want.At, "2:") && !strings.Contains(v.Expr, "\n") {
			at = v.Want.At // the line after the text, which only the recording had
		}
		line, _, _ := strings.Cut(at, ":")
		if strings.HasPrefix(v.Want.At, line+":") || v.Want.At == "" {
			sameLine++
		}
		if d.Code == v.code() {
			sameCode++
		}
		if d.Code+" "+d.Message == v.Want.CompileError && (at == v.Want.At || v.Want.At == "") {
			same++
		} else {
			t.Logf("%s: got %s %s at %s, want %s at %s", v.ID, d.Code, d.Message, at, v.Want.CompileError, v.Want.At)
		}
	}
	t.Logf("of %d broken texts: %d with Roslyn's code, %d on its line, %d with its code, text and place", total, sameCode, sameLine, same)
	if same < total*95/100 {
		t.Errorf("%d of %d are reported as Roslyn does, want 95%%", same, total)
	}
}

// TestVectorsRefusedByTheBinderAreNotRefusedEarlier allows mistakes of syntax
// only after the mistake that Roslyn reports first.
func TestVectorsRefusedByTheBinderAreNotRefusedEarlier(t *testing.T) {
	for _, v := range vectors(t) {
		if v.code() == "" || syntaxCodes[v.code()] || v.Want.At == "" {
			continue
		}
		_, diags := Parse(v.Expr)
		if len(diags) == 0 || diags[0].Code == v.code() {
			continue
		}
		if at := place(v.Expr, diags[0]); before(at, v.Want.At) {
			t.Errorf("%s: Parse(%s) reports %s %s at %s, want %s at %s", v.ID, v.Expr, diags[0].Code, diags[0].Message, at, v.Want.CompileError, v.Want.At)
		}
	}
}

// before reports whether place a is before b.
func before(a, b string) bool {
	aLine, aColumn, _ := strings.Cut(a, ":")
	bLine, bColumn, _ := strings.Cut(b, ":")
	if aLine != bLine {
		return len(aLine) < len(bLine) || len(aLine) == len(bLine) && aLine < bLine
	}
	return len(aColumn) < len(bColumn) || len(aColumn) == len(bColumn) && aColumn < bColumn
}
