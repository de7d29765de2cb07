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
		{"up to and with", `int s = 0, n = 4; for (int i = 1; i <= n; i++) s += i; for (int i = 1; i <= 4; i++) s += i; return s;`, "20"},
		{"up to and with the greatest, which has no end", `int s = 0; for (int i = int.MaxValue - 1; i <= int.MaxValue; i++) s++; return s;`, "budget"},
		{"long counter", `long s = 0; for (long i = int.MaxValue; i < int.MaxValue + 3L; i++) s += i; return s;`, "6442450944"},
		{"long counter up to the greatest", `int s = 0; for (long i = long.MaxValue - 2; i < long.MaxValue; i++) { if (i < 0) break; s++; } return s;`, "2"},
		{"long up to and with the greatest, which has no end", `int s = 0; for (long i = long.MaxValue - 1; i <= long.MaxValue; i++) s++; return s;`, "budget"},
		{"while of arithmetic", `int x = 4096, n = 0; while (x != 1) { if (x % 2 == 0) x /= 2; else x = 3 * x + 1; n++; } return n;`, "12"},
		{"while that has no end", `int x = 1; while (x > 0) { x = 2; } return x;`, "budget"},
		{"while without a turn", `int x = 1; while (x < 0) { x = 2; } return x;`, "1"},
		{"division by powers of two", `var s = ""; for (int i = -5; i < 6; i++) { int q = i / 4, r = i % 4, z = i; z /= 4; s += q + "" + r + z + (i % 2 == 0 ? "e" : "o") + (i % 2 != 0) + " "; } return s;`,
			"-1-1-1oTrue -10-1eFalse 0-30oTrue 0-20eFalse 0-10oTrue 000eFalse 010oTrue 020eFalse 030oTrue 101eFalse 111oTrue "},
		{"division by other constants", `var s = ""; for (int i = -8; i < 9; i += 4) { int q = i / 3, r = i % 3; long l = i; s += q + "" + r + (l / 3) + (l % 3) + " "; } int m = int.MinValue; return s + m / 3 + m % 3 + m / 8 + m % 8;`,
			"-2-2-2-2 -1-1-1-1 0000 1111 2222 -715827882-2-2684354560"},
		{"constants on the left", `int x = 7; return (3 * x + 1) + "," + (5 + x) + "," + (6 & x) + "," + (100 - x) + "," + (100 / x);`, "22,12,6,93,14"},
		{"shifts", `int x = -5; uint u = 5; long l = -5; return (x << 33) + "," + (x >> 1) + "," + (u >> 1) + "," + (l << 65) + "," + (l >> 1);`, "-10,-3,2,-10,-3"},
		{"unsigned", `uint u = 1; ulong l = 1; u -= 2; l -= 2; u *= 2; return u + "," + l + "," + (u + 3);`, "4294967294,18446744073709551615,1"},
		{"a product wraps around", `int x = int.MaxValue; int y = 2 * x + 5; x *= 3; return y + "," + x;`, "3,2147483645"},
		{"more variables than registers", `int a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,n=14,o=15,p=16,q=17,r=18; for (int z = 0; z < 2; z++) { q += p; r += q; a += r; } return a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r;`, "436"},
		{"registers of a recursive call", `int F(int n) { int m = n; int r = n < 1 ? 0 : F(n - 1); return m + r; } return F(5);`, "15"},
		{"bools", `bool a = false, b = true; for (int i = 0; i < 3; i++) { a = !a; b = b & a; } return a + "," + b;`, "True,False"},
		{"doubles by constants", `double s = 8; s *= 0.5; s += 1; for (int i = 0; i < 2; i++) s += i * 0.5 - 1 / 4.0; return s / 2;`, "2.5"},
		{"over an array", `var s = ""; foreach (var x in new[] { 3, 1, 2 }) { if (x == 1) continue; s += x; } return s;`, "32"},
		{"over bytes", `int n = 0; foreach (int x in new byte[] { 200, 100 }) n += x; return n;`, "300"},
		{"over a string", `int n = 0; foreach (char c in "a,é,\uD83D\uDE00,") { if (c == ',') n++; } return n;`, "3"},
		{"over a string, left", `foreach (char c in "abc") { if (c == 'b') return c; } return 'x';`, "b"},
		{"over null", `string s = null; try { foreach (var c in s) { } return 0; } catch (NullReferenceException) { return 1; }`, "1"},
		{"characters by index", `string s = "a,b,c"; int n = 0; for (int i = 0; i < s.Length; i++) if (s[i] == ',') n++; return n;`, "2"},
		{"character out of range", `string s = "ab"; try { return s[2]; } catch (IndexOutOfRangeException e) { return e.Message; }`, "Index was outside the bounds of the array."},
		{"character at a negative index", `string s = "ab"; int i = -1; try { return s[i]; } catch (IndexOutOfRangeException) { return "out"; }`, "out"},
		{"length of null", `string s = null; try { return s.Length; } catch (NullReferenceException) { return "null"; }`, "null"},
		{"calls of two numbers", `int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b); return Gcd(1071, 462);`, "21"},
		{"calls that capture", `int n = 3; int F(int x) { n += x; return n; } return F(1) + F(2);`, "10"},
		{"calls that give a bool", `bool Even(int n) => n == 0 || Odd(n - 1); bool Odd(int n) => n != 0 && Even(n - 1); return Even(10) + "," + Odd(10);`, "True,False"},
		{"calls without an end", `int F(int x) => F(x + 1) + 1; return F(0);`, "budget"},
		{"pieces", `string s = " ab cd "; return s.Trim().Substring(1) + "|" + s.Substring(3).Trim() + "|" + s.Substring(1).TrimEnd().TrimStart() + "|" + s.Trim().Trim() + "|" + s.Substring(7).Trim() + "|" + s.Substring(2).Substring(1);`, "b cd|cd|ab cd|ab cd|| cd "},
		{"pieces of what is not ASCII", `string s = " äb\u2003"; return s.Trim().Substring(1) + "|" + s.Substring(1).Trim() + "|" + s.TrimEnd().Substring(3).Length;`, "b|äb|0"},
		{"piece out of range", `string s = "ab "; try { return s.Trim().Substring(3); } catch (ArgumentOutOfRangeException e) { return e.Message; }`, "startIndex cannot be larger than length of string. (Parameter 'startIndex')"},
		{"piece before the beginning", `string s = "ab "; int i = -1; try { return s.Trim().Substring(i); } catch (ArgumentOutOfRangeException e) { return e.Message; }`, "StartIndex cannot be less than zero. (Parameter 'startIndex')"},
		{"piece of null", `string s = null; int n = 0; try { return s.Substring(n++).Trim(); } catch (NullReferenceException) { return n; }`, "1"},
		{"piece that is the whole", `string s = "ab"; return object.ReferenceEquals(s, s.Trim().Substring(0));`, "True"},
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
