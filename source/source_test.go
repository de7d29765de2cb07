package source

import "testing"

func TestPositionCountsLinesAndCodePoints(t *testing.T) {
	text := NewText("f", "ab\r\nčx\n")
	for _, c := range []struct {
		offset int
		want   string
	}{{0, "1:1"}, {2, "1:3"}, {4, "2:1"}, {6, "2:2"}, {8, "3:1"}, {99, "3:1"}, {-1, "1:1"}} {
		if got := text.Position(c.offset).String(); got != c.want {
			t.Errorf("Position(%d) = %s, want %s", c.offset, got, c.want)
		}
	}
	if got := text.Line(1); got != "ab" {
		t.Errorf("Line(1) = %q, want %q", got, "ab")
	}
}

func TestSnippetPutsTheCaretUnderTheFault(t *testing.T) {
	text := NewText("p.xml", "a\n\tč b c")
	got := text.Snippet(Diagnostic{Code: "CS0103", Message: "no b", Span: Span{6, 7}})
	want := "p.xml:2:4: error: CS0103 no b\n | \tč b c\n | \t  ^"
	if got != want {
		t.Errorf("Snippet =\n%s\nwant\n%s", got, want)
	}
}
