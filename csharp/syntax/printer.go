package syntax

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Print writes a node as canonical C#: one space around binary operators, one
// statement a line, four spaces for each level, literals in their shortest
// regular form. What Print writes of a tree that was parsed without mistakes
// parses to a tree of the same form, of which Print writes the same.
func Print(n Node) string {
	w := &printer{}
	w.node(n)
	return string(w.buf)
}

// Print writes the whole form, @(…) or @{…}.
func (u *Unit) Print() string {
	w := &printer{}
	if u.Block == nil {
		w.put("@(")
		w.expr(u.Expr)
		w.put(")")
		return string(w.buf)
	}
	w.put("@")
	w.block(u.Block)
	return string(w.buf)
}

type printer struct {
	buf    []byte
	indent int
	// flat keeps everything on one line: in the hole of an interpolated string.
	flat bool
}

func (w *printer) put(s string) { w.buf = append(w.buf, s...) }

// line begins a new line.
func (w *printer) line() {
	if w.flat {
		w.put(" ")
		return
	}
	w.put("\n")
	for range w.indent {
		w.put("    ")
	}
}

func (w *printer) node(n Node) {
	switch n := n.(type) {
	case Expr:
		w.expr(n)
	case Stmt:
		w.stmt(n)
	case TypeExpr:
		w.typ(n)
	case Pattern:
		w.pattern(n)
	case Clause:
		w.clause(n)
	case Designation:
		w.vars(n)
	}
}

// each writes n things with commas between them.
func (w *printer) each(n int, write func(i int)) {
	for i := range n {
		if i > 0 {
			w.put(", ")
		}
		write(i)
	}
}

func (w *printer) ident(id Ident) {
	if _, reserved := keywords[id.Name]; reserved || id.Verbatim {
		w.put("@")
	}
	w.put(id.Name)
}

func (w *printer) name(n *NameExpr) {
	w.ident(n.Ident)
	w.typeArgs(n.TypeArgs)
}

func (w *printer) typeArgs(args []TypeExpr) {
	if args == nil {
		return
	}
	w.put("<")
	for i, a := range args {
		_, omitted := a.(*OmittedType)
		switch {
		case i > 0 && omitted:
			w.put(",")
		case i > 0:
			w.put(", ")
		}
		w.typ(a)
	}
	w.put(">")
}

func (w *printer) typ(t TypeExpr) {
	switch t := t.(type) {
	case *PredefinedType:
		w.put(t.Name)
	case *NamedType:
		switch {
		case t.Alias != nil:
			w.ident(*t.Alias)
			w.put("::")
		case t.Qualifier != nil:
			w.typ(t.Qualifier)
			w.put(".")
		}
		w.ident(t.Name)
		w.typeArgs(t.TypeArgs)
	case *ArrayType:
		w.arrayElem(t)
		w.ranks(t)
	case *NullableType:
		w.typ(t.Elem)
		w.put("?")
	case *TupleType:
		w.put("(")
		w.each(len(t.Elems), func(i int) {
			w.typ(t.Elems[i].Type)
			if name := t.Elems[i].Name; name != nil {
				w.put(" ")
				w.ident(*name)
			}
		})
		w.put(")")
	case *RefType:
		w.put("ref ")
		if t.Readonly {
			w.put("readonly ")
		}
		w.typ(t.Elem)
	}
}

// arrayElem writes the innermost element type of an array type.
func (w *printer) arrayElem(t *ArrayType) {
	var elem TypeExpr = t
	for {
		a, ok := elem.(*ArrayType)
		if !ok {
			w.typ(elem)
			return
		}
		elem = a.Elem
	}
}

// ranks writes the ranks of an array type, the outermost first.
func (w *printer) ranks(t *ArrayType) {
	for ok := true; ok; t, ok = t.Elem.(*ArrayType) {
		w.put("[")
		w.commas(t.Rank)
		w.put("]")
	}
}

func (w *printer) commas(rank int) {
	for range rank - 1 {
		w.put(",")
	}
}

func (w *printer) vars(v Designation) {
	switch v := v.(type) {
	case *SingleVar:
		w.ident(v.Ident)
	case *DiscardVar:
		w.put("_")
	case *ParenVars:
		w.put("(")
		w.each(len(v.Vars), func(i int) { w.vars(v.Vars[i]) })
		w.put(")")
	}
}

func (w *printer) pattern(p Pattern) {
	switch p := p.(type) {
	case *ConstantPattern:
		w.expr(p.X)
	case *DeclarationPattern:
		w.typ(p.Type)
		w.put(" ")
		w.vars(p.Vars)
	}
}

func (w *printer) literal(n *Literal) {
	switch n.Kind {
	case NullLit:
		w.put("null")
	case TrueLit:
		w.put("true")
	case FalseLit:
		w.put("false")
	case IntLit:
		if n.Hex {
			w.put("0x")
			w.buf = strconv.AppendUint(w.buf, n.Int, 16)
		} else {
			w.buf = strconv.AppendUint(w.buf, n.Int, 10)
		}
		w.put(suffixTexts[n.Suffix])
	case RealLit:
		w.put(n.Text)
		w.put(suffixTexts[n.Suffix])
	case CharLit:
		w.put("'")
		if r := rune(n.Int); r == '\'' {
			w.put(`\'`)
		} else if r == '"' {
			w.put(`"`)
		} else {
			w.char(r)
		}
		w.put("'")
	case StringLit:
		w.put(`"`)
		w.text(n.Text, false)
		w.put(`"`)
	}
}

var suffixTexts = [...]string{SuffixU: "u", SuffixL: "L", SuffixUL: "UL", SuffixF: "f", SuffixD: "d", SuffixM: "m"}

// text writes the inside of a regular string; braces are doubled in an interpolated one.
func (w *printer) text(s string, interpolated bool) {
	for i := 0; i < len(s); {
		if unit, ok := surrogateAt(s, i); ok {
			w.char(rune(unit))
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if interpolated && (r == '{' || r == '}') {
			w.buf = append(w.buf, byte(r))
		}
		w.char(r)
	}
}

// char writes a character of a string, escaped where that is needed.
func (w *printer) char(r rune) {
	switch r {
	case '"':
		w.put(`\"`)
	case '\\':
		w.put(`\\`)
	case '\n':
		w.put(`\n`)
	case '\r':
		w.put(`\r`)
	case '\t':
		w.put(`\t`)
	default:
		if unicode.IsPrint(r) {
			w.buf = utf8.AppendRune(w.buf, r)
			return
		}
		width, letter := 4, "u"
		if r > 0xFFFF {
			width, letter = 8, "U"
		}
		digits := strconv.FormatInt(int64(r), 16)
		w.put(`\` + letter)
		for range width - len(digits) {
			w.put("0")
		}
		w.put(digits)
	}
}

func (w *printer) interpolated(n *InterpolatedExpr) {
	flat := w.flat
	w.flat = true
	w.put(`$"`)
	for i := range n.Parts {
		part := &n.Parts[i]
		if part.X == nil {
			w.text(part.Text, true)
			continue
		}
		w.put("{")
		w.expr(part.X)
		if part.Align != nil {
			w.put(",")
			w.expr(part.Align)
		}
		if part.HasFormat {
			w.put(":")
			w.text(part.Format, true)
		}
		w.put("}")
	}
	w.put(`"`)
	w.flat = flat
}
