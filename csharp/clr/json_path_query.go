package clr

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// pathTest is a filter's condition on one token.
type pathTest func(t *types.Thread, root, j *JToken) bool

// pathSide is one side of a comparison: the tokens that it stands for.
type pathSide func(t *types.Thread, root, j *JToken) []*JToken

func (p *jsonPath) query(closer byte, scan bool) pathStep {
	p.at++
	p.need(openIndexer)
	if p.s[p.at] != '(' {
		p.badIndexer()
	}
	p.at++
	test := p.expression()
	p.at++
	p.need(openIndexer)
	p.white()
	if p.end() || p.s[p.at] != closer {
		p.badIndexer()
	}
	return func(t *types.Thread, root *JToken, from []*JToken, _ bool) (out []*JToken) {
		try := func(x *JToken) {
			t.Step(1)
			if test(t, root, x) {
				out = append(out, x)
			}
		}
		for _, j := range from {
			if scan {
				try(j)
				j.each(t, try)
				continue
			}
			for _, x := range j.items {
				try(x)
			}
		}
		return out
	}
}

func (p *jsonPath) badQuery() {
	if p.end() {
		pathError(openQuery)
	}
	pathError("Unexpected character while parsing path query: " + p.charAt(p.at))
}

// pathGroup is a run of conditions joined by && or by ||.
type pathGroup struct {
	and   bool
	tests []pathTest
}

func (g *pathGroup) test(t *types.Thread, root, j *JToken) bool {
	for _, x := range g.tests {
		if x(t, root, j) != g.and {
			return !g.and
		}
	}
	return g.and
}

// expression reads conditions up to the closing parenthesis. As Json.NET has it, a change between && and || opens a group within the last.
func (p *jsonPath) expression() pathTest {
	var root, parent *pathGroup
	for !p.end() {
		left := p.side()
		op, right := "", pathSide(nil)
		if c := p.s[p.at]; c != ')' && c != '|' && c != '&' {
			op = p.operator()
			right = p.side()
		}
		test := comparison(left, op, right)
		switch c := p.s[p.at]; c {
		case ')':
			if parent == nil {
				return test
			}
			parent.tests = append(parent.tests, test)
			return root.test
		case '&', '|':
			word := strings.Repeat(string(rune(c)), 2)
			if !strings.HasPrefix(p.s[p.at:], word) {
				p.badQuery()
			}
			p.at += 2
			if parent == nil || parent.and != (c == '&') {
				g := &pathGroup{and: c == '&'}
				if parent != nil {
					parent.tests = append(parent.tests, g.test)
				}
				if parent = g; root == nil {
					root = g
				}
			}
			parent.tests = append(parent.tests, test)
		default:
			p.badQuery()
		}
	}
	pathError(openQuery)
	return nil
}

func (p *jsonPath) side() pathSide {
	p.white()
	if p.end() {
		pathError(openQuery)
	}
	if c := p.s[p.at]; c == '$' || c == '@' {
		p.at++
		steps, atEnd := p.steps(p.at, true)
		if atEnd {
			pathError(openQuery)
		}
		p.white()
		p.need(openQuery)
		return func(t *types.Thread, root, j *JToken) []*JToken {
			if c == '$' {
				j = root
			}
			return selectTokens(t, steps, root, j, false)
		}
	}
	v, ok := p.literal()
	if !ok {
		p.badQuery()
	}
	p.white()
	p.need(openQuery)
	list := []*JToken{newValue(v)}
	return func(*types.Thread, *JToken, *JToken) []*JToken { return list }
}

func (p *jsonPath) literal() (any, bool) {
	c := p.s[p.at]
	switch {
	case c == '\'':
		return types.NewString(p.quoted()), true
	case c >= '0' && c <= '9' || c == '-':
		return p.numberLiteral()
	case c == '/':
		return types.NewString(p.regexLiteral()), true
	}
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(p.s[p.at:], word) {
			p.at += len(word)
			return v, true
		}
	}
	return nil, false
}

