package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlEqual is XNode.DeepEquals: the same names, attributes in the same order, texts and nodes.
func xmlEqual(t *types.Thread, a, b *xmlNode) bool {
	t.Enter()
	defer t.Leave()
	if a == nil || b == nil || a == b {
		return a == b
	}
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case xmlElement:
		return a.name.same(b.name) && xmlContentEqual(t, a, b) && xmlAttributesEqual(a, b)
	case xmlDocument:
		return xmlContentEqual(t, a, b)
	case xmlPI:
		return goString(a.more.target) == goString(b.more.target) && a.text.Go() == b.text.Go()
	case xmlDocType:
		x, y := a.more, b.more
		return goString(x.target) == goString(y.target) && xmlSameText(x.public, y.public) && xmlSameText(x.system, y.system) &&
			xmlSameText(x.subset, y.subset)
	}
	return a.text.Go() == b.text.Go()
}

func xmlSameText(a, b *types.String) bool {
	return (a == nil) == (b == nil) && goString(a) == goString(b)
}

func xmlAttributesEqual(a, b *xmlNode) bool {
	if len(a.attrs) != len(b.attrs) {
		return false
	}
	for i, x := range a.attrs {
		if y := b.attrs[i]; !x.name.same(y.name) || x.value.Go() != y.value.Go() {
			return false
		}
	}
	return true
}

// xmlOnlyText is the text of a container whose nodes are all texts; ok is false for any other, one with no content at all included.
func xmlOnlyText(n *xmlNode) (text string, ok bool) {
	if n.first == nil {
		return "", n.open
	}
	var b strings.Builder
	for c := n.first; c != nil; c = c.next {
		if c.kind != xmlText {
			return "", false
		}
		b.WriteString(c.text.Go())
	}
	return b.String(), true
}

func xmlContentEqual(t *types.Thread, a, b *xmlNode) bool {
	if a.first == nil && b.first == nil && !a.open && !b.open {
		return true
	}
	if s, ok := xmlOnlyText(a); ok {
		r, ok := xmlOnlyText(b)
		return ok && s == r
	}
	x, y := a.first, b.first
	if x == nil || y == nil {
		return false
	}
	for {
		var s, r string
		s, x = xmlTexts(x)
		r, y = xmlTexts(y)
		t.Step(1)
		if s != r || (x == nil) != (y == nil) {
			return false
		}
		if x == nil {
			return true
		}
		if !xmlEqual(t, x, y) {
			return false
		}
		x, y = x.next, y.next
	}
}

// xmlTexts joins the texts from n on and gives the node after them.
func xmlTexts(n *xmlNode) (string, *xmlNode) {
	if n == nil || n.kind != xmlText {
		return "", n
	}
	var b strings.Builder
	for ; n != nil && n.kind == xmlText; n = n.next {
		b.WriteString(n.text.Go())
	}
	return b.String(), n
}

// xmlDeepHash goes with xmlEqual.
func xmlDeepHash(t *types.Thread, n *xmlNode) int32 {
	h := int32(n.kind)
	for c := n; c != nil; c = c.after(n, false) {
		t.Step(1)
		switch c.kind {
		case xmlElement:
			h = h*31 + stringHash(c.name.local.Go())
		case xmlCData, xmlComment:
			h = h*31 + stringHash(c.text.Go())
		}
	}
	return h
}

// xmlOrder compares places in a document: negative where a comes first. Nodes of different trees throw.
func xmlOrder(a, b *xmlNode) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	up, down := xmlPath(a), xmlPath(b)
	if up[0] != down[0] {
		types.Throw(types.InvalidOperationException, "A common ancestor is missing.")
	}
	for i := 1; ; i++ {
		switch {
		case i == len(up):
			return -1
		case i == len(down):
			return 1
		case up[i] == down[i]:
			continue
		}
		for c := up[i]; c != nil; c = c.next {
			if c == down[i] {
				return -1
			}
		}
		return 1
	}
}

// xmlPath are the nodes from the root of the tree down to n.
func xmlPath(n *xmlNode) []*xmlNode {
	var path []*xmlNode
	for ; n != nil; n = n.parent {
		path = append(path, n)
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}
