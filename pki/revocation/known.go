package revocation

import (
	"cmp"
	"slices"
	"time"

	"github.com/postern-gateway/postern/pki/dn"
)

// Known is a revocation list that a Checker has.
type Known struct {
	// Issuer is the name of who issued it, as .NET writes names.
	Issuer string
	// Source is where it was got: an address or a file.
	Source string
	// ThisUpdate is when it was issued, NextUpdate when a newer one is promised; zero if nothing is promised.
	ThisUpdate, NextUpdate time.Time
}

// Known are the lists that were fetched for certificates of late and those that the operator named, by source. Lists of
// Options.Local are not among them: who gives them knows them.
func (c *Checker) Known() []Known {
	lists := c.lists.values()
	if n := c.opts.Named; n != nil {
		lists = append(lists, n.lists.values()...)
		for _, f := range n.files {
			if l := f.list.Load(); l != nil {
				lists = append(lists, l)
			}
		}
	}
	known := make([]Known, len(lists))
	for i, l := range lists {
		known[i] = Known{Issuer: l.issuerName(), Source: l.source, ThisUpdate: l.ThisUpdate(), NextUpdate: l.NextUpdate()}
	}
	slices.SortFunc(known, func(a, b Known) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), a.NextUpdate.Compare(b.NextUpdate))
	})
	return known
}

// issuerName is the issuer in .NET's spelling, or the canonical one where that cannot be had.
func (c *CRL) issuerName() string {
	if name, err := dn.Parse(c.rawIssuer); err == nil {
		return name.String()
	}
	return c.issuer
}

// values are all values that are known now; a value that is being renewed counts until its successor is there.
func (s *store[T]) values() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]T, 0, len(s.slots))
	for _, e := range s.slots {
		if f := e.current.best(); f.known() {
			list = append(list, f.value)
		}
	}
	return list
}
