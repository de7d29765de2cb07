package liquid

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// MaxTemplateBytes bounds the text of a template.
const MaxTemplateBytes = 1 << 20

// maxBlocks bounds how deep blocks nest in a template.
const maxBlocks = 200

// Error is why a template does not compile or its rendering failed.
type Error struct {
	// Offset is the place in the template, in bytes; Line and Column are from 1, the column counts characters.
	Offset, Line, Column int
	// Type is the exception that .NET has for it, such as "System.FormatException", Message its message.
	Type, Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Remark is something in a template that has no effect, or fails, when it is rendered.
type Remark struct {
	// Offset is the place in the template, in bytes.
	Offset int
	// Fatal tells that the template asks for what there is not: other templates.
	Fatal   bool
	Message string
}

// Template is a compiled template. It is immutable and may be used by many goroutines at once.
type Template struct {
	source  string
	nodes   []node
	remarks []Remark
}

// Remarks are what an author should know of a template that compiles.
func (t *Template) Remarks() []Remark { return t.remarks }

// failure is an error at a place, as a panic.
type failure struct {
	at           int
	typ, message string
}

func (f *failure) fail(typ, format string, args ...any) {
	f.typ, f.message = typ, fmt.Sprintf(format, args...)
	panic(f)
}

// Compile reads a template. The error is an *Error.
func Compile(source string) (t *Template, err error) {
	if len(source) > MaxTemplateBytes {
		return nil, &Error{Line: 1, Column: 1, Type: excSyntax, Message: fmt.Sprintf("The template is larger than %d bytes.", MaxTemplateBytes)}
	}
	defer func() {
		if p := recover(); p != nil {
			f, ok := p.(*failure)
			if !ok {
				panic(p)
			}
			t, err = nil, locate(source, f.at, f.typ, f.message)
		}
	}()
	p := &parser{tokens: tokenize(source)}
	nodes := p.document()
	return &Template{source, nodes, p.remarks}, nil
}

func locate(source string, at int, typ, message string) *Error {
	at = min(max(at, 0), len(source))
	before := source[:at]
	line := strings.LastIndexByte(before, '\n') + 1
	return &Error{Offset: at, Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1, Type: typ, Message: message}
}

// Options bound a rendering. Zero fields have the defaults.
type Options struct {
	// Steps bounds tags, filters and loop turns.
	Steps int64
	// OutputBytes bounds the rendered text, MemoryBytes what rendering asks for beside it, summed.
	OutputBytes, MemoryBytes int64
	// Time bounds the duration.
	Time time.Duration
	// Context ends when nobody waits for the result any more; may be nil.
	Context context.Context
	// Now is the clock for the dates "now" and "today"; nil means time.Now.
	Now func() time.Time
}

// The bounds where Options has none.
const (
	DefaultSteps       = 5_000_000
	DefaultOutputBytes = 16 << 20
	DefaultMemoryBytes = 256 << 20
	DefaultTime        = 10 * time.Second
)

// Thread is a thread with the bounds, for reading a body or an object of C#.
func (o Options) Thread() *types.Thread { return o.thread() }

func (o Options) thread() *types.Thread {
	t := &types.Thread{U: clr.Universe(), Context: o.Context, Now: o.Now}
	b := types.Budget{Steps: o.Steps, Bytes: o.MemoryBytes, Time: o.Time, Depth: maxBlocks}
	if b.Steps <= 0 {
		b.Steps = DefaultSteps
	}
	if b.Bytes <= 0 {
		b.Bytes = DefaultMemoryBytes
	}
	if b.Time <= 0 {
		b.Time = DefaultTime
	}
	t.Start(b)
	return t
}

// Render renders the template with the variables that globals has; it does not change them. The error is an *Error.
func (t *Template) Render(globals *Hash, o Options) (string, error) {
	r := &run{t: o.thread(), globals: globals, limit: int(o.OutputBytes)}
	if r.limit <= 0 {
		r.limit = DefaultOutputBytes
	}
	if err := t.render(r); err != nil {
		return "", err
	}
	return wellFormed(r.out), nil
}

// render makes an error of what a rendering throws.
func (t *Template) render(r *run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			typ, message, ok := exception(p)
			if !ok {
				panic(p)
			}
			err = locate(t.source, r.at, typ, message)
		}
	}()
	r.push()
	r.all(t.nodes)
	return nil
}

// exception tells what a panic is about; ok is false for one that is a bug.
func exception(p any) (typ, message string, ok bool) {
	if f, ok := p.(*thrown); ok {
		return f.typ, f.message, true
	}
	err, _ := p.(error)
	if e, ok := errors.AsType[*types.Exceeded](err); ok {
		return excBudget, "The template used up its budget of " + e.What + ".", true
	}
	if e, ok := errors.AsType[*types.Exception](err); ok {
		return e.T.FullName(), e.Message(), true
	}
	return "", "", false
}

// wellFormed is WTF-8 text as .NET encodes it: halves of pairs that meet are joined, others become U+FFFD.
func wellFormed(b []byte) string {
	if s := string(b); utf8.ValidString(s) {
		return s
	}
	return string(utf16.Decode(types.NewString(string(b)).Units()))
}
