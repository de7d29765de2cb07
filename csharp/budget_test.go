package csharp_test

import (
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// runWithin runs a program within a budget.
func runWithin(t *testing.T, src string, b types.Budget) (types.Value, error) {
	t.Helper()
	u := clr.Universe()
	p, ds := csharp.Compile(src, csharp.Env{Universe: u})
	if p == nil {
		t.Fatal(src, ds)
	}
	thread := &types.Thread{U: u}
	thread.Start(b)
	return p.Run(thread)
}

// TestWorkIsCharged holds members that make or go over much to count it: each program asks in few calls for more than its budget,
// which has no bound of time.
func TestWorkIsCharged(t *testing.T) {
	const text = `string a = new string('a', 100000), b = a + "", w = new string('é', 100000), d = new string('1', 100000); var bytes = new byte[100000]; int x = 0; `
	many := func(statement string) string {
		return "@{ " + text + "for (int n = 0; n < 2000; n++) { " + statement + " } return x; }"
	}
	tests := []struct{ name, src string }{
		{"new string", `@(new string('a', 100000000))`},
		{"PadLeft", `@("".PadLeft(100000000))`},
		{"PadRight", `@("".PadRight(100000000, 'é'))`},
		{"Range to a list", `@(Enumerable.Range(0, 100000000).ToList())`},
		{"Repeat to an array", `@(Enumerable.Repeat(1, 100000000).ToArray())`},
		{"Range summed", `@(Enumerable.Range(0, 100000000).Sum(x => (long)x))`},
		{"Repeat concatenated", `@(string.Concat(Enumerable.Repeat("abcdefgh", 100000000)))`},
		{"Range joined", `@(string.Join(",", Enumerable.Range(0, 100000000)))`},
		{"array", `@(new int[60000000])`},
		{"bytes", `@(new byte[2000000000])`},
		{"list of a capacity", `@(new List<int>(100000000))`},
		{"dictionary of a capacity", `@(new Dictionary<int, int>(100000000).Count + new HashSet<int>(100000000).Count)`},
		{"Append of a char", `@(new StringBuilder().Append('a', 100000000))`},
		{"Insert of a count", `@(new StringBuilder().Insert(0, "abc", 100000000))`},
		{"Array.CreateInstance", `@(Array.CreateInstance(typeof(int), 100000000))`},
		{"width in Format", many(`x += string.Format("{0,900000}", 1).Length;`)},
		{"digits in ToString", `@(1.ToString("D100000000"))`},
		{"digits of a double", `@(1.5.ToString("F999999999"))`},
		{"random bytes", `@(RandomNumberGenerator.GetBytes(100000000))`},
		{"keys", `@{ int x = 0; for (int n = 0; n < 2000; n++) { x += RSA.Create(2048).ExportRSAPublicKey().Length; } return x; }`},
		{"JSON of a range", `@(new JArray(Enumerable.Range(0, 100000000)))`},
		{"Replace that multiplies", `@{ string a = new string('a', 10000); return a.Replace("a", a); }`},
		{"hash", many(`x += SHA256.HashData(bytes).Length;`)},
		{"GetHashCode", many(`x += a.GetHashCode();`)},
		{"comparison", many(`x += string.CompareOrdinal(a, b);`)},
		{"Contains", many(`x += a.Contains("b") ? 1 : 0;`)},
		{"IndexOf a char", many(`x += a.IndexOf('b');`)},
		{"Substring of what is not ASCII", many(`x += w.Substring(1).Length;`)},
		{"Trim", many(`x += a.Trim('a').Length;`)},
		{"Split without a find", many(`x += a.Split('b').Length;`)},
		{"Normalize", many(`x += w.Normalize().Length;`)},
		{"white space", many(`x += string.IsNullOrWhiteSpace(a) ? 1 : 0;`)},
		{"parsing by reference", many(`int y; x += int.TryParse(d, out y) ? 1 : 0;`)},
		{"parsing by Convert", many(`try { x += Convert.ToInt32((object)d); } catch (OverflowException) { }`)},
		{"by a delegate", `@{ ` + text + `return Enumerable.Repeat(d, 2000).Select(Uri.UnescapeDataString).Count(y => y == null); }`},
		{"decoding", many(`x += Uri.UnescapeDataString(a).Length;`)},
		{"encoding of bytes", many(`x += BitConverter.ToString(bytes).Length;`)},
		{"StringBuilder.Replace", `@{ var sb = new StringBuilder(new string('a', 100000)); for (int n = 0; n < 2000; n++) { sb.Replace("b", "c"); } return 0; }`},
		{"Reverse", `@{ var l = Enumerable.Range(0, 10000).ToList(); for (int n = 0; n < 2000; n++) { l.Reverse(); } return 0; }`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := runWithin(t, tt.src, types.Budget{Steps: 200_000, Bytes: 16 << 20, Depth: 100})
			var over *types.Exceeded
			if !errors.As(err, &over) || over.What != "steps" && over.What != "memory" {
				t.Errorf("%s = %v, %v; want steps or memory used up", tt.src, v, err)
			}
		})
	}
}

