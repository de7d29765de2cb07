// Package source has places in text that a user wrote, and what is said of them.
//
// Offsets are bytes from 0; lines and columns, which people read, count from 1.
// A column counts Unicode code points.
package source

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Span is the half-open byte range [Start, End) of a text.
type Span struct {
	Start, End int
}

// To is the span from s's start to o's end.
func (s Span) To(o Span) Span { return Span{s.Start, o.End} }

// Position is a place as people read it: line and column from 1.
type Position struct {
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Text is a named text with an index of its lines. It is immutable.
type Text struct {
	// Name is a file name or another word that tells the reader which text this is.
	Name string
	// Content is the text itself.
	Content string
	lines   []int
}

// NewText indexes the lines of content. Lines end at \n; a \r before it belongs to the line end.
func NewText(name, content string) *Text {
	t := &Text{Name: name, Content: content, lines: []int{0}}
	for i := 0; i < len(content); i++ {
		if content[i] == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// Position of the byte at offset; an offset outside the text is clamped to it.
func (t *Text) Position(offset int) Position {
	offset = max(0, min(offset, len(t.Content)))
	line := sort.SearchInts(t.lines, offset+1) - 1
	return Position{line + 1, utf8.RuneCountInString(t.Content[t.lines[line]:offset]) + 1}
}

// Line is the text of the n-th line, n from 1, without its line end; empty if there is none.
func (t *Text) Line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	end := len(t.Content)
	if n < len(t.lines) {
		end = t.lines[n] - 1
	}
	return strings.TrimSuffix(t.Content[t.lines[n-1]:end], "\r")
}

// Severity of a Diagnostic.
type Severity uint8

const (
	// Error refuses the text.
	Error Severity = iota
	// Warning does not.
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one thing said of a text.
type Diagnostic struct {
	// Code is stable: C#'s own ("CS0103") or ours ("PST…").
	Code string
	// Severity tells whether the text is refused.
	Severity Severity
	// Message is one sentence for the author of the text.
	Message string
	// Span is where in the text.
	Span Span
}

// Snippet draws the line of the diagnostic with a caret under its first byte.
func (t *Text) Snippet(d Diagnostic) string {
	p := t.Position(d.Span.Start)
	line := t.Line(p.Line)
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, firstRunes(line, p.Column-1))
	return fmt.Sprintf("%s:%s: %s: %s %s\n | %s\n | %s^", t.Name, p, d.Severity, d.Code, d.Message, line, pad)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Errors reports whether ds has a Diagnostic of severity Error.
func Errors(ds []Diagnostic) bool {
	for _, d := range ds {
		if d.Severity == Error {
			return true
		}
	}
	return false
}
