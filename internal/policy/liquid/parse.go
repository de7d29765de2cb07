package liquid

import (
	"fmt"
	"strings"
)

// parser makes nodes of tokens.
type parser struct {
	tokens  []token
	pos     int
	depth   int
	remarks []Remark
	// at is the place of the tag that is being read.
	at int
}

func (p *parser) fail(format string, args ...any) {
	(&failure{at: p.at}).fail(excSyntax, format, args...)
}

// maxRemarks bounds the remarks on one template.
const maxRemarks = 100

func (p *parser) remark(at int, fatal bool, format string, args ...any) {
	if len(p.remarks) >= maxRemarks && !fatal {
		return
	}
	p.remarks = append(p.remarks, Remark{at, fatal, fmt.Sprintf(format, args...)})
}

// block is a tag with content, while that is being read.
type block struct {
	// name is the tag's; the block ends at end+name. Empty: the whole document.
	name string
	// inner is asked about tags that nobody knows, such as else; it returns false for those that it does not know either.
	inner func(tag, markup string) bool
	// nodes are where content goes at present.
	nodes *[]node
	// open tells that the end of the template ends the block.
	open bool
	// named are the names of the {% block %}s in it.
	named map[string]bool
}

func (p *parser) document() []node {
	var nodes []node
	p.content(&block{nodes: &nodes, open: true})
	return nodes
}

// content reads up to the end of the block.
func (p *parser) content(b *block) {
	start := p.at
	if p.depth++; p.depth > maxBlocks {
		p.fail("Tags nest more than %d deep.", maxBlocks)
	}
	defer func() { p.depth-- }()
	for p.pos < len(p.tokens) {
		t := p.tokens[p.pos]
		p.pos++
		switch {
		case strings.HasPrefix(t.text, "{%"):
			p.at = t.at
			if p.tag(b, t) {
				return
			}
		case strings.HasPrefix(t.text, "{{"):
			p.at = t.at
			*b.nodes = append(*b.nodes, p.output(t))
		default:
			*b.nodes = append(*b.nodes, literal(t.text))
		}
	}
	if !b.open {
		p.at = start
		p.fail("%s tag was never closed", b.name)
	}
}

// splitTag divides a tag's token into its name and what follows it; ok is false where it is malformed, or goes over the end of a line.
func splitTag(text string) (name, markup string, ok bool) {
	s, closed := strings.CutSuffix(strings.TrimPrefix(text, "{%"), "%}")
	s = s[skipSpace(s, 0):]
	end := runOf(s, 0, isWord)
	name = s[:end]
	markup = s[skipSpace(s, end):]
	return name, markup, closed && name != "" && !strings.Contains(markup, "\n")
}

// tag reads one tag; done tells that it was the block's end.
func (p *parser) tag(b *block, t token) (done bool) {
	name, markup, ok := splitTag(t.text)
	if !ok {
		p.fail(`Tag '%s' was not properly terminated with regexp: (?-mix:\%%\}) (a tag stands on one line and begins with its name)`, t.text)
	}
	if b.name != "" && name == "end"+b.name {
		return true
	}
	if read := tags[name]; read != nil {
		at := p.at
		if n := read(p, name, markup, b); n != nil {
			*b.nodes = append(*b.nodes, &placed{at, n})
		}
		return false
	}
	if b.inner != nil && b.inner(name, markup) {
		return false
	}
	owner := b.name
	switch name {
	case "else":
		p.fail("%s tag does not expect else tag", owner)
	case "end":
		p.fail("'end' is not a valid delimiter for %s tags. Use end%s", owner, owner)
	}
	p.fail("Unknown tag '%s'", name)
	return false
}

func (p *parser) output(t token) node {
	markup := strings.TrimSuffix(strings.TrimPrefix(t.text, "{{"), "}}")
	if strings.Contains(markup, "\n") {
		p.fail(`Variable '%s' was not properly terminated with regexp: (?-mix:\}\}) (it stands on one line)`, t.text)
	}
	return &placed{t.at, &output{p.variable(markup)}}
}

// variable compiles what stands in {{ }}: a variable and its filters.
func (p *parser) variable(markup string) *variable {
	name, rest, ok := splitVariable(markup)
	if !ok {
		return &variable{}
	}
	v := &variable{of: compileOperand(name, 0)}
	for _, text := range filterTexts(rest) {
		name, ok := firstWord(text)
		if !ok {
			continue
		}
		call := filterCall{name: name, filter: filters[name]}
		for _, a := range filterArguments(text) {
			call.args = append(call.args, compileOperand(a, 0))
		}
		if call.filter == nil {
			p.remark(p.at, false, "There is no filter '%s'; what stands before it is passed on.%s", name, suggestion(name))
		} else if missing := call.filter.missing(len(call.args)); missing != "" {
			p.remark(p.at, false, "The filter '%s' has no value for its '%s': rendering fails here.", name, missing)
		}
		v.filters = append(v.filters, call)
	}
	return v
}

// suggestion names the filter that is written nearly so.
func suggestion(name string) string {
	plain := strings.ReplaceAll(name, "_", "")
	for f := range filters {
		if strings.EqualFold(f, plain) {
			return " Did you mean '" + f + "'?"
		}
	}
	return ""
}
