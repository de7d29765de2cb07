package bind

import "github.com/postern-gateway/postern/csharp/syntax"

// garbled reports a name right after which the parser found a word that it had to skip. As Roslyn does, the binder then says nothing of the name.
func (b *binder) garbled(n syntax.Node) bool {
	end := n.Span().End
	for _, d := range b.env.Parse {
		if d.Code == "CS1073" && d.Span.Start >= end && d.Span.Start <= end+1 {
			b.broken = true
			return true
		}
	}
	return false
}