// TestExceededAtOnce runs a program on a thread that has used up its budget, and once more with a new one.
func TestExceededAtOnce(t *testing.T) {
	u := clr.Universe()
	p, ds := csharp.Compile(`@{ int n = 0; for (int i = 0; i < 2000; i++) n += i; return n; }`, csharp.Env{Universe: u})
	if p == nil {
		t.Fatal(ds)
	}
	thread := &types.Thread{U: u}
	thread.Start(types.Budget{Steps: 100})
	for range 3000 {
		var over *types.Exceeded
		if _, err := p.Run(thread); err != nil && !errors.As(err, &over) {
			t.Fatalf("Run = %v; want steps used up", err)
		}
	}
	thread.Start(types.Budget{Steps: 10_000})
	if v, err := p.Run(thread); err != nil || types.Box(p.Result(), v) != int32(1999000) {
		t.Errorf("Run after Start = %v, %v; want 1999000", v, err)
	}
}

// costlyPFX is a PKCS#12 file of nothing but a MAC that asks for so many rounds of hashing.
func costlyPFX(t *testing.T, rounds int) string {
	t.Helper()
	type algorithm struct {
		ID   asn1.ObjectIdentifier
		Null asn1.RawValue
	}
	type contentInfo struct {
		ID      asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	type digestInfo struct {
		Algorithm algorithm
		Digest    []byte
	}
	type macData struct {
		MAC    digestInfo
		Salt   []byte
		Rounds int
	}
	sha1 := algorithm{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.NullRawValue}
	der, err := asn1.Marshal(struct {
		Version int
		Safe    contentInfo
		MAC     macData
	}{3, contentInfo{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, []byte{0x30, 0}},
		macData{digestInfo{sha1, make([]byte, 20)}, []byte("saltsalt"), rounds}})
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// TestPFXIsCharged loads files that ask for more and for less rounds of hashing than the budget has.
func TestPFXIsCharged(t *testing.T) {
	budget := types.Budget{Steps: 1_000_000, Bytes: 16 << 20, Depth: 100}
	load := func(rounds int) string {
		return `new X509Certificate2(Convert.FromBase64String("` + costlyPFX(t, rounds) + `"), "secret")`
	}
	tests := []struct{ name, src, want string }{
		{"too many rounds", "@(" + load(5_000_000) + ")", "budget of steps"},
		{"as many in a loop", "@{ for (int n = 0; n < 1000; n++) { try { var c = " + load(2000) + "; } catch (CryptographicException) { } } return 0; }", "budget of steps"},
		{"usual rounds", "@(" + load(2000) + ")", "the password may be incorrect"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := runWithin(t, tt.src, budget); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v; want %s", tt.src, err, tt.want)
			}
		})
	}
}
