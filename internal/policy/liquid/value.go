package liquid

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// Value is an object of the template language; see the package comment for what it may be.
type Value = any

// The run-time types of collections, as messages and texts show them.
const (
	typeList     = "System.Collections.Generic.List`1[System.Object]"
	typeStrings  = "System.String[]"
	typeSlice    = "System.Linq.Enumerable+IListSkipTakeIterator`1[System.Object]"
	typeSelect   = "System.Linq.Enumerable+ListSelectIterator`2[System.Object,System.Object]"
	typeWhere    = "System.Linq.Enumerable+IEnumerableWhereIterator`1[System.Object]"
	typeConcat   = "System.Linq.Enumerable+Concat2Iterator`1[System.Object]"
	typeRepeat   = "System.Linq.Enumerable+RepeatIterator`1[System.String]"
	typeRange    = "DotLiquid.Util.Range+<Inclusive>d__13`1[System.Int32]"
	typeHash     = "DotLiquid.Hash"
	typeObjects  = "System.Collections.Generic.Dictionary`2[System.String,System.Object]"
	typePair     = "System.Collections.Generic.KeyValuePair`2[System.String,System.Object]"
	typeSymbol   = "DotLiquid.Util.Symbol"
	typeKeyValue = "DotLiquid.Tags.LegacyKeyValueDrop"
	typeBlock    = "DotLiquid.Tags.BlockDrop"
)

// List is a sequence: a list, an array, or what a filter makes.
type List struct {
	// Items are its elements.
	Items []Value
	// typ is the run-time type.
	typ string
}

// NewList is a List<object>.
func NewList(items ...Value) *List { return &List{items, typeList} }

// indexed reports whether the sequence can be asked for its n-th element.
func (l *List) indexed() bool { return l.typ == typeList || l.typ == typeStrings }

// Hash is a dictionary with string keys in the order of their first setting.
type Hash struct {
	keys   []string
	values map[string]Value
	typ    string
	// fold tells that names match without regard to case where none matches with it.
	fold bool
}

// NewHash is an empty DotLiquid.Hash, whose names compare with case.
func NewHash() *Hash { return &Hash{values: map[string]Value{}, typ: typeHash} }

// NewFoldedHash is a Hash in which a name that is not there is looked for again without regard to case: header fields, XML elements.
func NewFoldedHash() *Hash {
	h := NewHash()
	h.fold = true
	return h
}

// Set gives a name its value and returns the Hash.
func (h *Hash) Set(name string, v Value) *Hash {
	if _, ok := h.values[name]; !ok {
		h.keys = append(h.keys, name)
	}
	h.values[name] = v
	return h
}

// Get is the value of a name.
func (h *Hash) Get(name string) (v Value, ok bool) {
	if v, ok = h.values[name]; ok || !h.fold {
		return v, ok
	}
	for _, k := range h.keys {
		if strings.EqualFold(k, name) {
			return h.values[k], true
		}
	}
	return nil, false
}

// Len is how many names there are.
func (h *Hash) Len() int { return len(h.keys) }

// pair is one entry of a Hash, as loops see it.
type pair struct {
	key   string
	value Value
}

// symbol is one of the words blank and empty.
type symbol struct {
	name string
	test func(Value) bool
}

// drop is an object that is never printed and only asked for members.
type drop struct {
	typ string
	get func(name string) (Value, bool)
}

// thrown is a .NET exception on its way, as a panic.
type thrown struct{ typ, message string }

func throw(typ, format string, args ...any) {
	panic(&thrown{typ, fmt.Sprintf(format, args...)})
}

// Exceptions that several places throw.
const (
	excArgument    = "System.ArgumentException"
	excArgNull     = "System.ArgumentNullException"
	excRange       = "System.ArgumentOutOfRangeException"
	excCast        = "System.InvalidCastException"
	excFormat      = "System.FormatException"
	excOverflow    = "System.OverflowException"
	excDivide      = "System.DivideByZeroException"
	excOperation   = "System.InvalidOperationException"
	excParameters  = "System.Reflection.TargetParameterCountException"
	excSyntax      = "DotLiquid.Exceptions.SyntaxException"
	excLiquid      = "DotLiquid.Exceptions.ArgumentException"
	excStack       = "DotLiquid.Exceptions.StackLevelException"
	excFile        = "DotLiquid.Exceptions.FileSystemException"
	excBudget      = "Postern.BudgetExceeded"
	excUnsupported = "Postern.NotSupported"
)

func throwNullReference() {
	throw("System.NullReferenceException", "Object reference not set to an instance of an object.")
}

func throwNull(param string) { throw(excArgNull, "Value cannot be null. (Parameter '%s')", param) }

// typeName is Type.FullName of a value that is not nil.
func typeName(v Value) string {
	if l, ok := v.(*List); ok {
		return l.typ
	}
	return kindOf(v).String()
}

// text is ToString of a value; that of nil is the failure that calling it is.
func text(v Value) string {
	switch v := v.(type) {
	case nil:
		throwNullReference()
	case bool:
		if v {
			return "True"
		}
		return "False"
	case decimal.Decimal:
		return v.String()
	case *pair:
		return "[" + v.key + ", " + textOrEmpty(v.value) + "]"
	case *List:
		return v.typ
	case *Hash:
		return v.typ
	case *drop:
		return v.typ
	case *symbol:
		return typeSymbol
	}
	return scalarText(v)
}

func scalarText(v Value) string {
	switch v := v.(type) {
	case *types.String:
		return v.Go()
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		s, _ := format.Float64(v, "")
		return s
	case types.Char:
		return types.StringFromUnits([]uint16{uint16(v)}).Go()
	case types.DateTime:
		s, _ := format.Date(moment(v), "")
		return s
	case types.TimeSpan:
		s, _ := format.Span(int64(v), "")
		return s
	case *big.Int:
		return v.String()
	}
	return fmt.Sprint(v)
}

const dateMask = 1<<62 - 1

func moment(d types.DateTime) format.Moment {
	return format.Moment{Ticks: int64(d & dateMask), Kind: int(d >> 62)}
}

// textOrEmpty is text, empty for nil.
func textOrEmpty(v Value) string {
	if v == nil {
		return ""
	}
	return text(v)
}

func str(s string) *types.String { return types.NewString(s) }

// printed is what {{ }} writes of an element or of a value that is no sequence.
func printed(v Value) string {
	if d, ok := v.(decimal.Decimal); ok { // without the zeros that tell its precision
		s, _ := format.Dec(d, "0.#############################")
		return s
	}
	return textOrEmpty(v)
}

// elements are what enumerating a value yields; ok is false for what cannot be enumerated.
func (r *run) elements(v Value) (items []Value, ok bool) {
	switch v := v.(type) {
	case *List:
		r.t.Step(int64(len(v.Items))/16 + 1)
		return v.Items, true
	case *Hash:
		r.alloc(len(v.keys) * 48)
		for _, k := range v.keys {
			items = append(items, &pair{k, v.values[k]})
		}
		return items, true
	case *types.String:
		r.alloc(v.Len() * 16)
		for _, u := range v.Units() {
			items = append(items, types.Char(u))
		}
		return items, true
	}
	return nil, false
}

// isSequence reports whether a value can be enumerated.
func isSequence(v Value) bool {
	switch v.(type) {
	case *List, *Hash, *types.String:
		return true
	}
	return false
}

func sizeOf(v Value) int {
	switch v := v.(type) {
	case *List:
		return len(v.Items)
	case *Hash:
		return len(v.keys)
	case *types.String:
		return v.Len()
	}
	return 0
}
