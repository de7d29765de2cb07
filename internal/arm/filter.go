package arm

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// filterUse says what $filter may do with a field.
type filterUse uint8

const (
	equality    filterUse = 1 << iota // eq, ne
	ordering                          // ge, le, gt, lt
	functions                         // substringof, contains, startswith, endswith
	comparisons = equality | ordering
	anyUse      = comparisons | functions
)

// filter is a parsed $filter: API Management's subset of OData 3. The zero filter matches all.
type filter struct {
	match func(view map[string]any) bool
}

func (f filter) matches(view map[string]any) bool {
	return f.match == nil || f.match(view)
}

type filterParser struct {
	text   string
	rest   string
	fields map[string]filterUse
	depth  int
}

// maxFilterDepth bounds nested parentheses.
const maxFilterDepth = 32

func parseFilter(text string, fields map[string]filterUse) (filter, error) {
	p := &filterParser{text: text, rest: text, fields: fields}
	m, err := p.or()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("'%s' was not expected", p.peek())
	}
	if err != nil {
		at := len(text) - len(p.rest) + 1
		return filter{}, fieldErrors(fault.Detail{Target: "$filter", Message: fmt.Sprintf("The filter '%s' is wrong near position %d: %v.", text, at, err)})
	}
	return filter{m}, nil
}

type matcher = func(map[string]any) bool

func (p *filterParser) or() (matcher, error) {
	left, err := p.and()
	for err == nil && strings.EqualFold(p.peek(), "or") {
		p.next()
		var right matcher
		right, err = p.and()
		l := left
		left = func(v map[string]any) bool { return l(v) || right(v) }
	}
	return left, err
}

func (p *filterParser) and() (matcher, error) {
	left, err := p.term()
	for err == nil && strings.EqualFold(p.peek(), "and") {
		p.next()
		var right matcher
		right, err = p.term()
		l := left
		left = func(v map[string]any) bool { return l(v) && right(v) }
	}
	return left, err
}

func (p *filterParser) term() (matcher, error) {
	if p.peek() == "(" {
		if p.depth++; p.depth > maxFilterDepth {
			return nil, fmt.Errorf("it nests too deep")
		}
		p.next()
		m, err := p.or()
		if err != nil {
			return nil, err
		}
		p.depth--
		return m, p.expect(")")
	}
	switch word := strings.ToLower(p.peek()); word {
	case "substringof", "contains", "startswith", "endswith":
		p.next()
		return p.function(word)
	}
	return p.comparison()
}

func (p *filterParser) function(name string) (matcher, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	first := p.next()
	if err := p.expect(","); err != nil {
		return nil, err
	}
	second := p.next()
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	field, literal := first, second
	if name == "substringof" {
		field, literal = second, first
	}
	if err := p.allowed(field, functions); err != nil {
		return nil, err
	}
	want, err := unquote(literal)
	if err != nil {
		return nil, err
	}
	test := map[string]func(s, part string) bool{"substringof": strings.Contains, "contains": strings.Contains,
		"startswith": strings.HasPrefix, "endswith": strings.HasSuffix}[name]
	want = strings.ToLower(want)
	return func(v map[string]any) bool { return test(strings.ToLower(fieldText(v, field)), want) }, nil
}

func (p *filterParser) comparison() (matcher, error) {
	field, op, literal := p.next(), strings.ToLower(p.next()), p.next()
	use := ordering
	if op == "eq" || op == "ne" {
		use = equality
	}
	if err := p.allowed(field, use); err != nil {
		return nil, err
	}
	want, err := unquote(literal)
	if err != nil {
		return nil, err
	}
	want = strings.ToLower(strings.TrimPrefix(want, "datetime"))
	compare, ok := map[string]func(int) bool{"eq": func(c int) bool { return c == 0 }, "ne": func(c int) bool { return c != 0 },
		"ge": func(c int) bool { return c >= 0 }, "le": func(c int) bool { return c <= 0 },
		"gt": func(c int) bool { return c > 0 }, "lt": func(c int) bool { return c < 0 }}[op]
	if !ok {
		return nil, fmt.Errorf("'%s' is not an operator", op)
	}
	return func(v map[string]any) bool {
		return compare(strings.Compare(strings.ToLower(fieldText(v, field)), want))
	}, nil
}

func (p *filterParser) allowed(field string, use filterUse) error {
	got, ok := p.fields[field]
	if !ok {
		return fmt.Errorf("'%s' is not a field that can be filtered", field)
	}
	if got&use == 0 {
		return fmt.Errorf("'%s' cannot be used so", field)
	}
	return nil
}

func (p *filterParser) expect(token string) error {
	if got := p.next(); got != token {
		return fmt.Errorf("'%s' was expected, not '%s'", token, got)
	}
	return nil
}

func (p *filterParser) peek() string {
	token, _ := p.token()
	return token
}

func (p *filterParser) next() string {
	token, rest := p.token()
	p.rest = rest
	return token
}

// token is the next token and what follows it: a parenthesis, a comma, a quoted text, a word; empty at the end.
func (p *filterParser) token() (token, rest string) {
	s := strings.TrimLeft(p.rest, " \t")
	if s == "" {
		return "", ""
	}
	if strings.ContainsRune("(),", rune(s[0])) {
		return s[:1], s[1:]
	}
	if s[0] != '\'' {
		end := strings.IndexAny(s, " \t(),")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:]
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			i++
			continue
		}
		return s[:i+1], s[i+1:]
	}
	return s, ""
}

func unquote(token string) (string, error) {
	if token == "" {
		return "", fmt.Errorf("a value is missing")
	}
	if token[0] != '\'' {
		return token, nil
	}
	if len(token) < 2 || token[len(token)-1] != '\'' {
		return "", fmt.Errorf("the text %s is not closed", token)
	}
	return strings.ReplaceAll(token[1:len(token)-1], "''", "'"), nil
}

// fieldText is the field of a resource's view as text; lists are joined by spaces.
func fieldText(view map[string]any, field string) string {
	var v any
	if field == "name" {
		v = view["name"]
	} else if p, ok := view["properties"].(map[string]any); ok {
		v = p[field]
	}
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = fmt.Sprint(e)
		}
		return strings.Join(parts, " ")
	default:
		return fmt.Sprint(x)
	}
}
