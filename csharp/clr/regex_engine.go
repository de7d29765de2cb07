package clr

import (
	"errors"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/postern-gateway/postern/csharp/types"
)

// regexLimit is the longest that one match may take where the program sets no limit of its own.
const regexLimit = 2 * time.Second

var (
	regexType                 = lateType("System.Text.RegularExpressions.Regex")
	regexTimeoutExceptionType = lateType("System.Text.RegularExpressions.RegexMatchTimeoutException")
)

// Regex is a System.Text.RegularExpressions.Regex.
type Regex struct {
	pattern *types.String
	options int32
	re      *regexp2.Regexp
	// numbers are the groups' numbers in order; names their names.
	numbers []int
	names   []string
	// timeout is MatchTimeout in ticks; infinite by default.
	timeout types.TimeSpan
}

// infiniteTimeout is Regex.InfiniteMatchTimeout: −1 ms.
const infiniteTimeout = types.TimeSpan(-10000)

// ClrType is Regex.
func (r *Regex) ClrType() *types.Type { return regexType() }

// ToStr is the pattern.
func (r *Regex) ToStr(*types.Thread) *types.String { return r.pattern }

type regexKey struct {
	pattern string
	options int32
}

// regexCache keeps compiled patterns; when it is full it starts anew.
var regexCache = struct {
	sync.RWMutex
	m map[regexKey]*Regex
}{m: map[regexKey]*Regex{}}

const (
	regexCacheSize  = 1024
	maxPatternUnits = 16 << 10
)

// newRegex compiles a pattern, or finds it compiled. timeout 0 means none of its own.
func newRegex(t *types.Thread, pattern *types.String, options int32, timeout types.TimeSpan) *Regex {
	if pattern == nil {
		types.ThrowNull("pattern")
	}
	checkRegexOptions(options)
	key := regexKey{pattern.Go(), options}
	regexCache.RLock()
	r := regexCache.m[key]
	regexCache.RUnlock()
	if r == nil {
		r = compileRegex(t, pattern, options)
		regexCache.Lock()
		if len(regexCache.m) >= regexCacheSize {
			regexCache.m = map[regexKey]*Regex{}
		}
		regexCache.m[key] = r
		regexCache.Unlock()
	}
	if timeout == 0 || timeout == infiniteTimeout {
		return r
	}
	if timeout < 0 || timeout >= 2147483647*10000 {
		throwRange(msgOutOfRange, "matchTimeout")
	}
	limited := *r
	limited.timeout = timeout
	re := *r.re
	re.MatchTimeout = min(regexLimit, time.Duration(timeout)*100)
	limited.re = &re
	return &limited
}

func checkRegexOptions(options int32) {
	const all = regexIgnoreCase | regexMultiline | regexExplicitCapture | regexCompiled | regexSingleline | regexIgnorePatternWhitespace |
		regexRightToLeft | regexECMAScript | regexCultureInvariant | regexNonBacktracking
	ecma := options&regexECMAScript != 0 && options&^(regexECMAScript|regexIgnoreCase|regexMultiline|regexCompiled|regexCultureInvariant) != 0
	if options&^int32(all) != 0 || ecma || options&regexNonBacktracking != 0 && options&(regexRightToLeft|regexECMAScript) != 0 {
		throwRange(msgOutOfRange, "options")
	}
}

func compileRegex(t *types.Thread, pattern *types.String, options int32) *Regex {
	if pattern.Len() > maxPatternUnits {
		panic(&types.Exceeded{What: "memory"})
	}
	t.Step(int64(pattern.Len()) * 4)
	t.Alloc(int64(pattern.Len()) * 64)
	text := rewritePattern(pattern, options)
	const passed = regexIgnoreCase | regexMultiline | regexExplicitCapture | regexSingleline | regexIgnorePatternWhitespace | regexRightToLeft
	re, err := regexp2.Compile(text, regexp2.RegexOptions(options&passed))
	if err != nil {
		types.Throw(regexParseExceptionType(), "Invalid pattern '"+pattern.Go()+"': "+err.Error()+".")
	}
	re.MatchTimeout = regexLimit
	return &Regex{pattern: pattern, options: options, re: re, numbers: re.GetGroupNumbers(), names: re.GetGroupNames(), timeout: infiniteTimeout}
}

// rightToLeft reports whether matches go from the end to the beginning.
func (r *Regex) rightToLeft() bool { return r.options&regexRightToLeft != 0 }

// fail is what an error of the engine becomes.
func (r *Regex) fail(err error) {
	if errors.Is(err, regexp2.ErrBacktrackingStackLimit) {
		panic(&types.Exceeded{What: "memory"})
	}
	if r.timeout == infiniteTimeout {
		panic(&types.Exceeded{What: "time"})
	}
	types.Throw(regexTimeoutExceptionType(), "The Regex engine has timed out while trying to match a pattern to an input string. This can occur for many reasons,"+
		" including very large inputs or excessive backtracking caused by nested quantifiers, back-references and other factors.")
}

// regexInput is a text as the engine takes it: a rune for each UTF-16 unit.
type regexInput struct {
	s     *types.String
	runes []rune
}

func newRegexInput(t *types.Thread, s *types.String) *regexInput {
	if s == nil {
		types.ThrowNull("input")
	}
	t.Alloc(int64(s.Len()) * 4)
	t.Step(int64(s.Len()) / 16)
	runes := make([]rune, s.Len())
	if s.ASCII() {
		for i, c := range []byte(s.Go()) {
			runes[i] = rune(c)
		}
	} else {
		for i, c := range s.Units() {
			runes[i] = rune(c)
		}
	}
	return &regexInput{s, runes}
}

// start is where a search begins by default.
func (r *Regex) start(in *regexInput) int {
	if r.rightToLeft() {
		return len(in.runes)
	}
	return 0
}

// find searches from an index; the match is a failed one if there is none.
func (r *Regex) find(t *types.Thread, in *regexInput, from int) *regexMatch {
	began := time.Now()
	m, err := r.re.FindRunesMatchStartingAt(in.runes, from)
	chargeTime(t, began)
	return r.result(t, in, m, err)
}

// next searches on from a match.
func (r *Regex) next(t *types.Thread, m *regexMatch) *regexMatch {
	if !m.success {
		return m
	}
	began := time.Now()
	found, err := r.re.FindNextMatch(m.of)
	chargeTime(t, began)
	return r.result(t, m.in, found, err)
}

// chargeTime counts the time that a search took as steps, so that slow ones are noticed soon.
func chargeTime(t *types.Thread, began time.Time) {
	t.Step(8 + int64(time.Since(began)/(10*time.Microsecond)))
}

func (r *Regex) result(t *types.Thread, in *regexInput, m *regexp2.Match, err error) *regexMatch {
	if err != nil {
		r.fail(err)
	}
	if m == nil {
		return failedMatch
	}
	t.Alloc(int64(128 * len(r.numbers)))
	out := &regexMatch{regex: r, in: in, of: m}
	out.regexGroup = regexGroup{regexCapture: regexCapture{in.s, m.RuneIndex, m.RuneLength}, success: true, name: "0", match: true}
	return out
}

// match is Match(input) from an index.
func (r *Regex) match(t *types.Thread, s *types.String, from int) *regexMatch {
	in := newRegexInput(t, s)
	if r.rightToLeft() && from == 0 {
		from = len(in.runes)
	}
	return r.find(t, in, from)
}

// number is the number of a group by name, −1 if there is none.
func (r *Regex) number(name string) int { return r.re.GroupNumberFromName(name) }
