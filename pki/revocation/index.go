package revocation

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"sync/atomic"
	"time"
)

// index finds the entries of a list by serial number. It has a table for each length of serial numbers: records of
// one width, sorted, without a pointer, so that a million entries cost about twenty megabytes and the collector
// nothing. The records lie on the heap, or in a file that has no name and is mapped into memory.
type index struct {
	tables []table
	meta   int
	count  int
	mapped *mapping
}

// table has the records of the serial numbers of one length: the number, what is said of it, and nothing between them.
type table struct {
	size, width int
	records     []byte
}

// Sizes of what follows the serial number in a record.
const (
	// metaPlain is the date of revocation in seconds since 1970 (0 if it is not known) and the reason.
	metaPlain = 5
	// metaIssuer is the same and the number of the entry's certificateIssuer, 0 for the list's own.
	metaIssuer = 9
)

// item is what a list says of a serial number.
type item struct {
	date   uint32
	reason int8
	// issuer is the number of the certificateIssuer, from 1; 0 is the list's own issuer.
	issuer uint32
}

// add appends an entry; sort has to be called before find. likely is how many octets of records are to be expected.
func (x *index) add(serial []byte, i item, likely int) {
	if x.meta == 0 {
		x.meta = metaPlain
	}
	if i.issuer > 0 && x.meta == metaPlain {
		x.widen()
	}
	t := x.table(len(serial))
	t.grow(likely)
	t.records = append(t.records, serial...)
	t.records = binary.BigEndian.AppendUint32(t.records, i.date)
	t.records = append(t.records, byte(i.reason))
	if x.meta == metaIssuer {
		t.records = binary.BigEndian.AppendUint32(t.records, i.issuer)
	}
	x.count++
}

// table is the table of a length. Nearly all serial numbers of one list have the same length or two.
func (x *index) table(size int) *table {
	for n := range x.tables {
		if x.tables[n].size == size {
			return &x.tables[n]
		}
	}
	x.tables = append(x.tables, table{size: size, width: size + x.meta})
	return &x.tables[len(x.tables)-1]
}

// Reserves of a table: a list may announce what never comes, so that only one whose first part has come is believed.
const (
	firstRecords  = 64 << 10
	believedAfter = 20 // a twentieth
)

// grow makes room for another record. A table of the likely size is reached exactly, without waste.
func (t *table) grow(likely int) {
	if len(t.records)+t.width <= cap(t.records) {
		return
	}
	room := max(2*cap(t.records), firstRecords, t.width)
	if likely > len(t.records)+t.width && (likely < room || len(t.records) >= likely/believedAfter) {
		room = likely
	}
	records := make([]byte, len(t.records), room)
	copy(records, t.records)
	t.records = records
}

// widen makes room for the issuer in every record.
func (x *index) widen() {
	x.meta = metaIssuer
	for n := range x.tables {
		t := &x.tables[n]
		wide := make([]byte, 0, len(t.records)/t.width*(t.size+metaIssuer))
		for at := 0; at < len(t.records); at += t.width {
			wide = append(append(wide, t.records[at:at+t.width]...), 0, 0, 0, 0)
		}
		t.records, t.width = wide, t.size+metaIssuer
	}
}

// sort brings each table into the order of its records.
func (x *index) sort() {
	slices.SortFunc(x.tables, func(a, b table) int { return cmp.Compare(a.size, b.size) })
	for _, t := range x.tables {
		r := &records{data: t.records, width: t.width, spare: make([]byte, t.width)}
		if !sort.IsSorted(r) {
			r.radix(0, r.Len(), 0)
		}
	}
}

// bytes is the size of all records.
func (x *index) bytes() int {
	sum := 0
	for _, t := range x.tables {
		sum += len(t.records)
	}
	return sum
}

// find calls visit for each entry of a serial number (INTEGER content) until that returns false. It reports false if
// the records cannot be read any more, because the disk under them fails.
func (x *index) find(serial []byte, visit func(item) bool) (readable bool) {
	if x.mapped != nil {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			if recover() != nil {
				readable = false
			}
		}()
		defer runtime.KeepAlive(x)
	}
	for _, t := range x.tables {
		if t.size != len(serial) {
			continue
		}
		for at := t.search(serial); at < len(t.records) && bytes.Equal(t.records[at:at+t.size], serial); at += t.width {
			if !visit(x.item(t.records[at+t.size : at+t.width])) {
				break
			}
		}
		break
	}
	return true
}

// item reads what follows a serial number.
func (x *index) item(meta []byte) item {
	i := item{date: binary.BigEndian.Uint32(meta), reason: int8(meta[4])}
	if len(meta) == metaIssuer {
		i.issuer = binary.BigEndian.Uint32(meta[metaPlain:])
	}
	return i
}

