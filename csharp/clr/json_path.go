package clr

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// pathStep takes tokens one step further; fail tells that a step without a match is an error.
type pathStep func(t *types.Thread, root *JToken, from []*JToken, fail bool) []*JToken

// jsonPath reads a JSONPath expression as Json.NET does.
type jsonPath struct {
	s  string
	at int
}

func pathError(message string) { types.Throw(jsonExceptionType(), message) }

// parsePath compiles a path.
func parsePath(text *types.String) []pathStep {
	if text == nil {
		types.ThrowNull("expression")
	}
	p := &jsonPath{s: text.Go()}
	start := 0
	p.white()
	if p.end() {
		return nil
	}
	if p.s[p.at] == '$' {
		if len(p.s) == 1 {
			return nil
		}
		if p.at+1 < len(p.s) && (p.s[p.at+1] == '.' || p.s[p.at+1] == '[') {
			p.at++
			start = p.at
		}
	}
	steps, atEnd := p.steps(start, false)
	if !atEnd {
		last := p.at
		p.white()
		if !p.end() {
			pathError("Unexpected character while parsing path: " + p.charAt(last))
		}
	}
	return steps
}

func (p *jsonPath) end() bool { return p.at >= len(p.s) }

func (p *jsonPath) white() {
	for !p.end() && p.s[p.at] == ' ' {
		p.at++
	}
}

func (p *jsonPath) need(message string) {
	if p.end() {
		pathError(message)
	}
}

func (p *jsonPath) charAt(i int) string {
	if i >= len(p.s) {
		return ""
	}
	_, size := decodeRune(p.s[i:])
	return p.s[i : i+size]
}

const (
	openIndexer = "Path ended with open indexer."
	openQuery   = "Path ended with open query."
)

func (p *jsonPath) badIndexer() {
	pathError("Unexpected character while parsing path indexer: " + p.charAt(p.at))
}

// steps reads a path; query tells that it stands in a filter. atEnd tells that the text has ended.
func (p *jsonPath) steps(start int, query bool) (out []pathStep, atEnd bool) {
	scan, afterIndexer, afterDot, ended := false, false, false, false
	member := func() {
		if p.at > start {
			out = append(out, memberStep(p.s[start:p.at], scan))
			scan = false
		}
	}
	for !p.end() && !ended {
		switch c := p.s[p.at]; {
		case c == '[' || c == '(':
			member()
			out = append(out, p.indexer(c, scan))
			scan = false
			p.at++
			start, afterIndexer, afterDot = p.at, true, false
		case c == ']' || c == ')' || c == ' ':
			ended = true
		case c == '.':
			member()
			if p.at+1 < len(p.s) && p.s[p.at+1] == '.' {
				scan = true
				p.at++
			}
			p.at++
			start, afterIndexer, afterDot = p.at, false, true
		case query && strings.IndexByte("=<!>|&", c) >= 0:
			ended = true
		default:
			if afterIndexer {
				pathError("Unexpected character following indexer: " + p.charAt(p.at))
			}
			p.at++
		}
	}
	atEnd = p.end()
	if p.at > start {
		out = append(out, memberStep(strings.TrimRight(p.s[start:p.at], " \t\n\r"), scan))
	} else if afterDot && (atEnd || query) {
		pathError("Unexpected end while parsing path.")
	}
	return out, atEnd
}

func (p *jsonPath) indexer(open byte, scan bool) pathStep {
	closer := byte(']')
	if open == '(' {
		closer = ')'
	}
	p.at++
	p.need(openIndexer)
	p.white()
	p.need(openIndexer)
	switch p.s[p.at] {
	case '\'':
		return p.quotedFields(closer, scan)
	case '?':
		return p.query(closer, scan)
	}
	return p.arrayIndexer(closer)
}

func (p *jsonPath) quotedFields(closer byte, scan bool) pathStep {
	var names []string
	for !p.end() {
		name := p.quoted()
		p.white()
		p.need(openIndexer)
		switch p.s[p.at] {
		case closer:
			if names == nil {
				if scan {
					return scanStep([]string{name}, false)
				}
				return fieldStep(name, false)
			}
			if names = append(names, name); scan {
				return scanStep(names, false)
			}
			return fieldsStep(names)
		case ',':
			p.at++
			p.white()
			names = append(names, name)
		default:
			p.badIndexer()
		}
	}
	pathError(openIndexer)
	return nil
}

