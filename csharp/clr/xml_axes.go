package clr

import "github.com/postern-gateway/postern/csharp/types"

var (
	xelementType = lateType(xlinqNS + "XElement")
	xnodeType    = lateType(xlinqNS + "XNode")
)

// xmlWalk gives one node after the other; nil at the end.
type xmlWalk func(t *types.Thread) *xmlNode

// xmlPull enumerates a walk.
func xmlPull(w xmlWalk) types.Enumerator {
	return &pull{next: func(t *types.Thread) (types.Value, bool) {
		n := w(t)
		if n == nil {
			return types.Value{}, false
		}
		return types.Ref(n), true
	}}
}

// xmlNodes is a sequence of nodes, elements those of elements only.
func xmlNodes(elements bool, start func() xmlWalk) *sequence {
	elem := xnodeType
	if elements {
		elem = xelementType
	}
	return newSequence(elem(), func(*types.Thread) types.Enumerator { return xmlPull(start()) })
}

// noElements is an empty sequence of elements.
func noElements() *sequence { return sequenceOf(xelementType(), nil) }

// elementsOf walks the elements below p of a name, nil meaning any.
func elementsOf(p *xmlNode, name *xmlName) xmlWalk {
	return siblingWalk(p.first, p, name, true)
}

// siblingWalk walks from first on along the nodes of p.
func siblingWalk(first, p *xmlNode, name *xmlName, elements bool) xmlWalk {
	next := first
	var last *xmlNode
	return func(t *types.Thread) *xmlNode {
		if last != nil {
			if last.parent != p {
				return nil
			}
			next = last.next
			last = nil
		}
		for ; next != nil; next = next.next {
			t.Step(1)
			if !elements || next.kind == xmlElement && (name == nil || next.name.same(name)) {
				last = next
				return last
			}
		}
		return nil
	}
}

// descendantsOf walks the tree below p in document order, p itself first if self.
func descendantsOf(p *xmlNode, name *xmlName, elements, self bool) xmlWalk {
	var at *xmlNode
	return func(t *types.Thread) *xmlNode {
		for {
			t.Step(1)
			switch {
			case at == nil && self:
				at = p
			case at == nil:
				at = p
				continue
			default:
				if at = at.after(p, false); at == nil {
					at = &xmlNode{} // stays at the end
					p = at
					return nil
				}
			}
			if !elements || at.kind == xmlElement && (name == nil || at.name.same(name)) {
				return at
			}
		}
	}
}

// ancestorsOf walks the elements around n, n itself first if self.
func ancestorsOf(n *xmlNode, name *xmlName, self bool) xmlWalk {
	at := n
	if !self {
		at = n.parent
	}
	return func(t *types.Thread) *xmlNode {
		for ; at != nil && at.kind == xmlElement; at = at.parent {
			t.Step(1)
			if name == nil || at.name.same(name) {
				found := at
				at = at.parent
				return found
			}
		}
		return nil
	}
}

// beforeWalk walks the siblings before n, from the first on.
func beforeWalk(n *xmlNode, name *xmlName, elements bool) xmlWalk {
	if n.parent == nil {
		return func(*types.Thread) *xmlNode { return nil }
	}
	all := siblingWalk(n.parent.first, n.parent, name, false)
	return func(t *types.Thread) *xmlNode {
		for {
			c := all(t)
			if c == nil || c == n {
				return nil
			}
			if !elements || c.kind == xmlElement && (name == nil || c.name.same(name)) {
				return c
			}
		}
	}
}

// afterWalk walks the siblings after n.
func afterWalk(n *xmlNode, name *xmlName, elements bool) xmlWalk {
	if n.parent == nil {
		return func(*types.Thread) *xmlNode { return nil }
	}
	return siblingWalk(n.next, n.parent, name, elements)
}

// xmlAttributes is a sequence of an element's attributes of a name, nil meaning any.
func xmlAttributes(e *xmlNode, name *xmlName) *sequence {
	return newSequence(xattributeType(), func(*types.Thread) types.Enumerator { return attributePull(e, name) })
}

func attributePull(e *xmlNode, name *xmlName) types.Enumerator {
	var last *xmlAttr
	at := 0
	return &pull{next: func(t *types.Thread) (types.Value, bool) {
		if last != nil {
			if last.parent != e {
				return types.Value{}, false
			}
			if at >= len(e.attrs) || e.attrs[at] != last {
				at = last.index()
			}
			at++
		}
		for ; at < len(e.attrs); at++ {
			t.Step(1)
			if name == nil || e.attrs[at].name.same(name) {
				last = e.attrs[at]
				return types.Ref(last), true
			}
		}
		return types.Value{}, false
	}}
}

// nodeArg is an XNode of a sequence; null throws as .NET does for a null element.
func nodeArg(v types.Value) *xmlNode {
	n, _ := v.Ref.(*xmlNode)
	return n
}

// xmlFlatten is a sequence of what each node of a source leads to; a null among them is passed over.
func xmlFlatten(elem *types.Type, source any, from *types.Type, expand func(n *xmlNode) types.Enumerator) *sequence {
	if source == nil {
		types.ThrowNull("source")
	}
	return newSequence(elem, func(t *types.Thread) types.Enumerator {
		outer := types.Iterate(t, source, from)
		var inner types.Enumerator
		return &pull{
			next: func(t *types.Thread) (types.Value, bool) {
				for {
					if inner != nil && inner.MoveNext(t) {
						return inner.Current(), true
					}
					inner = nil
					if !outer.MoveNext(t) {
						return types.Value{}, false
					}
					t.Step(1)
					if n := nodeArg(outer.Current()); n != nil {
						inner = expand(n)
					}
				}
			},
			close: func(t *types.Thread) { outer.Dispose(t) },
		}
	})
}
