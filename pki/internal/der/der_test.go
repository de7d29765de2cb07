package der

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		name, in, content string
		err               error
	}{
		{"short length", "0c026162", "6162", nil},
		{"long length", "0c81026162", "6162", nil},
		{"leading zeros in the length", "0c8300000261620c", "6162", nil},
		{"high tag number", "1f8101026162", "6162", nil},
		{"indefinite length", "30800000", "", ErrIndefinite},
		{"truncated content", "0c0361", "", ErrTruncated},
		{"truncated length", "0c82ff", "", ErrTruncated},
		{"truncated tag", "1f81", "", ErrTruncated},
		{"nothing", "", "", ErrTruncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := NewReader(unhex(t, c.in)).Next()
			if !errors.Is(err, c.err) || hex.EncodeToString(e.Content) != c.content {
				t.Errorf("Next = %x, %v; want %s, %v", e.Content, err, c.content, c.err)
			}
		})
	}
	if _, err := NewReader(unhex(t, "0c8800ffffffffffffff")).Next(); err == nil {
		t.Error("a length beyond all bounds is read")
	}
}

func TestObjectIdentifiers(t *testing.T) {
	for _, c := range []struct {
		name, in, text string
		known          bool
	}{
		{"common name", "550403", "2.5.4.3", true},
		{"zero", "00", "0.0", true},
		{"first arc one", "4f", "1.39", true},
		{"second arc above 39", "883703", "2.999.3", true},
		{"an arc of 128 bits", "6983ffffffffffffffffffffffffffffffffff7f", "2.25.340282366920938463463374607431768211455", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := unhex(t, c.in)
			if got, err := OIDText(in); err != nil || got != c.text {
				t.Errorf("OIDText = %q, %v; want %q", got, err, c.text)
			}
			if got := bigOIDText(in); got != c.text {
				t.Errorf("bigOIDText = %q, want %q", got, c.text)
			}
			id, err := ObjectIdentifier(in)
			if err != nil || (id[len(id)-1] >= 0) != c.known || c.known && id.String() != c.text {
				t.Errorf("ObjectIdentifier = %v, %v", id, err)
			}
		})
	}
	for _, bad := range []string{"", "80", "5580", "558001", "ff"} {
		if got, err := OIDText(unhex(t, bad)); err == nil {
			t.Errorf("OIDText(%s) = %q, want an error", bad, got)
		}
	}
}

func TestBitsClearsUnusedBits(t *testing.T) {
	if bits, unused, err := Bits([]byte{3, 0xff}); err != nil || unused != 3 || !bytes.Equal(bits, []byte{0xf8}) {
		t.Errorf("Bits = %x, %d, %v", bits, unused, err)
	}
	for _, bad := range [][]byte{nil, {1}, {8, 0}} {
		if _, _, err := Bits(bad); err == nil {
			t.Errorf("Bits(%x) succeeds", bad)
		}
	}
}

func TestFromBER(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"definite form stays", "30030c0161", "30030c0161"},
		{"trailing bytes go", "30030c0161ffff", "30030c0161"},
		{"indefinite length", "30800c01610000", "30030c0161"},
		{"indefinite within indefinite", "308030800c016100000000", "300530030c0161"},
		{"octets in pieces", "24800401610402626300000c", "0403616263"},
		{"octets in pieces of definite length", "2406040161040162", "04026162"},
		{"octets in pieces within a sequence", "30082406040161040162", "300404026162"},
		{"pieces within pieces", "2480240304016100000000", "040161"},
		{"implicit tag keeps its pieces", "a08004016100000000", "a003040161"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FromBER(unhex(t, c.in))
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("FromBER = %x, %v; want %s", got, err, c.want)
			}
		})
	}
	for _, c := range []struct{ name, in string }{
		{"no end", "30800c0161"}, {"half an end", "30800c016100"}, {"primitive indefinite", "04800000"},
		{"a piece that is none", "24800c01610000"}, {"nothing", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := FromBER(unhex(t, c.in)); err == nil {
				t.Errorf("FromBER = %x, want an error", got)
			}
		})
	}
	if _, err := FromBER(bytes.Repeat([]byte{0x30, 0x80}, 100_000)); err == nil {
		t.Error("elements of any depth are read")
	}
}

// FuzzFromBER: the result is definite, and rewriting it again changes nothing.
func FuzzFromBER(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 4, 1, 'a', 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		once, err := FromBER(data)
		if err != nil {
			return
		}
		if _, err := NewReader(once).Next(); err != nil {
			t.Fatalf("%x became %x: %v", data, once, err)
		}
		if twice, err := FromBER(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x and then %x, %v", data, once, twice, err)
		}
	})
}
