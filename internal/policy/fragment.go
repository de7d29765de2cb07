package policy

import (
	"fmt"

	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

// InFragment reports whether the element stands in a fragment.
func (n *Node) InFragment() bool { return n.unit.fragment }

// Include compiles the fragment of that id as if its policies stood here. What is wrong is reported; a fragment that is
// elsewhere (an offline check without fragments) has no steps.
func (n *Node) Include(id string) Block {
	u := n.unit
	var f Fragment
	ok := false
	if u.options.Fragments != nil {
		f, ok = u.options.Fragments(id)
	}
	switch {
	case !ok && u.options.Offline:
		if u.options.Fragments != nil && !n.Open("fragment-id") {
			n.AttrWarnf("fragment-id", CodeFragment, "The policy fragment '%s' is not known here.", id)
		}
		return nil
	case !ok:
		n.AttrErrorf("fragment-id", CodeFragment, "There is no policy fragment '%s'.", id)
		return nil
	}
	o := u.options
	o.Format = f.Format
	block, user, ds := u.compiler.include("fragment "+id, f.Text, n.at, o)
	for _, d := range ds {
		if d.Severity == source.Error {
			n.AttrErrorf("fragment-id", d.Code, "In the fragment '%s', at %s: %s", id, user.Position(d.Span.Start), d.Message)
		}
	}
	return block
}

func (c *Compiler) include(name, text string, at standing, o CheckOptions) (Block, *source.Text, []source.Diagnostic) {
	user := source.NewText(name, text)
	doc, ds := policyxml.Parse(name, text, policyxml.Options{
		Format: o.Format, NamedValues: o.NamedValues, MaxBytes: policyxml.MaxFragmentBytes,
	})
	if doc == nil {
		return nil, user, ds
	}
	u := &unit{compiler: c, options: o, doc: doc, name: name, fragment: true, diagnostics: ds}
	if doc.Root.Name != "fragment" {
		u.errorf(CodeRoot, doc.Root.NameSpan, "The root element of a fragment is 'fragment', not '%s'.", doc.Root.Name)
		return nil, user, u.diagnostics
	}
	u.noAttributes(doc.Root)
	u.noText(doc.Root)
	at.path = fmt.Sprintf("%s/", at.path)
	block := u.policies(doc.Root, at)
	u.references()
	return block, user, u.diagnostics
}
