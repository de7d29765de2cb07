package syntax

import "unicode/utf8"

// ExprOf reads a type as an expression, where C# leaves open which it is (`x is A.B`):
// dotted and simple names, and predefined types. It is false for any other type.
func ExprOf(t TypeExpr) (Expr, bool) {
	switch t := t.(type) {
	case *PredefinedType:
		return t, true
	case *NamedType:
		name := &NameExpr{Ident: t.Name, TypeArgs: t.TypeArgs, Full: Extent{t.Name.Start, t.End}}
		if t.Alias != nil {
			return &AliasExpr{Extent: t.Extent, Alias: *t.Alias, Name: name}, true
		}
		if t.Qualifier == nil {
			return name, true
		}
		x, ok := ExprOf(t.Qualifier)
		return &MemberExpr{Extent: t.Extent, X: x, Name: name}, ok
	}
	return nil, false
}

// Unparen is x without the parentheses around it.
func Unparen(x Expr) Expr {
	for {
		p, ok := x.(*ParenExpr)
		if !ok {
			return x
		}
		x = p.X
	}
}

// UTF16 is the text of a literal in UTF-16 code units. Texts of the tree are
// UTF-8, in which an unpaired surrogate ("\uD800") is kept as the three bytes
// that UTF-8 would use for its number.
func UTF16(text string) []uint16 {
	units := make([]uint16, 0, len(text))
	for i := 0; i < len(text); {
		if s, ok := surrogateAt(text, i); ok {
			units = append(units, s)
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if r >= 0x10000 {
			r -= 0x10000
			units = append(units, uint16(0xD800+r>>10), uint16(0xDC00+r&0x3FF))
		} else {
			units = append(units, uint16(r))
		}
		i += n
	}
	return units
}

// surrogateAt is the surrogate that text has at i in its three-byte form.
func surrogateAt(text string, i int) (uint16, bool) {
	if i+2 >= len(text) || text[i] != 0xED || text[i+1] < 0xA0 || text[i+1] > 0xBF || text[i+2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | uint16(text[i+1]&0x3F)<<6 | uint16(text[i+2]&0x3F), true
}
