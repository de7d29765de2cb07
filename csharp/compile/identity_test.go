package compile

import "testing"

func TestSameObject(t *testing.T) {
	one := any(int32(1))
	big := freshBox(int64(1 << 40))
	tests := []struct {
		name string
		a, b any
		want bool
	}{
		{"null and null", nil, nil, true},
		{"null and a box", nil, one, false},
		{"a copy of the reference", one, one, true},
		{"another box of a small number", freshBox(one), freshBox(one), false},
		{"another box of a large number", big, freshBox(int64(1 << 40)), false},
		{"boxes of other types", one, any(int64(1)), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sameObject(tt.a, tt.b); got != tt.want {
				t.Errorf("sameObject(%v, %v) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
		})
	}
	if x, ok := freshBox(one).(int32); !ok || x != 1 {
		t.Errorf("freshBox(1) = %v", x)
	}
}
