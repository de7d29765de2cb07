package revocation

import (
	"bytes"
	"testing"
)

func BenchmarkParseCRL1M(b *testing.B) {
	raw := hugeFor(b, 1_000_000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadCRL(bytes.NewReader(raw), maxListBytes); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup1M(b *testing.B) {
	list, err := ParseCRL(hugeFor(b, 1_000_000))
	if err != nil {
		b.Fatal(err)
	}
	serials := make([][]byte, 4096)
	for n := range serials {
		serials[n] = hugeSerial(n * 241)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if !list.lookup(serials[n%len(serials)], list.issuer).revoked {
			b.Fatal("not found")
		}
		n++
	}
}

func BenchmarkLookupMapped1M(b *testing.B) {
	list, err := ParseCRL(hugeFor(b, 1_000_000))
	if err != nil {
		b.Fatal(err)
	}
	list.entries.settle(b.TempDir())
	serials := make([][]byte, 4096)
	for n := range serials {
		serials[n] = hugeSerial(-n - 1)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if list.lookup(serials[n%len(serials)], list.issuer).revoked {
			b.Fatal("found")
		}
		n++
	}
}

func BenchmarkShrink1M(b *testing.B) {
	list, err := ParseCRL(hugeFor(b, 1_000_000))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if list.entries.adds(&list.entries) {
			b.Fatal("a list adds to itself")
		}
	}
}
