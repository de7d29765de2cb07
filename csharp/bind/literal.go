package bind

import (
	"math"
	"strconv"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

func sourceSpan(start, end int) source.Span { return source.Span{Start: start, End: end} }

func newConst(t *types.Type, v types.Value, n syntax.Node) *Const { return &Const{E{t, n.Span()}, v} }

func (b *binder) bindLiteral(l *syntax.Literal) Expr {
	switch l.Kind {
	case syntax.NullLit:
		return newConst(types.NullType, types.Null, l)
	case syntax.TrueLit:
		return newConst(types.BoolType, types.Bool(true), l)
	case syntax.FalseLit:
		return newConst(types.BoolType, types.Bool(false), l)
	case syntax.CharLit:
		return newConst(types.CharType, types.Uint(l.Int), l)
	case syntax.StringLit:
		return newConst(types.StringType, types.Ref(stringOf(l.Text)), l)
	case syntax.IntLit:
		return intLiteral(l)
	}
	return b.realLiteral(l)
}

// stringOf makes a String of a text of the tree.
func stringOf(text string) *types.String { return types.NewString(text) }

// intLiteral gives an integer the first of int, uint, long, ulong that holds it and that its suffix allows.
func intLiteral(l *syntax.Literal) Expr {
	t := types.UInt64Type
	switch v := l.Int; {
	case l.Suffix == syntax.NoSuffix && v <= math.MaxInt32:
		t = types.Int32Type
	case (l.Suffix == syntax.NoSuffix || l.Suffix == syntax.SuffixU) && v <= math.MaxUint32:
		t = types.UInt32Type
	case (l.Suffix == syntax.NoSuffix || l.Suffix == syntax.SuffixL) && v <= math.MaxInt64:
		t = types.Int64Type
	case l.Suffix == syntax.SuffixF:
		return newConst(types.SingleType, types.Float32(float32(v)), l)
	case l.Suffix == syntax.SuffixD:
		return newConst(types.DoubleType, types.Float64(float64(v)), l)
	case l.Suffix == syntax.SuffixM:
		return newConst(types.DecimalType, types.Dec(decimal.FromUint64(v)), l)
	}
	return newConst(t, types.Uint(l.Int), l)
}

func (b *binder) realLiteral(l *syntax.Literal) Expr {
	switch l.Suffix {
	case syntax.SuffixM:
		d, syntaxOK, fits := decimal.Parse(l.Text)
		if !syntaxOK || !fits {
			return b.bad(l, "CS0594", "Floating-point constant is outside the range of type 'decimal'")
		}
		return newConst(types.DecimalType, types.Dec(d), l)
	case syntax.SuffixF:
		f, err := strconv.ParseFloat(l.Text, 32)
		if err != nil && math.IsInf(f, 0) {
			return b.bad(l, "CS0594", "Floating-point constant is outside the range of type 'float'")
		}
		return newConst(types.SingleType, types.Float32(float32(f)), l)
	}
	f, err := strconv.ParseFloat(l.Text, 64)
	if err != nil && math.IsInf(f, 0) {
		return b.bad(l, "CS0594", "Floating-point constant is outside the range of type 'double'")
	}
	return newConst(types.DoubleType, types.Float64(f), l)
}

// spanNode is a place as a node.
type spanNode source.Span

// Span is the place.
func (s spanNode) Span() source.Span { return source.Span(s) }
