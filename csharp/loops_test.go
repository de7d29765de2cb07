package csharp_test

import (
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// TestLoops has loops of the forms that the compiler knows shorter ways for, and their neighbours.
func TestLoops(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"counted, one effect", `int s = 0; for (int i = 0; i < 5; i++) s += i; return s;`, "10"},
		{"counted, ++i", `int s = 0; for (int i = 0; i < 5; ++i) { s += i; } return s;`, "10"},
		{"limit in a variable that changes", `int s = 0, n = 10; for (int i = 0; i < n; i++) { s += i; n -= 1; } return s + "," + n;`, "10,5"},
		{"body moves the counter", `int s = 0; for (int i = 0; i < 10; i++) i += 2; for (int i = 0; i < 10; i++) { s++; i++; } return s;`, "5"},
		{"continue and break", `int s = 0; for (int i = 0; i < 10; i++) { if (i % 2 == 0) continue; if (i > 7) break; s += i; } return s;`, "16"},
		{"break out of the inner loop only", `int s = 0; for (int i = 0; i < 3; i++) { for (int j = 0; j < 3; j++) { if (j == 1) break; s += 1; } } return s;`, "3"},
		{"return from within", `for (int i = 0; i < 10; i++) { if (i == 4) return i; } return -1;`, "4"},
		{"captured counter", `var f = new System.Collections.Generic.List<System.Func<int>>(); for (int i = 0; i < 3; i++) f.Add(() => i); return f[0]() + f[2]();`, "6"},
		{"wraps around", `int s = 0; for (int i = int.MaxValue - 1; i < int.MaxValue; i++) s += i; return s;`, "2147483646"},
		{"sum wraps around", `int s = int.MaxValue; for (int i = 0; i < 2; i++) s += i; return s;`, "-2147483648"},
		{"checked sum", `try { int s = int.MaxValue; for (int i = 0; i < 2; i++) s = checked(s + i); return s; } catch (System.OverflowException) { return "overflow"; }`, "overflow"},
		{"old value is read first", `int s = 1; s += (s = 5); return s;`, "6"},
		{"sum of itself", `int s = 3; s += s; return s;`, "6"},
		{"sum of doubles", `double s = 0; for (int i = 0; i < 4; i++) s += 0.5; return s;`, "2"},
		{"sum of longs", `long s = int.MaxValue; for (int i = 0; i < 3; i++) s += i; return s;`, "2147483650"},
		{"short sum is cut", `short s = short.MaxValue; for (int i = 0; i < 2; i++) s += 1; return s;`, "-32767"},
		{"endless", `for (int i = 0; i < 10; i++) i--; return 0;`, "budget"},
	}
	u := clr.Universe()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, ds := csharp.Compile("@{ "+tt.src+" }", csharp.Env{Universe: u})
			if p == nil {
				t.Fatal(ds)
			}
			thread := &types.Thread{U: u}
			thread.Start(types.Budget{Steps: 100_000})
			v, err := p.Run(thread)
			if err != nil {
				if _, ok := err.(*types.Exceeded); !ok || tt.want != "budget" {
					t.Fatalf("%s: %v; want %s", tt.src, err, tt.want)
				}
				return
			}
			if _, got, err := csharp.Canonical(thread, v, p.Result()); err != nil || got != tt.want {
				t.Errorf("%s = %s, %v; want %s", tt.src, got, err, tt.want)
			}
		})
	}
}