// search is the offset of the first record whose serial number is not below serial.
func (t table) search(serial []byte) int {
	low, high := 0, len(t.records)/t.width
	for low < high {
		mid := int(uint(low+high) >> 1)
		if bytes.Compare(t.records[mid*t.width:mid*t.width+t.size], serial) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low * t.width
}

// adds reports whether x has a serial number that old has not. Both are sorted; it costs one walk over both.
func (x *index) adds(old *index) (added bool) {
	if x.mapped != nil || old.mapped != nil {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			if recover() != nil {
				added = true // what cannot be compared may well have changed
			}
		}()
		defer runtime.KeepAlive(x)
		defer runtime.KeepAlive(old)
	}
	for _, t := range x.tables {
		other := table{size: t.size, width: 1}
		for _, o := range old.tables {
			if o.size == t.size {
				other = o
			}
		}
		if t.addsTo(other) {
			return true
		}
	}
	return false
}

// addsTo reports whether t has a serial number that old has not.
func (t table) addsTo(old table) bool {
	o := 0
	for at := 0; at < len(t.records); at += t.width {
		serial := t.records[at : at+t.size]
		for o < len(old.records) && bytes.Compare(old.records[o:o+t.size], serial) < 0 {
			o += old.width
		}
		if o >= len(old.records) || !bytes.Equal(old.records[o:o+t.size], serial) {
			return true
		}
	}
	return false
}

// records sorts records of one width in their place.
type records struct {
	data  []byte
	width int
	spare []byte
}

// Len implements sort.Interface.
func (r *records) Len() int { return len(r.data) / r.width }

// Less implements sort.Interface.
func (r *records) Less(i, j int) bool { return bytes.Compare(r.at(i), r.at(j)) < 0 }

// Swap implements sort.Interface.
func (r *records) Swap(i, j int) {
	copy(r.spare, r.at(i))
	copy(r.at(i), r.at(j))
	copy(r.at(j), r.spare)
}

func (r *records) at(i int) []byte { return r.data[i*r.width : i*r.width+r.width] }

// Bounds of the radix sort: smaller parts, and what shares a longer prefix, are sorted by comparison.
const (
	radixLeast = 48
	radixDepth = 16
)

// insertion sorts a few records from low to high.
func (r *records) insertion(low, high int) {
	w := r.width
	for i := low + 1; i < high; i++ {
		at := i
		for at > low && bytes.Compare(r.data[i*w:i*w+w], r.data[(at-1)*w:at*w]) < 0 {
			at--
		}
		if at < i {
			copy(r.spare, r.at(i))
			copy(r.data[(at+1)*w:(i+1)*w], r.data[at*w:i*w])
			copy(r.at(at), r.spare)
		}
	}
}

// radix sorts the records from low to high, which share their first depth octets, by their octets one after another
// in their place ("American flag sort": McIlroy, Bostic, McIlroy, Engineering Radix Sort, 1993).
func (r *records) radix(low, high, depth int) {
	switch {
	case high-low < radixLeast:
		r.insertion(low, high)
		return
	case depth >= radixDepth || depth >= r.width:
		sort.Sort(&records{data: r.data[low*r.width : high*r.width], width: r.width, spare: r.spare})
		return
	}
	var count, next, end [256]int
	for i := low; i < high; i++ {
		count[r.data[i*r.width+depth]]++
	}
	at := low
	for b, n := range count {
		next[b] = at
		at += n
		end[b] = at
	}
	for b := range count {
		for next[b] < end[b] {
			to := r.data[next[b]*r.width+depth]
			if int(to) == b {
				next[b]++
				continue
			}
			r.Swap(next[b], next[to])
			next[to]++
		}
	}
	at = low
	for _, n := range count {
		if n > 1 {
			r.radix(at, at+n, depth+1)
		}
		at += n
	}
}

// mapFrom is the smallest index that is worth a file.
const mapFrom = 256 << 10

// settle moves a big index from the heap to a mapped file in dir. Where that is not possible it stays.
func (x *index) settle(dir string) {
	size := x.bytes()
	if x.mapped != nil {
		return
	}
	if dir == "" || size < mapFrom {
		for n := range x.tables {
			x.tables[n].records = slices.Clip(x.tables[n].records)
		}
		return
	}
	m, err := mapUnnamed(dir, size, func(write func([]byte) error) error {
		for _, t := range x.tables {
			if err := write(t.records); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return
	}
	at := 0
	for n := range x.tables {
		t := &x.tables[n]
		end := at + len(t.records)
		t.records, at = m.data[at:end:end], end
	}
	x.mapped = m
	if size >= releaseFrom {
		release()
	}
}

// releaseFrom is the size of an index whose memory is given back to the system at once, and not when the collector
// comes to it.
const releaseFrom = 4 << 20

var releasing atomic.Bool

// release gives unused memory back to the system soon, once for several lists that come together.
func release() {
	if releasing.CompareAndSwap(false, true) {
		time.AfterFunc(time.Second, func() {
			debug.FreeOSMemory()
			releasing.Store(false)
		})
	}
}

// indexPrefix begins the names of index files, which have a name for a moment only.
const indexPrefix = ".index-"