func (p *jsonPath) numberLiteral() (any, bool) {
	start := p.at
	for !p.end() && p.s[p.at] != ' ' && p.s[p.at] != ')' {
		p.at++
	}
	if p.end() {
		return nil, false
	}
	s := p.s[start:p.at]
	if strings.ContainsAny(s, ".Ee") {
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func (p *jsonPath) regexLiteral() string {
	start := p.at
	for p.at++; !p.end(); p.at++ {
		switch p.s[p.at] {
		case '\\':
			p.at++
		case '/':
			for p.at++; !p.end() && p.s[p.at]|0x20 >= 'a' && p.s[p.at]|0x20 <= 'z'; {
				p.at++
			}
			return p.s[start:p.at]
		}
	}
	pathError("Path ended with an open regex.")
	return ""
}

func (p *jsonPath) operator() string {
	if p.at+1 >= len(p.s) {
		pathError(openQuery)
	}
	for _, op := range []string{"===", "==", "=~", "!==", "!=", "<>", "<=", "<", ">=", ">"} {
		if strings.HasPrefix(p.s[p.at:], op) {
			p.at += len(op)
			return op
		}
	}
	pathError("Could not read query operator.")
	return ""
}

// comparison is a condition; without an operator, that the left side exists.
func comparison(left pathSide, op string, right pathSide) pathTest {
	return func(t *types.Thread, root, j *JToken) bool {
		found := left(t, root, j)
		if op == "" {
			return len(found) > 0
		}
		if len(found) == 0 {
			return false
		}
		others := right(t, root, j)
		for _, a := range found {
			for _, b := range others {
				if t.Step(1); tokensMatch(t, a, op, b) {
					return true
				}
			}
		}
		return false
	}
}

func tokensMatch(t *types.Thread, a *JToken, op string, b *JToken) bool {
	if a.isContainer() || b.isContainer() {
		return op == "!=" || op == "<>"
	}
	switch op {
	case "=~":
		return regexMatches(t, a, b)
	case "==":
		return looselyEqual(t, a, b)
	case "===":
		return strictlyEqual(t, a, b)
	case "!=", "<>":
		return !looselyEqual(t, a, b)
	case "!==":
		return !strictlyEqual(t, a, b)
	}
	c := a.CompareTo(t, b)
	switch op {
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	}
	return c <= 0
}

func numbersMixed(a, b *JToken) bool {
	return a.kind == jInteger && b.kind == jFloat || a.kind == jFloat && b.kind == jInteger
}

func strictlyEqual(t *types.Thread, a, b *JToken) bool {
	if numbersMixed(a, b) {
		return compareJSON(t, a.kind, a.value, b.value) == 0
	}
	return valuesEqual(t, a, b)
}

func looselyEqual(t *types.Thread, a, b *JToken) bool {
	if strictlyEqual(t, a, b) {
		return true
	}
	text, ok := b.value.(*types.String)
	if !ok || b.kind != jString {
		return false
	}
	switch x := a.value.(type) {
	case types.DateTime:
		return jsonDate(x) == text.Go()
	case *types.Bytes:
		return base64.StdEncoding.EncodeToString(x.B) == text.Go()
	case types.Guid, types.TimeSpan:
		return goString(objectToString(t, x)) == text.Go()
	case *Uri:
		return x.original.Go() == text.Go()
	}
	return false
}

func regexMatches(t *types.Thread, a, b *JToken) bool {
	if a.kind != jString || b.kind != jString {
		return false
	}
	text := goString(b.value.(*types.String))
	i := strings.LastIndexByte(text, '/')
	if i < 1 {
		throwRange("Length cannot be less than zero.", "length")
	}
	options := int32(0)
	for _, c := range text[i+1:] {
		switch c {
		case 'i':
			options |= regexIgnoreCase
		case 'm':
			options |= regexMultiline
		case 's':
			options |= regexSingleline
		case 'x':
			options |= regexExplicitCapture
		}
	}
	re := newRegex(t, types.NewString(text[1:i]), options, 0)
	return re.match(t, a.value.(*types.String), 0).success
}
