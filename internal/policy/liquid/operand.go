package liquid

import (
	"strings"
	"unicode"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// operand is a literal, a range or a variable.
type operand interface{ eval(r *run) Value }

type constant struct{ value Value }

func (c constant) eval(*run) Value { return c.value }

// broken is a literal that cannot be read, which is found out when it is used.
type broken struct{ typ, message string }

func (b broken) eval(*run) Value {
	panic(&thrown{b.typ, b.message})
}

var (
	blank = &symbol{"blank", func(v Value) bool {
		switch v := v.(type) {
		case nil:
			return true
		case bool:
			return !v
		case *types.String:
			return clr.IsBlank(v)
		}
		return isSequence(v) && sizeOf(v) == 0
	}}
	empty = &symbol{"empty", func(v Value) bool { return isSequence(v) && sizeOf(v) == 0 }}
)

// maxOperandDepth bounds ranges of ranges.
const maxOperandDepth = 20

func compileOperand(key string, depth int) operand {
	switch key {
	case "", "nil", "null":
		return constant{}
	case "true":
		return constant{true}
	case "false":
		return constant{false}
	case "blank":
		return constant{blank}
	case "empty":
		return constant{empty}
	}
	switch c := key[0]; {
	case c == '\'' || c == '"':
		if len(key) >= 2 && key[len(key)-1] == c {
			return constant{str(key[1 : len(key)-1])}
		}
	case c == '(':
		if low, high, ok := rangeEnds(key); ok && depth < maxOperandDepth {
			return &rangeOperand{compileOperand(low, depth+1), compileOperand(high, depth+1)}
		}
	case c >= '0' && c <= '9' || c == '+' || c == '-':
		if o := compileNumber(key); o != nil {
			return o
		}
	}
	return compilePath(key, depth)
}

// rangeEnds divides "(low..high)" at the last dots that leave both something.
func rangeEnds(key string) (low, high string, ok bool) {
	if key[len(key)-1] != ')' || strings.ContainsFunc(key, isSpace) {
		return "", "", false
	}
	inner := key[1 : len(key)-1]
	if inner == "" {
		return "", "", false
	}
	i := strings.LastIndex(inner[:len(inner)-1], "..") // something is left behind it
	if i <= 0 {
		return "", "", false
	}
	return inner[:i], inner[i+2:], true
}

// compileNumber reads a number; nil where key is none.
func compileNumber(key string) operand {
	digits := strings.TrimLeft(key[:1], "+-") + key[1:]
	if digits == "" {
		return nil
	}
	if strings.IndexFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		if n, status := format.ParseInt(key, format.IntegerStyle, 4, true); status == format.OK {
			return constant{int32(n)}
		} else if status == format.Bad {
			return broken{excFormat, "The input string '" + key + "' was not in a correct format."}
		}
		n, status := format.ParseInt(key, format.IntegerStyle, 8, true)
		if status != format.OK {
			return broken{excOverflow, "Value was either too large or too small for an Int64."}
		}
		return constant{n}
	}
	if !unicode.IsDigit(rune(digits[0])) || strings.IndexFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune(".,|", r) }) >= 0 {
		return nil
	}
	const styles = format.NumberStyle | format.FloatStyle
	if d, status := format.ParseDec(key, styles); status == format.OK {
		return constant{d}
	}
	if f, status := format.ParseFloat(key, styles, 64); status == format.OK {
		return constant{f}
	}
	return broken{excFormat, "The input string '" + key + "' was not in a correct format."}
}

type rangeOperand struct{ low, high operand }

func (o *rangeOperand) eval(r *run) Value {
	low, high := int64(toInt32(o.low.eval(r))), int64(toInt32(o.high.eval(r)))
	l := &List{typ: typeRange}
	if high < low {
		return l
	}
	n := high - low + 1
	r.t.Step(n)
	r.t.Alloc(n * 24)
	l.Items = make([]Value, n)
	for i := range l.Items {
		l.Items[i] = int32(low + int64(i))
	}
	return l
}

