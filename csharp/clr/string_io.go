package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// stringReader is a System.IO.StringReader.
type stringReader struct {
	s      *types.String
	at     int
	closed bool
}

var (
	stringReaderType = lateType("System.IO.StringReader")
	stringWriterType = lateType("System.IO.StringWriter")
)

// ClrType is StringReader.
func (r *stringReader) ClrType() *types.Type { return stringReaderType() }

// Dispose closes the reader.
func (r *stringReader) Dispose(*types.Thread) { r.closed = true }

func (r *stringReader) open() *stringReader {
	if r.closed {
		types.Throw(types.ObjectDisposedException, "Cannot read from a closed TextReader.")
	}
	return r
}

func (r *stringReader) peek() int32 {
	if r.open().at >= r.s.Len() {
		return -1
	}
	return int32(r.s.Unit(r.at))
}

func (r *stringReader) read() int32 {
	c := r.peek()
	if c >= 0 {
		r.at++
	}
	return c
}

func (r *stringReader) line() *types.String {
	if r.open().at >= r.s.Len() {
		return nil
	}
	start := r.at
	for r.at < r.s.Len() {
		c := r.s.Unit(r.at)
		r.at++
		if c == '\n' || c == '\r' {
			end := r.at - 1
			if c == '\r' && r.at < r.s.Len() && r.s.Unit(r.at) == '\n' {
				r.at++
			}
			return r.s.Slice(start, end)
		}
	}
	return r.s.Slice(start, r.at)
}

func (r *stringReader) rest() *types.String {
	s := r.open().s.Slice(r.at, r.s.Len())
	r.at = r.s.Len()
	return s
}

// readInto is Read(char[], int, int).
func (r *stringReader) readInto(buffer *types.Array, index, count int32) int32 {
	switch {
	case buffer == nil:
		types.ThrowArgument(types.ArgumentNullException, "Buffer cannot be null.", "buffer")
	case index < 0 || count < 0:
		throwNegative(index, "index")
		throwNegative(count, "count")
	case len(buffer.Items)-int(index) < int(count):
		types.Throw(types.ArgumentException, msgOffsetLength)
	}
	n := min(int(count), r.open().s.Len()-r.at)
	for i := range n {
		buffer.Items[int(index)+i] = types.Uint(uint64(r.s.Unit(r.at + i)))
	}
	r.at += n
	return int32(n)
}

func stringReaderDecls() []*types.Decl {
	void := types.I0(func(r *stringReader) struct{} { r.closed = true; return struct{}{} })
	members := []types.MemberDecl{
		types.M("int Peek()", types.I0((*stringReader).peek)),
		types.M("int Read()", types.I0((*stringReader).read)),
		types.M("int Read(char[] buffer, int index, int count)", types.I3((*stringReader).readInto)),
		types.M("int ReadBlock(char[] buffer, int index, int count)", types.I3((*stringReader).readInto)),
		types.M("string ReadLine()", types.I0((*stringReader).line)),
		types.M("string ReadToEnd()", types.I0((*stringReader).rest)),
		types.M("void Close()", void),
		types.M("void Dispose()", void),
	}
	return []*types.Decl{
		hidden("abstract class System.IO.TextReader : System.IDisposable", members...),
		types.T("class System.IO.StringReader : System.IO.TextReader, System.IDisposable", append(members,
			types.M("new(string s)", types.S1(func(s *types.String) *stringReader {
				if s == nil {
					types.ThrowNull("s")
				}
				return &stringReader{s: s}
			})))...),
	}
}

// stringWriter is a System.IO.StringWriter.
type stringWriter struct {
	b       *stringBuilder
	newLine *types.String
	closed  bool
}

// ClrType is StringWriter.
func (w *stringWriter) ClrType() *types.Type { return stringWriterType() }

// ToStr is what has been written.
func (w *stringWriter) ToStr(t *types.Thread) *types.String { return w.b.ToStr(t) }

// Dispose closes the writer.
func (w *stringWriter) Dispose(*types.Thread) { w.closed = true }

func (w *stringWriter) write(t *types.Thread, s *types.String) {
	if w.closed {
		types.Throw(types.ObjectDisposedException, "Cannot write to a closed TextWriter.")
	}
	if s != nil {
		w.b.add(t, s)
	}
}

// writing makes the Impls of Write and WriteLine of what text makes of the arguments.
func writing(line bool, text func(t *types.Thread, a []types.Value) *types.String) types.Impl {
	return withThread(func(t *types.Thread, w *stringWriter, a []types.Value) types.Value {
		w.write(t, text(t, a))
		if line {
			w.write(t, w.newLine)
		}
		return types.Value{}
	})
}

