package revocation

import (
	"errors"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// scope is what a list is about: its issuingDistributionPoint (RFC 5280 section 5.2.5).
type scope struct {
	present                                  bool
	onlyUser, onlyCA, onlyAttribute          bool
	indirect, someReasons, contradicts, bare bool
	reasons                                  uint16
	point                                    chain.Point
	raw                                      []byte
}

func (s *scope) read(value, issuer []byte) error {
	seq, err := der.NewReader(value).Read(der.Sequence, "scope")
	if err != nil {
		return err
	}
	t := scope{present: true, reasons: chain.AllReasons, raw: value, bare: true}
	r := der.NewReader(seq.Content)
	name, ok, err := r.Optional(der.ContextConstructed, "name")
	if err != nil {
		return err
	}
	if ok {
		t.bare = false
		if t.point, err = chain.ReadPointName(name.Content, issuer); err != nil {
			return err
		}
	}
	flags := []struct {
		tag  byte
		into *bool
	}{{1, &t.onlyUser}, {2, &t.onlyCA}, {3, &t.someReasons}, {4, &t.indirect}, {5, &t.onlyAttribute}}
	for _, f := range flags {
		e, ok, err := r.Optional(der.Context+f.tag, "flag")
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if f.into == &t.someReasons {
			t.someReasons = true
			if t.reasons, err = chain.ReadReasons(e.Content); err != nil {
				return err
			}
			continue
		}
		if len(e.Content) != 1 {
			return errors.New("malformed flag")
		}
		*f.into = e.Content[0] != 0
	}
	only := 0
	for _, set := range []bool{t.onlyUser, t.onlyCA, t.onlyAttribute} {
		if set {
			only++
		}
	}
	t.contradicts = only > 1
	if err := r.End("scope"); err != nil {
		return err
	}
	*s = t
	return nil
}

// covers reports whether a list of this scope is about c, and for which reasons (OpenSSL's
// crl_crldp_check). byIssuer says that the list's issuer is the certificate's.
func (s *scope) covers(c *chain.Info, list *CRL, byIssuer bool) (reasons uint16, ok bool) {
	if s.onlyAttribute || (c.CA && s.onlyUser) || (!c.CA && s.onlyCA) {
		return 0, false
	}
	for _, p := range c.Points {
		if issuedFor(p, list, byIssuer) && s.samePoint(p) {
			return s.reasons & p.Reasons, true
		}
	}
	return s.reasons, (!s.present || s.bare) && byIssuer
}

// issuedFor reports whether the list's issuer is the one that the distribution point means.
func issuedFor(p chain.Point, list *CRL, byIssuer bool) bool {
	if !p.HasCRLIssuer {
		return byIssuer
	}
	for _, n := range p.CRLIssuer {
		if n.Kind == chain.NameDirectory && n.Directory == list.issuer {
			return true
		}
	}
	return false
}

// samePoint reports whether the list is of the distribution point p; where one of the two has no name, it is.
func (s *scope) samePoint(p chain.Point) bool {
	if !s.present || s.bare || !p.HasName {
		return true
	}
	a, b := p, s.point
	switch {
	case a.Relative != "" && b.Relative != "":
		return a.Relative == b.Relative
	case a.Relative != "":
		return hasDirectory(b.Full, a.Relative)
	case b.Relative != "":
		return hasDirectory(a.Full, b.Relative)
	}
	for _, x := range a.Full {
		for _, y := range b.Full {
			if sameName(x, y) {
				return true
			}
		}
	}
	return false
}

func hasDirectory(names []chain.GeneralName, directory string) bool {
	for _, n := range names {
		if n.Kind == chain.NameDirectory && n.Directory == directory {
			return true
		}
	}
	return false
}

func sameName(a, b chain.GeneralName) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.Kind == chain.NameDirectory {
		return a.Directory == b.Directory
	}
	return a.TypeID == b.TypeID && string(a.Value) == string(b.Value)
}
