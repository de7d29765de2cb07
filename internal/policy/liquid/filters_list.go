package liquid

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

func listFilters() map[string]*filter {
	property := optional("property", aString, nil)
	return map[string]*filter{
		"Size":        with(anObject, func(_ *run, a []Value) Value { return int32(sizeOf(a[0])) }),
		"First":       with(aSequence, func(r *run, a []Value) Value { return r.end(a[0], false) }),
		"Last":        with(aSequence, func(r *run, a []Value) Value { return r.end(a[0], true) }),
		"Join":        with(aSequence, join, optional("glue", aString, str(" "))),
		"Slice":       with(anObject, slice, required("offset", anInt), optional("length", anInt, int32(1))),
		"Sort":        with(anObject, sortBy, property),
		"SortNatural": with(anObject, sortBy, property),
		"Map":         with(aSequence, mapTo, required("property", aString)),
		"Uniq":        with(anObject, uniq),
		"Compact":     with(anObject, compact),
		"Where":       with(aSequence, where, required("propertyName", aString), optional("targetValue", anObject, nil)),
		"Concat":      with(aSequence, concat, required("right", aSequence)),
		"Reverse":     with(aSequence, reverse),
	}
}

func join(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	items, _ := r.elements(a[0])
	glue := textOrEmpty(a[1])
	var b strings.Builder
	for i, item := range items {
		r.t.Step(1)
		n := b.Len()
		if i > 0 {
			b.WriteString(glue)
		}
		b.WriteString(textOrEmpty(item))
		r.alloc(b.Len() - n)
	}
	return str(b.String())
}

// slice is a part of a text or a sequence, from the end where offset is negative.
func slice(r *run, a []Value) Value {
	offset, length := int(a[1].(int32)), int(a[2].(int32))
	if s, ok := a[0].(*types.String); ok {
		return sliceText(s, offset, length)
	}
	items, ok := r.elements(a[0])
	if !ok {
		return a[0]
	}
	if n := len(items); offset < 0 && -offset < n {
		offset += n
	} else if offset < 0 {
		offset, length = 0, n+offset+length
	}
	offset = min(offset, len(items))
	end := offset + min(max(length, 0), len(items)-offset)
	return &List{items[offset:end:end], typeSlice}
}

func sliceText(s *types.String, start, length int) Value {
	n := s.Len()
	if start > n {
		return nil
	}
	if start < 0 {
		if start += n; start < 0 {
			length = max(0, length+start)
			start = 0
		}
	}
	length = min(length, n-start)
	if length < 0 {
		throw(excRange, "Length cannot be less than zero. (Parameter 'length')")
	}
	return s.Slice(start, start+length)
}

// flat are the elements of a sequence and of the sequences in it, and a value that is none alone. Texts and dictionaries in it stay whole.
func (r *run) flat(v Value) []Value {
	items, ok := r.elements(v)
	if !ok {
		return []Value{v}
	}
	var out []Value
	for _, item := range items {
		r.t.Step(1)
		if l, ok := item.(*List); ok {
			r.t.Enter()
			out = append(out, r.flat(l)...)
			r.t.Leave()
		} else {
			out = append(out, item)
		}
	}
	r.alloc(len(out) * 16)
	return out
}

// property is what an element has of that name, null where it has none.
func property(v Value, name string) Value {
	if h, ok := v.(*Hash); ok {
		p, _ := h.Get(name)
		return p
	}
	return nil
}

func sortBy(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	out := &List{r.flat(a[0]), typeList}
	if unset(a[1]) {
		r.sort(out.Items, compareObjects)
		return out
	}
	name := asString(a[1]).Go()
	r.sort(out.Items, func(x, y Value) int { return compareObjects(property(x, name), property(y, name)) })
	return out
}

// compareObjects is StringComparer.OrdinalIgnoreCase.Compare of objects.
func compareObjects(a, b Value) int {
	x, isText := a.(*types.String)
	y, bothText := b.(*types.String)
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	case isText && bothText:
		return clr.CompareIgnoreCase(x, y)
	case kindOf(a) == kindOf(b):
		return order(a, b)
	case kindOf(a) >= kList && a != b:
		throw(excArgument, "At least one object must implement IComparable.")
	}
	throw(excArgument, "Object must be of type %s.", kindOf(a).short())
	return 0
}

// sorter is .NET's introspective sort, whose order of equal elements templates can see.
type sorter struct {
	r       *run
	items   []Value
	compare func(a, b Value) int
}

// sort orders items; a comparison that fails is an exception of its own.
func (r *run) sort(items []Value, compare func(a, b Value) int) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(*thrown); ok {
				throw(excOperation, "Failed to compare two elements in the array.")
			}
			panic(p)
		}
	}()
	s := &sorter{r, items, func(a, b Value) int {
		r.t.Step(1)
		return compare(a, b)
	}}
	s.intro(0, len(items), 2*bits.Len(uint(len(items))))
}

func (s *sorter) swap(i, j int) { s.items[i], s.items[j] = s.items[j], s.items[i] }

func (s *sorter) ordered(i, j int) {
	if s.compare(s.items[i], s.items[j]) > 0 {
		s.swap(i, j)
	}
}