// boxedText is the ToString() of an argument of a type, nil for null.
func boxedText(typ *types.Type) func(t *types.Thread, a []types.Value) *types.String {
	return func(t *types.Thread, a []types.Value) *types.String {
		o := types.Box(typ, a[0])
		if o == nil {
			return nil
		}
		return objectToString(t, o)
	}
}

func formattedText(t *types.Thread, a []types.Value) *types.String {
	args := a[1:]
	if array, ok := a[1].Ref.(*types.Array); ok && len(a) == 2 {
		args = array.Items
	}
	return compositeFormat(t, a[0].Str(), args)
}

func arrayText(_ *types.Thread, a []types.Value) *types.String {
	if a[0].Ref == nil {
		if len(a) > 1 {
			types.ThrowArgument(types.ArgumentNullException, "Buffer cannot be null.", "buffer")
		}
		return nil
	}
	return charText(a)
}

func writerMembers() []types.MemberDecl {
	var out []types.MemberDecl
	for _, line := range []bool{false, true} {
		name := "void Write("
		if line {
			name = "void WriteLine("
		}
		add := func(params string, text func(*types.Thread, []types.Value) *types.String) {
			out = append(out, types.M(name+params+")", writing(line, text)))
		}
		for _, k := range []struct {
			cs  string
			typ *types.Type
		}{{"bool", types.BoolType}, {"char", types.CharType}, {"int", types.Int32Type}, {"uint", types.UInt32Type}, {"long", types.Int64Type},
			{"ulong", types.UInt64Type}, {"float", types.SingleType}, {"double", types.DoubleType}, {"decimal", types.DecimalType},
			{"string", types.StringType}, {"object", types.Object_}, {"System.Text.StringBuilder", types.Object_}} {
			add(k.cs+" value", boxedText(k.typ))
		}
		add("char[] buffer", arrayText)
		add("char[] buffer, int index, int count", arrayText)
		add("string format, object arg0", formattedText)
		add("string format, object arg0, object arg1", formattedText)
		add("string format, object arg0, object arg1, object arg2", formattedText)
		add("string format, params object[] arg", formattedText)
	}
	return append(out, types.M("void WriteLine()", writing(true, func(*types.Thread, []types.Value) *types.String { return nil })))
}

func stringWriterDecls() []*types.Decl {
	void := types.I0(func(w *stringWriter) struct{} { w.closed = true; return struct{}{} })
	base := slices.Concat(writerMembers(), []types.MemberDecl{
		types.M("string NewLine { get; set; }", types.I0(func(w *stringWriter) *types.String { return w.newLine }).WithSet(
			setter(func(_ *types.Thread, w *stringWriter, a []types.Value) {
				if w.newLine = a[0].Str(); w.newLine == nil {
					w.newLine = types.NewString("\n")
				}
			}))),
		types.M("System.Text.Encoding Encoding { get; }", types.I0(func(*stringWriter) *textEncoding { return encodingUTF16 })),
		types.M("void Flush()", types.I0(func(*stringWriter) struct{} { return struct{}{} })),
		types.M("void Close()", void),
		types.M("void Dispose()", void),
	})
	make := types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		w := &stringWriter{newLine: types.NewString("\n")}
		if len(a) > 0 {
			w.b, _ = a[0].Ref.(*stringBuilder)
		}
		if w.b == nil {
			w.b = newStringBuilder(t, types.EmptyString, 16)
		}
		return types.Ref(w)
	})
	onBuilder := types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
		b, ok := a[0].Ref.(*stringBuilder)
		if !ok {
			types.ThrowNull("sb")
		}
		return types.Ref(&stringWriter{b: b, newLine: types.NewString("\n")})
	})
	return []*types.Decl{
		hidden("abstract class System.IO.TextWriter : System.IDisposable", base...),
		types.T("class System.IO.StringWriter : System.IO.TextWriter, System.IDisposable",
			types.M("new()", make),
			types.M("new(System.IFormatProvider formatProvider)", make),
			types.M("new(System.Text.StringBuilder sb)", onBuilder),
			types.M("new(System.Text.StringBuilder sb, System.IFormatProvider formatProvider)", onBuilder),
			types.M("System.Text.StringBuilder GetStringBuilder()", types.I0(func(w *stringWriter) *stringBuilder { return w.b })),
			types.M("string ToString()", withThread(func(t *types.Thread, w *stringWriter, _ []types.Value) types.Value { return refOrNull(w.ToStr(t)) }))),
	}
}
