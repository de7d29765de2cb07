package policy

// Chain are the documents that apply to one request, of which any may be nil: no document at that scope.
type Chain struct {
	Global, Workspace, Product, API, Operation *Document
}

// Program is what runs for one operation in one product context: the documents of all its scopes, joined at
// <base/>. It is immutable and safe for concurrent use.
type Program struct {
	sections [4]Block
	// above is, for each section and scope, what a <base/> that stands inside other policies of that scope's document does.
	above [4][Operation + 1]Block
}

// Link joins the documents of a chain. forward is the step of the default global document's <forward-request/>, used
// where Global is nil.
func Link(c Chain, forward Op) *Program {
	if c.Global == nil {
		c.Global = &Document{Scope: Global}
		c.Global.Sections[Backend] = Block{forward}
	}
	p := &Program{}
	documents := [...]*Document{Global: c.Global, Workspace: c.Workspace, Product: c.Product, API: c.API, Operation: c.Operation}
	for section := Inbound; section <= OnError; section++ {
		var block Block
		for scope, d := range documents {
			p.above[section][scope] = block
			if d != nil {
				block = splice(d.Sections[section], block)
			}
		}
		p.sections[section] = block
	}
	return p
}

// splice puts what base stands for in its place.
func splice(block, base Block) Block {
	var out Block
	for _, op := range block {
		if op.base {
			out = append(out, base...)
		} else {
			out = append(out, op)
		}
	}
	return out
}