// part is one step of a path: a name, or what stands in brackets.
type part struct {
	name    string
	text    *types.String
	bracket operand
}

// pathOperand is a variable with the members asked of it; without parts it is nothing.
type pathOperand struct{ parts []part }

func compilePath(key string, depth int) operand {
	o := &pathOperand{}
	for _, s := range path(key) {
		if s[0] != '[' {
			o.parts = append(o.parts, part{name: s, text: str(s)})
			continue
		}
		inner := operand(constant{})
		if depth < maxOperandDepth {
			inner = compileOperand(s[1:len(s)-1], depth+1)
		}
		o.parts = append(o.parts, part{bracket: inner})
	}
	return o
}

func (o *pathOperand) eval(r *run) Value {
	if len(o.parts) == 0 {
		return nil
	}
	first := o.parts[0].name
	if b := o.parts[0].bracket; b != nil {
		first = text(b.eval(r))
	}
	v, ok := r.lookup(first)
	for _, p := range o.parts[1:] {
		if !ok || v == nil && p.bracket == nil {
			return nil
		}
		r.t.Step(1)
		v, ok = r.member(v, p)
	}
	if !ok {
		return nil
	}
	return v
}

// member is what a part makes of a value; ok is false where it has no such member.
func (r *run) member(of Value, p part) (Value, bool) {
	key := Value(p.text)
	if p.bracket != nil {
		key = p.bracket.eval(r)
	}
	switch of := of.(type) {
	case *pair:
		return of.member(r, key)
	case *Hash:
		if key == nil {
			throwNull("key")
		}
		if v, ok := of.Get(text(key)); ok {
			return v, true
		}
	case *List:
		if v, ok := of.at(key); ok {
			return v, true
		}
	case *drop:
		if key == nil {
			throwNullReference()
		}
		s, ok := key.(*types.String)
		if !ok {
			if _, has := of.get(text(key)); !has {
				return nil, false
			}
			throw(excCast, "Unable to cast object of type '%s' to type 'System.String'.", typeName(key))
		}
		return of.get(s.Go())
	}
	if p.bracket != nil || !isSequence(of) {
		return nil, false
	}
	return r.command(of, p.name)
}

// command is one of the words size, first and last.
func (r *run) command(of Value, name string) (Value, bool) {
	switch name {
	case "size", "Size":
		return int32(sizeOf(of)), true
	case "first", "First":
		return r.end(of, false), true
	case "last", "Last":
		return r.end(of, true), true
	}
	return nil, false
}

// end is the first or last element of a sequence; nil where it has none.
func (r *run) end(of Value, last bool) Value {
	n := sizeOf(of)
	if n == 0 {
		return nil
	}
	i := 0
	if last {
		i = n - 1
	}
	switch of := of.(type) {
	case *List:
		return of.Items[i]
	case *Hash:
		return &pair{of.keys[i], of.values[of.keys[i]]}
	case *types.String:
		return types.Char(of.Unit(i))
	}
	return nil
}

func (p *pair) member(r *run, key Value) (Value, bool) {
	if key == nil {
		throwNullReference()
	}
	s, isText := key.(*types.String)
	switch {
	case looseEqual(r, key, int64(0)) || isText && s.Go() == "Key":
		return str(p.key), true
	case looseEqual(r, key, int64(1)) || isText && (s.Go() == "Value" || s.Go() == p.key):
		return p.value, true
	}
	return nil, false
}

// at is the element that a whole number counts, from the end where it is negative.
func (l *List) at(key Value) (Value, bool) {
	switch k := kindOf(key); {
	case !l.indexed() || k < kInt32 || k > kDecimal:
		return nil, false
	case k == kDouble || k == kDecimal:
		if d := toDecimal(key); decimal.Compare(d.Truncate(), d) != 0 {
			return nil, false
		}
	}
	i := int(toInt32(key))
	if i < 0 {
		i += len(l.Items)
	}
	if i < 0 || i >= len(l.Items) {
		return nil, false
	}
	return l.Items[i], true
}