func (s *sorter) intro(low, high, depth int) {
	for high-low > 1 {
		switch n := high - low; {
		case n == 2:
			s.ordered(low, low+1)
			return
		case n == 3:
			s.ordered(low, low+1)
			s.ordered(low, low+2)
			s.ordered(low+1, low+2)
			return
		case n <= 16:
			s.insertion(low, high)
			return
		case depth == 0:
			s.heap(low, high)
			return
		}
		depth--
		p := s.partition(low, high)
		s.intro(p+1, high, depth)
		high = p
	}
}

func (s *sorter) insertion(low, high int) {
	for i := low; i < high-1; i++ {
		v, j := s.items[i+1], i
		for ; j >= low && s.compare(v, s.items[j]) < 0; j-- {
			s.items[j+1] = s.items[j]
		}
		s.items[j+1] = v
	}
}

func (s *sorter) partition(low, high int) int {
	last := high - 1
	middle := low + (last-low)>>1
	s.ordered(low, middle)
	s.ordered(low, last)
	s.ordered(middle, last)
	pivot := s.items[middle]
	s.swap(middle, last-1)
	i, j := low, last-1
	for i < j {
		for i++; i < last && s.compare(s.items[i], pivot) < 0; i++ {
		}
		for j--; j > low && s.compare(pivot, s.items[j]) < 0; j-- {
		}
		if i >= j {
			break
		}
		s.swap(i, j)
	}
	if i != last-1 {
		s.swap(i, last-1)
	}
	return i
}

func (s *sorter) heap(low, high int) {
	n := high - low
	for i := n / 2; i >= 1; i-- {
		s.down(low, i, n)
	}
	for i := n; i > 1; i-- {
		s.swap(low, low+i-1)
		s.down(low, 1, i-1)
	}
}

func (s *sorter) down(low, i, n int) {
	v := s.items[low+i-1]
	for i <= n/2 {
		child := 2 * i
		if child < n && s.compare(s.items[low+child-1], s.items[low+child]) < 0 {
			child++
		}
		if s.compare(v, s.items[low+child-1]) >= 0 {
			break
		}
		s.items[low+i-1] = s.items[low+child-1]
		i = child
	}
	s.items[low+i-1] = v
}

func mapTo(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	items, _ := r.elements(a[0])
	out := &List{make([]Value, len(items)), typeSelect}
	if len(items) == 0 {
		out.typ = typeList
	}
	r.alloc(len(items) * 16)
	for i, item := range items {
		if _, ok := item.(*Hash); ok && a[1] == nil {
			throwNull("key")
		}
		out.Items[i] = property(item, textOrEmpty(a[1]))
	}
	return out
}

func uniq(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	out := &List{typ: typeList}
	seen := map[any]bool{}
	for _, item := range r.flat(a[0]) {
		r.t.Step(1)
		key := identity(item)
		if !seen[key] {
			seen[key] = true
			out.Items = append(out.Items, item)
		}
	}
	r.alloc(len(seen) * 64)
	return out
}

// identity is a key that equal objects share and others do not.
func identity(v Value) any {
	type tagged struct {
		kind kind
		text string
	}
	switch v := v.(type) {
	case *types.String:
		return tagged{kString, v.Go()}
	case float64:
		return tagged{kDouble, text(v)}
	case decimal.Decimal:
		return tagged{kDecimal, printed(v)}
	case types.DateTime:
		return v & dateMask
	case *pair:
		return tagged{kPair, v.key}
	}
	return v
}

func compact(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	items := slices.DeleteFunc(r.flat(a[0]), func(v Value) bool { return v == nil })
	return &List{items, typeList}
}

func where(r *run, a []Value) Value {
	if a[0] == nil {
		return nil
	}
	name := asString(a[1])
	if name == nil || clr.IsBlank(name) {
		throw(excArgNull, "'propertyName' cannot be null or empty. (Parameter 'propertyName')")
	}
	items, _ := r.elements(a[0])
	out := &List{typ: typeWhere}
	for _, item := range items {
		r.t.Step(1)
		if has(r, property(item, name.Go()), a[2]) {
			r.alloc(16)
			out.Items = append(out.Items, item)
		}
	}
	return out
}

// has compares a property; where nothing is asked for or there, it must be there and not false.
func has(r *run, v, target Value) bool {
	if v != nil && target != nil {
		return looseEqual(r, v, target)
	}
	s := asString(v)
	return v != nil && v != false && (s == nil || !strings.EqualFold(s.Go(), "false"))
}

func concat(r *run, a []Value) Value {
	if a[0] == nil {
		return a[1]
	} else if a[1] == nil {
		return a[0]
	}
	left, _ := r.elements(a[0])
	right, _ := r.elements(a[1])
	r.alloc((len(left) + len(right)) * 16)
	return &List{append(slices.Clone(left), right...), typeConcat}
}

func reverse(r *run, a []Value) Value {
	if _, ok := a[0].(*types.String); ok || a[0] == nil {
		return a[0]
	}
	items, _ := r.elements(a[0])
	r.alloc(len(items) * 16)
	return &List{reversed(items), typeList}
}
