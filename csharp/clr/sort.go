package clr

import (
	"math/bits"
	"sort"

	"github.com/postern-gateway/postern/csharp/types"
)

// sorter sorts as .NET's ArraySortHelper does, step for step: an introspective sort, which is not stable, so that equal elements end
// up in .NET's order. items, where not nil, follow their keys.
type sorter struct {
	t           *types.Thread
	keys, items []types.Value
	compare     ordering
}

// insertionLimit is the size from which on partitions are divided.
const insertionLimit = 16

// sortValues sorts keys, with items beside them. An exception of the comparer arrives as the InnerException of an InvalidOperationException.
func sortValues(t *types.Thread, keys, items []types.Value, compare ordering) {
	if len(keys) < 2 {
		return
	}
	defer wrapCompare()
	s := &sorter{t, keys, items, compare}
	s.intro(0, len(keys), 2*(bits.Len(uint(len(keys)))))
}

// inconsistent marks the exception about a comparer that contradicts itself, which travels as it is.
var inconsistent any = new(int)

// wrapCompare turns an exception in flight into that of a comparison that failed.
func wrapCompare() {
	switch p := recover().(type) {
	case nil:
	case *types.Exception:
		if p.Payload == inconsistent {
			panic(p)
		}
		panic(&types.Exception{T: types.InvalidOperationException, Text: types.NewString(msgCompareFailed), Inner: p})
	default:
		panic(p)
	}
}

func (s *sorter) cmp(a, b types.Value) int {
	s.t.Step(1)
	return s.compare(s.t, a, b)
}

func (s *sorter) swap(i, j int) {
	s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
	if s.items != nil {
		s.items[i], s.items[j] = s.items[j], s.items[i]
	}
}

func (s *sorter) swapIfGreater(i, j int) {
	if s.cmp(s.keys[i], s.keys[j]) > 0 {
		s.swap(i, j)
	}
}

// intro sorts [lo, hi).
func (s *sorter) intro(lo, hi, depth int) {
	for hi-lo > 1 {
		switch n := hi - lo; {
		case n == 2:
			s.swapIfGreater(lo, lo+1)
			return
		case n == 3:
			s.swapIfGreater(lo, lo+1)
			s.swapIfGreater(lo, lo+2)
			s.swapIfGreater(lo+1, lo+2)
			return
		case n <= insertionLimit:
			s.insertion(lo, hi)
			return
		case depth == 0:
			s.heap(lo, hi)
			return
		}
		depth--
		p := s.partition(lo, hi)
		s.intro(p+1, hi, depth)
		hi = p
	}
}

// partition divides [lo, hi) around a pivot and gives where that ends up.
func (s *sorter) partition(lo, hi int) int {
	last := hi - 1
	middle := lo + (last-lo)>>1
	s.swapIfGreater(lo, middle)
	s.swapIfGreater(lo, last)
	s.swapIfGreater(middle, last)
	pivot := s.keys[middle]
	s.swap(middle, last-1)
	left, right := lo, last-1
	for left < right {
		for left++; left < hi && s.cmp(s.keys[left], pivot) < 0; left++ {
		}
		for right--; right >= lo && s.cmp(pivot, s.keys[right]) < 0; right-- {
		}
		if left >= hi || right < lo {
			panic(&types.Exception{T: types.ArgumentException, Payload: inconsistent, Text: types.NewString(
				"Unable to sort because the IComparer.Compare() method returns inconsistent results. Either a value does not compare equal to itself, " +
					"or one value repeatedly compared to another value yields different results.")})
		}
		if left >= right {
			break
		}
		s.swap(left, right)
	}
	if left != last-1 {
		s.swap(left, last-1)
	}
	return left
}

func (s *sorter) insertion(lo, hi int) {
	for i := lo; i < hi-1; i++ {
		key := s.keys[i+1]
		var item types.Value
		if s.items != nil {
			item = s.items[i+1]
		}
		j := i
		for j >= lo && s.cmp(key, s.keys[j]) < 0 {
			s.keys[j+1] = s.keys[j]
			if s.items != nil {
				s.items[j+1] = s.items[j]
			}
			j--
		}
		s.keys[j+1] = key
		if s.items != nil {
			s.items[j+1] = item
		}
	}
}

func (s *sorter) heap(lo, hi int) {
	n := hi - lo
	for i := n >> 1; i >= 1; i-- {
		s.downHeap(i, n, lo)
	}
	for i := n; i > 1; i-- {
		s.swap(lo, lo+i-1)
		s.downHeap(1, i-1, lo)
	}
}

func (s *sorter) downHeap(i, n, lo int) {
	for i <= n>>1 {
		child := 2 * i
		if child < n && s.cmp(s.keys[lo+child-1], s.keys[lo+child]) < 0 {
			child++
		}
		if s.cmp(s.keys[lo+i-1], s.keys[lo+child-1]) >= 0 {
			return
		}
		s.swap(lo+i-1, lo+child-1)
		i = child
	}
}

// sortStable sorts the indices 0 … n-1 by less, keeping the order of equal ones: what OrderBy does.
func sortStable(n int, compare func(i, j int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if n < 2 {
		return order
	}
	defer wrapCompare()
	sort.SliceStable(order, func(a, b int) bool { return compare(order[a], order[b]) < 0 })
	return order
}

// searchSorted is BinarySearch over [lo, lo+n) of what get gives: the index found, or the complement of where the value would go.
func searchSorted(t *types.Thread, lo, n int, get func(i int) types.Value, value types.Value, compare ordering) int {
	defer wrapCompare()
	hi := lo + n - 1
	for lo <= hi {
		t.Step(1)
		i := lo + (hi-lo)>>1
		switch c := compare(t, get(i), value); {
		case c == 0:
			return i
		case c < 0:
			lo = i + 1
		default:
			hi = i - 1
		}
	}
	return ^lo
}
