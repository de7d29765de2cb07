package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// formatLimit bounds indexes and widths in format items.
const formatLimit = 1_000_000

// compositeItem is {index,width:format}.
type compositeItem struct {
	index, width int
	left         bool
	format       string
}

// compositeReader reads a composite format string.
type compositeReader struct {
	s   string
	pos int
}

// next goes on by a character and gives it; the end is an error.
func (r *compositeReader) next() byte {
	r.pos++
	if r.pos >= len(r.s) {
		r.fail("Format item ends prematurely.")
	}
	return r.s[r.pos]
}

func (r *compositeReader) fail(why string) {
	offset := types.NewString(r.s[:min(r.pos, len(r.s))]).Len()
	types.Throw(types.FormatException, "Input string was not in a correct format. Failure to parse near offset "+itoa(offset)+". "+why)
}

// number reads a number that begins with c and gives what follows it.
func (r *compositeReader) number(c byte) (int, byte) {
	if c < '0' || c > '9' {
		r.fail("Expected an ASCII digit.")
	}
	n := int(c - '0')
	for c = r.next(); c >= '0' && c <= '9' && n < formatLimit; c = r.next() {
		n = n*10 + int(c-'0')
	}
	return n, c
}

func (r *compositeReader) spaces(c byte) byte {
	for c == ' ' {
		c = r.next()
	}
	return c
}

// item reads a format item from behind its brace, which c follows, to behind the closing one.
func (r *compositeReader) item(c byte) compositeItem {
	var it compositeItem
	it.index, c = r.number(c)
	c = r.spaces(c)
	if c == ',' {
		c = r.spaces(r.next())
		if c == '-' {
			it.left = true
			c = r.next()
		}
		it.width, c = r.number(c)
		c = r.spaces(c)
	}
	if c != '}' {
		if c != ':' {
			r.fail("Format item ends prematurely.")
		}
		start := r.pos + 1
		for c = r.next(); c != '}'; c = r.next() {
			if c == '{' {
				r.fail("Format item ends prematurely.")
			}
		}
		it.format = r.s[start:r.pos]
	}
	r.pos++
	return it
}

// compositeFormat is string.Format(format, args…); args are object Values.
func compositeFormat(t *types.Thread, format *types.String, args []types.Value) *types.String {
	if format == nil {
		types.ThrowNull("format")
	}
	r := compositeReader{s: format.Go()}
	var parts []*types.String
	add := func(s *types.String) {
		if s != nil && s.Len() > 0 {
			t.Alloc(int64(len(s.Go())) + 8)
			parts = append(parts, s)
		}
	}
	for r.pos < len(r.s) {
		t.Step(1)
		n := strings.IndexAny(r.s[r.pos:], "{}")
		if n < 0 {
			add(types.NewString(r.s[r.pos:]))
			break
		}
		add(types.NewString(r.s[r.pos : r.pos+n]))
		r.pos += n
		brace := r.s[r.pos]
		c := r.next()
		if c == brace {
			add(charString(types.Char(c)))
			r.pos++
			continue
		}
		if brace != '{' {
			r.fail("Unexpected closing brace without a corresponding opening brace.")
		}
		it := r.item(c)
		if it.index >= len(args) {
			types.Throw(types.FormatException, "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.")
		}
		add(it.text(t, args[it.index].Ref))
	}
	return types.ConcatStrings(parts...)
}

func (it compositeItem) text(t *types.Thread, o any) *types.String {
	s := types.EmptyString
	if o != nil {
		if x := objectFormat(t, o, it.format); x != nil {
			s = x
		}
	}
	return padString(t, s, int32(it.width), ' ', !it.left)
}

// arrayArgs are the elements of an object[] argument.
func arrayArgs(v types.Value, param string) []types.Value {
	a, _ := v.Ref.(*types.Array)
	if a == nil {
		types.ThrowNull(param)
	}
	return a.Items
}

func stringFormats() []types.MemberDecl {
	type V = types.Value
	var out []types.MemberDecl
	for skip, provider := range []string{"", "System.IFormatProvider provider, "} {
		each := types.Raw(func(t *types.Thread, _ V, x []V) V {
			x = x[skip:]
			return types.Ref(compositeFormat(t, x[0].Str(), x[1:]))
		})
		out = append(out,
			types.M("static string Format("+provider+"string format, object arg0)", each),
			types.M("static string Format("+provider+"string format, object arg0, object arg1)", each),
			types.M("static string Format("+provider+"string format, object arg0, object arg1, object arg2)", each),
			types.M("static string Format("+provider+"string format, params object[] args)", types.Raw(func(t *types.Thread, _ V, x []V) V {
				x = x[skip:]
				if x[1].Ref == nil {
					if x[0].Ref == nil {
						types.ThrowNull("format")
					}
					types.ThrowNull("args")
				}
				return types.Ref(compositeFormat(t, x[0].Str(), arrayArgs(x[1], "args")))
			})))
	}
	return out
}
