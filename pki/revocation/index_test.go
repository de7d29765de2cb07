package revocation

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestIndexFindsWhatWasAdded compares the index with a map, for serial numbers that share prefixes, repeat, and differ
// in length, with and without issuers, on the heap and mapped.
func TestIndexFindsWhatWasAdded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	for _, tt := range []struct {
		name    string
		count   int
		issuers bool
		mapped  bool
		serial  func() []byte
	}{
		{"short", 300, false, false, func() []byte { return []byte{1 + byte(random.IntN(100))} }},
		{"one prefix", 20000, false, false, func() []byte {
			return append([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, byte(random.IntN(90)), byte(random.IntN(90)))
		}},
		{"many lengths", 5000, true, false, func() []byte { return bytes.Repeat([]byte{1 + byte(random.IntN(9))}, 1+random.IntN(20)) }},
		{"random", 30000, true, true, func() []byte {
			b := make([]byte, 16)
			b[0] = 1
			for i := 1; i < 16; i++ {
				b[i] = byte(random.IntN(256))
			}
			return b
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var x index
			all := map[string][]item{}
			for n := range tt.count {
				i := item{date: uint32(n), reason: int8(n % 7)}
				if tt.issuers && n > tt.count/2 {
					i.issuer = uint32(n)
				}
				s := tt.serial()
				x.add(s, i, tt.count)
				all[string(s)] = append(all[string(s)], i)
			}
			x.sort()
			if tt.mapped {
				if x.settle(t.TempDir()); x.mapped == nil {
					t.Skip("files are not mapped on this system")
				}
			}
			if x.count != tt.count {
				t.Errorf("count = %d, want %d", x.count, tt.count)
			}
			for s, items := range all {
				var got []item
				x.find([]byte(s), func(i item) bool { got = append(got, i); return true })
				slices.SortFunc(got, func(a, b item) int { return int(a.date) - int(b.date) })
				if !slices.Equal(got, items) {
					t.Fatalf("%x: %v, want %v", s, got, items)
				}
			}
			x.find([]byte("not there"), func(i item) bool { t.Errorf("found %v", i); return true })
			more := index{}
			for s := range all {
				more.add([]byte(s), item{}, 0)
			}
			more.sort()
			if x.adds(&more) || more.adds(&x) {
				t.Error("the same serial numbers add something")
			}
			more.add([]byte{0x7f, 1, 2}, item{}, 0)
			more.sort()
			if x.adds(&more) || !more.adds(&x) {
				t.Error("one serial number more is not seen")
			}
		})
	}
}

func TestDatesOfEntries(t *testing.T) {
	for text, want := range map[string]uint32{
		"700101000000Z": 0, "260301120000Z": 1772366400, "000229235959Z": 951868799, "491231235959Z": 2524607999,
		"500101000000Z": 0, "991231235959Z": 946684799, "261301000000Z": 0, "26030112000xZ": 0, "260301120000+": 0,
	} {
		if got := utcSeconds([]byte(text)); got != want {
			t.Errorf("utcSeconds(%s) = %d, want %d", text, got, want)
		}
	}
}
