package clr

import (
	"errors"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// newThread is a thread with a budget for tests.
func newThread() *types.Thread {
	t := &types.Thread{U: Universe()}
	t.Start(types.Budget{Steps: 1 << 22, Bytes: 1 << 24, Depth: 100})
	return t
}

// caught is the exception that f throws, nil for none.
func caught(f func()) (e *types.Exception) {
	defer func() {
		if x := recover(); x != nil {
			err, _ := x.(error)
			if !errors.As(err, &e) {
				panic(x)
			}
		}
	}()
	f()
	return nil
}

func TestObjectText(t *testing.T) {
	dec, _, _ := decimal.Parse("1.50")
	day := &types.Enum{T: Universe().Type("System.DayOfWeek"), Num: 5}
	options := &types.Enum{T: Universe().Type("System.StringSplitOptions"), Num: 3}
	for _, c := range []struct {
		name, format, want string
		object             any
	}{
		{"bool", "", "True", true}, {"int", "", "-5", int32(-5)}, {"int in hex", "X4", "00FF", int32(255)}, {"byte", "D3", "007", uint8(7)},
		{"double", "", "0.1", 0.1}, {"decimal", "", "1.50", dec}, {"decimal formatted", "0.0", "1.5", dec}, {"char", "", "é", types.Char('é')},
		{"date", "", "1/1/0001 12:00:00 AM", types.DateTime(0)}, {"date formatted", "yyyy", "0001", types.DateTime(0)},
		{"time span", "", "00:00:00.0000001", types.TimeSpan(1)}, {"guid", "N", strings.Repeat("0", 32), types.Guid{}},
		{"enum", "", "Friday", day}, {"enum as number", "D", "5", day}, {"flags", "", "RemoveEmptyEntries, TrimEntries", options},
		{"type", "", "System.Int32", types.Int32Type.Object()}, {"object", "", "System.Object", &plainObject{}},
		{"exception", "", "System.FormatException: bad", &types.Exception{T: types.FormatException, Text: types.NewString("bad")}},
		{"offset", "o", "0001-01-01T00:00:00.0000000+00:00", DateTimeOffset{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := objectFormat(newThread(), c.object, c.format); got == nil || got.Go() != c.want {
				t.Errorf("got %v, want %q", got, c.want)
			}
		})
	}
}

func TestObjectOrderAndHash(t *testing.T) {
	th := newThread()
	one, _, _ := decimal.Parse("1.0")
	two, _, _ := decimal.Parse("1.00")
	equal := [][2]any{{one, two}, {int32(3), int32(3)}, {0.0, negativeZero()}, {types.NewString("a"), types.NewString("a")}, {nan(), nan()},
		{dateOf(5, 0), dateOf(5, 1)}, {DateTimeOffset{UTC: ticksPerHour * 30, Offset: 60}, DateTimeOffset{UTC: ticksPerHour * 30}}}
	for _, p := range equal {
		if !objectEquals(th, p[0], p[1]) || objectHash(th, p[0]) != objectHash(th, p[1]) || objectCompare(th, p[0], p[1]) != 0 {
			t.Errorf("%v and %v should be equal, with equal hashes", p[0], p[1])
		}
	}
	for _, p := range [][2]any{{int32(3), int64(3)}, {nil, int32(0)}, {types.NewString("a"), types.Char('a')}, {&plainObject{}, &plainObject{}}} {
		if objectEquals(th, p[0], p[1]) {
			t.Errorf("%v and %v should differ", p[0], p[1])
		}
	}
	if e := caught(func() { objectCompare(th, int32(1), int64(1)) }); e == nil || e.Message() != "Object must be of type Int32." {
		t.Errorf("comparing int with long: %v", e)
	}
	if e := caught(func() { objectCompare(th, &plainObject{}, &plainObject{}) }); e == nil || e.T != types.ArgumentException {
		t.Errorf("comparing what has no order: %v", e)
	}
}

func nan() float64          { f := 0.0; return f / f }
func negativeZero() float64 { f := 0.0; return -1 / (1 / f) * 0 }

func TestCultureOrder(t *testing.T) {
	// Each stands before the next.
	order := []string{"", "_", "-", "co-op", "coop", "resume", "résumé", "straße", "z", "Z"}
	for i := 1; i < len(order); i++ {
		if c := compareCulture(types.NewString(order[i-1]), types.NewString(order[i]), false); c >= 0 {
			t.Errorf("%q should stand before %q", order[i-1], order[i])
		}
	}
	if c := compareCulture(types.NewString("ÉTÉ"), types.NewString("été"), true); c != 0 {
		t.Errorf("case ignored: %d", c)
	}
}

func TestCompositeFormats(t *testing.T) {
	args := []types.Value{types.Ref(int32(42)), text("x"), types.Null}
	for format, want := range map[string]string{"{0}": "42", "[{0,5}][{1,-3}][{2}]": "[   42][x  ][]", "{{{0:X}}}": "{2A}", "{0,5:D3}|": "  042|", "a}}b": "a}b", "{ 0}": "!Expected an ASCII digit.",
		"{0": "!Format item ends prematurely.", "}": "!Format item ends prematurely.", "} ": "!Unexpected closing brace without a corresponding opening brace.", "{3}": "!size of the argument list."} {
		var got *types.String
		e := caught(func() { got = compositeFormat(newThread(), types.NewString(format), args) })
		why, fails := strings.CutPrefix(want, "!")
		switch {
		case fails && (e == nil || e.T != types.FormatException || !strings.HasSuffix(e.Message(), why)):
			t.Errorf("%q: got %v %v, want %s", format, got, e, why)
		case !fails && (e != nil || got.Go() != want):
			t.Errorf("%q: got %v %v, want %s", format, got, e, want)
		}
	}
}

func TestSplits(t *testing.T) {
	chars := types.Ref(newChars(newThread(), []uint16{',', ';'}))
	words := types.Ref(newStrings([]*types.String{types.NewString("--"), types.NewString("-")}))
	for _, c := range []struct {
		name, s        string
		sep            types.Value
		count, options int32
		want           string
	}{
		{"characters", "a,b;c,,d", chars, noCount, 0, "a|b|c||d"},
		{"without empty parts", "a,b;c,,d", chars, noCount, 1, "a|b|c|d"},
		{"trimmed", " a , ,b ", chars, noCount, 3, "a|b"},
		{"at most two", "a,b,c", chars, 2, 0, "a|b,c"},
		{"at most two without empty parts", ",a,,b,c", chars, 2, 1, "a|b,c"},
		{"one", "a,b", chars, 1, 0, "a,b"},
		{"strings", "a--b-c", words, noCount, 0, "a|b|c"},
		{"white space", " a\tb ", types.Null, noCount, 0, "|a|b|"},
		{"empty separator", "a b", text(""), noCount, 0, "a b"},
		{"beyond ASCII", "é日é", text("日"), noCount, 0, "é|é"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var parts []string
			for _, v := range splitString(newThread(), types.NewString(c.s), separatorOf(c.sep), c.count, c.options).Items {
				parts = append(parts, v.Str().Go())
			}
			if got := strings.Join(parts, "|"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStringSearches(t *testing.T) {
	s := types.NewString("été abc ABC")
	for _, c := range []struct {
		name  string
		value string
		how   stringComparison
		want  int
		last  int
	}{
		{"ordinal", "abc", ordinal, 4, 4}, {"case ignored", "abc", ordinalIgnoreCase, 4, 8}, {"not there", "x", ordinal, -1, -1}, {"beyond ASCII", "é", ordinal, 0, 2},
		{"capital beyond ASCII", "É", ordinalIgnoreCase, 0, 2}, {"weightless", "\u200d", currentCulture, 0, 11},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := types.NewString(c.value)
			if got := find(s, v, 0, s.Len(), c.how, "value"); got != c.want {
				t.Errorf("first: got %d, want %d", got, c.want)
			}
			if got := findLast(s, v, 0, s.Len(), c.how); got != c.last {
				t.Errorf("last: got %d, want %d", got, c.last)
			}
		})
	}
}

func TestBase64(t *testing.T) {
	for s, want := range map[string]string{"": "", " YQ = = \r\n": "a", "YR==": "a", "YWJj": "abc"} {
		if got := string(fromBase64(s)); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
	for _, s := range []string{"Y", "YQ", "YQ=", "YQ===", "_-8=", "Y=Q=", "YQ==YQ=="} {
		if e := caught(func() { fromBase64(s) }); e == nil || e.T != types.FormatException {
			t.Errorf("%q: %v", s, e)
		}
	}
}

func TestSeededRandom(t *testing.T) {
	for seed, want := range map[int32][3]int32{0: {1559595546, 1755192844, 1649316166}, 42: {1434747710, 302596119, 269548474}, -1: {534011718, 237820880, 1002897798}} {
		r := seededRandom(seed)
		if got := [3]int32{r.internal(), r.internal(), r.internal()}; got != want {
			t.Errorf("seed %d: got %v, want %v", seed, got, want)
		}
	}
}

func TestGuidTexts(t *testing.T) {
	const plain = "0f8fad5b-d9cb-469f-a165-70867728950e"
	g, message := readGuid(plain, 0)
	if message != "" {
		t.Fatal(message)
	}
	for _, format := range []string{"N", "D", "B", "P", "X"} {
		if again, message := readGuid(formatGuid(g, format), 0); again != g || message != "" {
			t.Errorf("%s: %v %s", format, again, message)
		}
	}
	if string(guidBytes(guidFromBytes(g[:]))) != string(g[:]) {
		t.Error("bytes there and back differ")
	}
	for s, want := range map[string]string{"": guidUnrecognized, "abc": guidUnrecognized, plain + "0": guidBadLength, strings.Replace(plain, "0f", "xx", 1): guidBadDigits} {
		if _, message := readGuid(s, 0); message != want {
			t.Errorf("%q: got %q, want %q", s, message, want)
		}
	}
}

func TestZones(t *testing.T) {
	rome, _ := findZone("W. Europe Standard Time")
	if rome.id != "W. Europe Standard Time" || rome.base != ticksPerHour {
		t.Errorf("by Windows id: %+v", rome)
	}
	rome, _ = findZone("Europe/Rome")
	at := func(month, day, hour, minute int32) types.DateTime {
		return makeDate(2024, month, day, hour, minute, 0, 0, 0, 0)
	}
	if !rome.isInvalid(at(3, 31, 2, 30)) || rome.isInvalid(at(3, 31, 3, 0)) || !rome.isAmbiguous(at(10, 27, 2, 30)) || rome.isDaylight(at(10, 27, 2, 30)) || !rome.isDaylight(at(7, 1, 0, 0)) {
		t.Error("transitions of Rome in 2024")
	}
	dublin, _ := findZone("Europe/Dublin")
	if dublin.base != 0 || !dublin.isDaylight(at(7, 1, 12, 0)) || dublin.isDaylight(at(1, 1, 12, 0)) {
		t.Errorf("Dublin: %+v", dublin)
	}
	for _, id := range []string{"", "Local", "Europe/Atlantis", "../etc/passwd", "/etc/localtime"} {
		if _, ok := findZone(id); ok {
			t.Errorf("%q is a zone", id)
		}
	}
	for windows, zone := range windowsZones {
		if _, ok := findZone(zone.iana); !ok {
			t.Errorf("%s: there is no zone %s", windows, zone.iana)
		}
	}
}

func TestBudgetsHoldForText(t *testing.T) {
	th := newThread()
	for name, f := range map[string]func(){
		"padding":   func() { padString(th, types.EmptyString, 1<<30, ' ', true) },
		"repeating": func() { repeat(th, 'x', 1<<30) },
		"precision": func() { objectFormat(th, 1.5, "F900000000") },
		"joining": func() {
			joinArray(th, types.NewString(strings.Repeat("x", 1<<16)), types.Ref(newStrings(make([]*types.String, 1000))), "values")
		},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*types.Exceeded); !ok {
					t.Errorf("%s does not run over the budget", name)
				}
			}()
			f()
		}()
	}
}
