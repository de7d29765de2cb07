package liquid

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The functions of this file read as DotLiquid's regular expressions match. A "fragment" is a quoted string, or else a run of
// characters other than white space, comma, bar and quotes, in which quoted strings may stand.

// isSpace is \s.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isWord is \w.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Nd, unicode.Pc) || r == 0x200C || r == 0x200D
}

// isSegment is what names of variables are made of: word characters and hyphens.
func isSegment(r rune) bool { return r == '-' || isWord(r) }

// runOf is the end of the run of characters at i that is true of.
func runOf(s string, i int, is func(rune) bool) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !is(r) {
			break
		}
		i += n
	}
	return i
}

func skipSpace(s string, i int) int { return runOf(s, i, isSpace) }

// next is the index of the character after that at i.
func next(s string, i int) int {
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}

// quoted is the end of the quoted string at i, or i where there is none.
func quoted(s string, i int) int {
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		if n := strings.IndexByte(s[i+1:], s[i]); n >= 0 {
			return i + n + 2
		}
	}
	return i
}

// plain is the end of one character at i that may stand in a fragment, or i. comma tells whether a comma may, as in variables.
func plain(s string, i int, comma bool) int {
	if i >= len(s) {
		return i
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == '|' || r == '"' || r == '\'' || r == ',' && !comma || isSpace(r) {
		return i
	}
	return i + n
}

// mixed is the end of the run of plain characters and quoted strings at i.
func mixed(s string, i int, comma bool) int {
	for {
		j := quoted(s, i)
		if j == i {
			j = plain(s, i, comma)
		}
		if j == i {
			return i
		}
		i = j
	}
}

// fragmentEnd is the end of the fragment at i, or i where there is none.
func fragmentEnd(s string, i int) int {
	if j := quoted(s, i); j > i {
		return j
	}
	return mixed(s, i, false)
}

// findFragment is the first fragment at or after i; ok is false where there is none.
func findFragment(s string, i int) (start, end int, ok bool) {
	for ; i < len(s); i = next(s, i) {
		if j := fragmentEnd(s, i); j > i {
			return i, j, true
		}
	}
	return 0, 0, false
}

// splitVariable divides the text of a {{ }} into the name of the variable and what comes after it.
func splitVariable(s string) (name, rest string, ok bool) {
	for i := 0; i < len(s); i = next(s, i) {
		j := quoted(s, i)
		if j == i {
			j = mixed(s, i, true)
		}
		if j > i {
			return s[i:j], s[j:], true
		}
	}
	return "", "", false
}

// filterTexts are the texts of the filters behind a variable: runs of fragments, commas and white space.
func filterTexts(s string) (out []string) {
	bar := strings.IndexByte(s, '|')
	if bar < 0 {
		return nil
	}
	for i := bar + 1; i < len(s); {
		j := filterEnd(s, i)
		if j > i {
			out = append(out, s[i:j])
			i = j
		} else {
			i = next(s, i)
		}
	}
	return out
}

func filterEnd(s string, i int) int {
	for i < len(s) {
		j := skipSpace(s, i)
		if j == i && s[i] == ',' {
			j++
		}
		if j == i {
			j = mixed(s, i, false)
		}
		if j == i {
			break
		}
		i = j
	}
	return i
}

// firstWord is the first run of word characters.
func firstWord(s string) (word string, ok bool) {
	for i := 0; i < len(s); i = next(s, i) {
		if j := runOf(s, i, isWord); j > i {
			return s[i:j], true
		}
	}
	return "", false
}

// filterArguments are the fragments that come after a colon or comma.
func filterArguments(s string) (out []string) {
	for i := 0; i < len(s); {
		if s[i] == ':' || s[i] == ',' {
			start := skipSpace(s, i+1)
			if end := fragmentEnd(s, start); end > start {
				out = append(out, s[start:end])
				i = end
				continue
			}
		}
		i++
	}
	return out
}

// signature is the end of the run at i of what tags take as the name of a variable: segments, dots and brackets, round ones around
// each character.
func signature(s string, i int) int {
	for {
		j := i
		if j < len(s) && s[j] == '(' {
			j++
		}
		if j >= len(s) {
			return i
		}
		r, n := utf8.DecodeRuneInString(s[j:])
		if !isSegment(r) && r != '.' && r != '[' && r != ']' {
			return i
		}
		j += n
		if j < len(s) && s[j] == ')' {
			j++
		}
		i = j
	}
}

// assignment divides "name = source".
func assignment(s string) (to, from string, ok bool) {
	for i := 0; i < len(s); {
		j := signature(s, i)
		if j == i {
			i = next(s, i)
			continue
		}
		if k := skipSpace(s, j); k < len(s) && s[k] == '=' {
			return s[i:j], s[skipSpace(s, k+1):], true
		}
		i = j
	}
	return "", "", false
}

// loopHead divides "name in collection" and gives what comes after; end finds the collection's end.
func loopHead(s string, end func(string, int) int) (name, collection, rest string, ok bool) {
	for i := 0; i < len(s); {
		j := runOf(s, i, isWord)
		if j == i {
			i = next(s, i)
			continue
		}
		k := skipSpace(s, j)
		if k > j && strings.HasPrefix(s[k:], "in") {
			if from := skipSpace(s, k+2); from > k+2 {
				if to := end(s, from); to > from {
					return s[i:j], s[from:to], s[to:], true
				}
			}
		}
		i = j
	}
	return "", "", "", false
}

// fragmentsEnd is the end of one or more fragments at i.
func fragmentsEnd(s string, i int) int { return mixed(s, i, false) }

// attributes are the "name: value" in a tag, in order; a name that comes again has its last value.
func attributes(s string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(s); {
		j := runOf(s, i, isWord)
		if j == i {
			i = next(s, i)
			continue
		}
		if k := skipSpace(s, j); k < len(s) && s[k] == ':' {
			from := skipSpace(s, k+1)
			if to := fragmentEnd(s, from); to > from {
				out[s[i:j]] = s[from:to]
				i = to
				continue
			}
		}
		i = j
	}
	return out
}

// onlySegment is the one name that a tag has, white space around it left out.
func onlySegment(s string) (name string, ok bool) {
	name = strings.TrimFunc(s, isSpace)
	return name, name != "" && runOf(name, 0, isSegment) == len(name)
}

// wordBoundary is \b.
func wordBoundary(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	return (i > 0 && isWord(before)) != (i < len(s) && isWord(after))
}

// connective is the end of an "and" or "or" at i, with a space on either side if there is one; i where there is none.
func connective(s string, i int) int {
	if !wordBoundary(s, i) {
		return i
	}
	starts := []int{i}
	if r, n := utf8.DecodeRuneInString(s[i:]); i < len(s) && isSpace(r) {
		starts = []int{i + n}
	}
	for _, word := range []string{"and", "or"} {
		for _, start := range starts {
			if !strings.HasPrefix(s[start:], word) {
				continue
			}
			end := start + len(word)
			if end < len(s) {
				if r, n := utf8.DecodeRuneInString(s[end:]); isSpace(r) && wordBoundary(s, end+n) {
					return end + n
				}
			}
			if wordBoundary(s, end) {
				return end
			}
		}
	}
	return i
}

// conditions divides the text of an if into conditions and the connectives between them.
func conditions(s string) (out []string) {
	for i := 0; i < len(s); {
		end := connective(s, i)
		if end == i {
			end = conditionEnd(s, i)
		}
		if end == i {
			i = next(s, i)
			continue
		}
		out = append(out, s[i:end])
		i = end
	}
	return out
}

func conditionEnd(s string, i int) int {
	for {
		j := skipSpace(s, i)
		if j >= len(s) || connective(s, j) > j {
			return i
		}
		k := fragmentEnd(s, j)
		if k == j {
			k = runOf(s, j, func(r rune) bool { return !isSpace(r) })
		}
		i = skipSpace(s, k)
	}
}

// comparison divides a condition into its left side, operator and right side, the latter two perhaps empty.
func comparison(s string) (left, operator, right string, ok bool) {
	start, end, ok := findFragment(s, 0)
	if !ok {
		return "", "", "", false
	}
	left = s[start:end]
	i := skipSpace(s, end)
	j := runOf(s, i, func(r rune) bool {
		return r == '=' || r == '!' || r == '<' || r == '>' || r == '_' || r < utf8.RuneSelf && r|0x20 >= 'a' && r|0x20 <= 'z'
	})
	operator = s[i:j]
	if j > i {
		i = skipSpace(s, j)
	}
	if k := fragmentEnd(s, i); k > i {
		right = s[i:k]
	}
	return left, operator, right, true
}

// whenValue divides the text of a when: its first value, and the rest behind "or" or a comma, empty if there is none.
func whenValue(s string) (value, rest string, ok bool) {
	start, end, ok := findFragment(s, 0)
	if !ok {
		return "", "", false
	}
	value = s[start:end]
	i := skipSpace(s, end)
	if strings.HasPrefix(s[i:], "or") && i > end {
		if j := skipSpace(s, i+2); j > i+2 && fragmentEnd(s, j) > j {
			return value, s[j:], true
		}
	}
	if strings.HasPrefix(s[i:], ",") {
		if j := skipSpace(s, i+1); fragmentEnd(s, j) > j {
			return value, s[j:], true
		}
	}
	return value, "", true
}

// cycleName divides "name: values"; ok is false where no name is given.
func cycleName(s string) (name, values string, ok bool) {
	colon := func(end int) (string, bool) {
		if i := skipSpace(s, end); i < len(s) && s[i] == ':' {
			return s[skipSpace(s, i+1):], true
		}
		return "", false
	}
	if end := quoted(s, 0); end > 0 {
		if rest, ok := colon(end); ok {
			return s[:end], rest, true
		}
	}
	var ends []int // of the shorter and shorter fragments
	for i := 0; ; {
		j := quoted(s, i)
		if j == i {
			j = plain(s, i, false)
		}
		if j == i {
			break
		}
		i = j
		ends = append(ends, i)
	}
	for k := len(ends) - 1; k >= 0; k-- {
		if rest, ok := colon(ends[k]); ok {
			return s[:ends[k]], rest, true
		}
	}
	return "", "", false
}

// cycleValues are the first fragments of the parts between commas; empty for a part without one.
func cycleValues(s string) (out []string) {
	for part := range strings.SplitSeq(s, ",") {
		value := ""
		if start, end, ok := findFragment(part, 0); ok {
			value = part[start:end]
		}
		out = append(out, value)
	}
	return out
}

// path are the parts of a variable: names, and what stands in square brackets, with them. What is neither is passed over.
func path(s string) (out []string) {
	last := strings.LastIndexByte(s, ']')
	for i := 0; i < len(s); {
		if s[i] == '[' && i < last {
			if n := strings.IndexByte(s[i+1:], ']'); n > 0 {
				out = append(out, s[i:i+n+2])
				i += n + 2
				continue
			} else if n == 0 { // [^\]]+ needs a character: "[]x]" has none
				i++
				continue
			}
		}
		j := runOf(s, i, isSegment)
		if j == i {
			i = next(s, i)
			continue
		}
		if j < len(s) && s[j] == '?' {
			j++
		}
		out = append(out, s[i:j])
		i = j
	}
	return out
}