func (p *jsonPath) quoted() string {
	var b strings.Builder
	for p.at++; !p.end(); p.at++ {
		c := p.s[p.at]
		switch {
		case c == '\\' && p.at+1 < len(p.s):
			p.at++
			i := strings.IndexByte(`btnfr\"'/`, p.s[p.at])
			if i < 0 {
				pathError(`Unknown escape character: \` + p.charAt(p.at))
			}
			b.WriteByte("\b\t\n\f\r\\\"'/"[i])
		case c == '\'':
			p.at++
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	pathError("Path ended with an open string.")
	return ""
}

// arrayIndexer reads [1], [1,2], [1:2:3], [*].
func (p *jsonPath) arrayIndexer(closer byte) pathStep {
	start, end, colons := p.at, -1, 0
	var list []int32
	var bounds [3]*int32
	number := func() *int32 {
		stop := p.at
		if end >= 0 {
			stop = end
		}
		if stop == start {
			return nil
		}
		n := pathNumber(p.s[start:stop])
		return &n
	}
	one := func() int32 {
		n := number()
		if n == nil {
			pathError("Array index expected.")
		}
		return *n
	}
	next := func() {
		p.at++
		p.white()
		start, end = p.at, -1
	}
	for !p.end() {
		switch c := p.s[p.at]; {
		case c == ' ':
			end = p.at
			p.white()
		case c == closer && list != nil:
			return indexesStep(append(list, one()))
		case c == closer && colons > 0:
			if n := number(); n != nil {
				bounds[min(colons, 2)] = n
			}
			return sliceStep(bounds[0], bounds[1], bounds[2])
		case c == closer:
			return indexesStep([]int32{one()})
		case c == ',':
			list = append(list, one())
			next()
		case c == '*':
			p.at++
			p.need(openIndexer)
			p.white()
			if p.end() || p.s[p.at] != closer {
				pathError("Unexpected character while parsing path indexer: *")
			}
			return allIndexesStep
		case c == ':':
			if n := number(); n != nil {
				bounds[min(colons, 2)] = n
			}
			colons++
			next()
		case (c < '0' || c > '9') && c != '-' || end >= 0:
			p.badIndexer()
		default:
			p.at++
		}
	}
	pathError(openIndexer)
	return nil
}

func pathNumber(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	switch {
	case errorsIsRange(err):
		types.Throw(types.OverflowException, "Value was either too large or too small for an Int32.")
	case err != nil:
		types.Throw(types.FormatException, "The input string '"+s+"' was not in a correct format.")
	}
	return int32(n)
}

// memberStep is a property by name, or every value for "*".
func memberStep(name string, scan bool) pathStep {
	switch {
	case scan:
		return scanStep([]string{name}, name == "*")
	case name == "*":
		return fieldStep("", true)
	}
	return fieldStep(name, false)
}

func fieldStep(name string, all bool) pathStep {
	return func(t *types.Thread, _ *JToken, from []*JToken, fail bool) (out []*JToken) {
		for _, j := range from {
			t.Step(1)
			switch {
			case j.kind == jObject && all:
				for _, x := range j.items {
					out = append(out, x.propertyValue())
				}
			case j.kind == jObject:
				if v := j.get(name); v != nil {
					out = append(out, v)
				} else if fail {
					pathError("Property '" + name + "' does not exist on JObject.")
				}
			case fail && all:
				pathError("Property '*' not valid on " + j.typeName() + ".")
			case fail:
				pathError("Property '" + name + "' not valid on " + j.typeName() + ".")
			}
		}
		return out
	}
}

func fieldsStep(names []string) pathStep {
	return func(t *types.Thread, _ *JToken, from []*JToken, fail bool) (out []*JToken) {
		for _, j := range from {
			t.Step(int64(len(names)))
			if j.kind != jObject {
				if fail {
					pathError("Properties '" + strings.Join(names, "', '") + "' not valid on " + j.typeName() + ".")
				}
				continue
			}
			for _, name := range names {
				if v := j.get(name); v != nil {
					out = append(out, v)
				}
				if fail { // found or not: so Json.NET 13
					pathError("Property '" + name + "' does not exist on JObject.")
				}
			}
		}
		return out
	}
}

// scanStep finds properties of the names at any depth; all finds every value, the start included.
func scanStep(names []string, all bool) pathStep {
	return func(t *types.Thread, _ *JToken, from []*JToken, _ bool) (out []*JToken) {
		for _, j := range from {
			if all {
				out = append(out, j)
			}
			j.each(t, func(x *JToken) {
				switch {
				case x.kind != jProperty:
					if all {
						out = append(out, x)
					}
				case !all:
					for _, name := range names {
						if x.name.Go() == name {
							out = append(out, x.propertyValue())
						}
					}
				}
			})
		}
		return out
	}
}

func isIndexed(j *JToken) bool { return j.kind == jArray || j.kind == jConstructor }

func indexesStep(list []int32) pathStep {
	return func(t *types.Thread, _ *JToken, from []*JToken, fail bool) (out []*JToken) {
		for _, j := range from {
			for _, n := range list {
				t.Step(1)
				switch {
				case isIndexed(j) && n < 0:
					throwIndex()
				case isIndexed(j) && int(n) < len(j.items):
					out = append(out, j.items[n])
				case isIndexed(j) && fail:
					pathError("Index " + itoa(n) + " outside the bounds of " + j.typeName() + ".")
				case fail:
					pathError("Index " + itoa(n) + " not valid on " + j.typeName() + ".")
				}
			}
		}
		return out
	}
}

func allIndexesStep(t *types.Thread, _ *JToken, from []*JToken, fail bool) (out []*JToken) {
	for _, j := range from {
		t.Step(int64(len(j.items)))
		if isIndexed(j) {
			out = append(out, j.items...)
		} else if fail {
			pathError("Index * not valid on " + j.typeName() + ".")
		}
	}
	return out
}

func sliceStep(start, end, step *int32) pathStep {
	return func(t *types.Thread, _ *JToken, from []*JToken, fail bool) (out []*JToken) {
		by := 1
		if step != nil {
			by = int(*step)
		}
		if by == 0 {
			pathError("Step cannot be zero.")
		}
		for _, j := range from {
			if j.kind != jArray {
				if fail {
					pathError("Array slice is not valid on " + j.typeName() + ".")
				}
				continue
			}
			i, stop := sliceBounds(len(j.items), start, end, by)
			before := len(out)
			for ; by > 0 && i < stop || by < 0 && i > stop; i += by {
				t.Step(1)
				out = append(out, j.items[i])
			}
			if fail && len(out) == before {
				pathError("Array slice of " + boundText(start) + " to " + boundText(end) + " returned no results.")
			}
		}
		return out
	}
}

func boundText(n *int32) string {
	if n == nil {
		return "*"
	}
	return itoa(*n)
}

func sliceBounds(n int, start, end *int32, by int) (from, to int) {
	from, to = 0, n
	if by < 0 {
		from, to = n-1, -1
	}
	if start != nil {
		if from = int(*start); from < 0 {
			from += n
		}
	}
	if end != nil {
		if to = int(*end); to < 0 {
			to += n
		}
	}
	if by > 0 {
		from = min(max(from, 0), n)
	} else {
		from = min(from, n-1)
	}
	return from, min(max(to, -1), n)
}

// selectTokens runs a path.
func selectTokens(t *types.Thread, steps []pathStep, root, from *JToken, fail bool) []*JToken {
	current := []*JToken{from}
	for _, step := range steps {
		t.Step(int64(len(current)) + 1)
		current = step(t, root, current, fail)
		t.Alloc(int64(len(current)) * 8)
	}
	return current
}

// selectToken is SelectToken: the one match, nil if there is none.
func selectToken(t *types.Thread, j *JToken, path *types.String, fail bool) *JToken {
	found := selectTokens(t, parsePath(path), j, j, fail)
	switch {
	case len(found) > 1:
		pathError("Path returned multiple tokens.")
	case len(found) == 1:
		return found[0]
	}
	return nil
}
