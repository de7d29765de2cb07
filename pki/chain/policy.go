package chain

import (
	"errors"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// anyPolicy stands for every certificate policy.
const anyPolicy = "2.5.29.32.0"

// maxPolicies bounds the policies and mappings of one certificate.
const maxPolicies = 256

// policyFacts are the policy extensions of one certificate (RFC 5280 sections 4.2.1.4, .5, .11 and .14).
type policyFacts struct {
	policies []string
	present  bool
	mappings [][2]string
	// requireExplicit, inhibitMapping and inhibitAny are -1 where nothing is said.
	requireExplicit, inhibitMapping, inhibitAny int
}

func readPolicyFacts(c *Info) (f policyFacts, err error) {
	f.requireExplicit, f.inhibitMapping, f.inhibitAny = -1, -1, -1
	if raw, ok := c.Extension(oidPolicies); ok {
		f.present = true
		if f.policies, err = readPolicyList(raw); err != nil {
			return f, err
		}
	}
	if raw, ok := c.Extension(oidMappings); ok {
		if f.mappings, err = readMappings(raw); err != nil {
			return f, err
		}
	}
	if raw, ok := c.Extension(oidPolicyLimit); ok {
		if f.requireExplicit, f.inhibitMapping, err = readPolicyLimits(raw); err != nil {
			return f, err
		}
	}
	if raw, ok := c.Extension(oidInhibitAny); ok {
		if f.inhibitAny = readSmall(raw); f.inhibitAny < 0 {
			return f, errors.New("malformed inhibitAnyPolicy")
		}
	}
	return f, nil
}

func readPolicyList(raw []byte) (list []string, err error) {
	items, err := sequenceOfSequences(raw)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for _, item := range items {
		id, err := readPolicyID(der.NewReader(item))
		if err != nil {
			return nil, err
		}
		if seen[id] {
			return nil, errors.New("a policy is there twice")
		}
		seen[id] = true
		list = append(list, id)
	}
	return list, nil
}

func readMappings(raw []byte) (list [][2]string, err error) {
	items, err := sequenceOfSequences(raw)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		r := der.NewReader(item)
		from, err := readPolicyID(r)
		if err != nil {
			return nil, err
		}
		to, err := readPolicyID(r)
		if err != nil {
			return nil, err
		}
		if from == anyPolicy || to == anyPolicy {
			return nil, errors.New("anyPolicy is mapped") // forbidden by RFC 5280 section 4.2.1.5, of the last certificate too
		}
		list = append(list, [2]string{from, to})
	}
	return list, nil
}

// sequenceOfSequences are the contents of a SEQUENCE OF SEQUENCE, at most maxPolicies.
func sequenceOfSequences(raw []byte) ([][]byte, error) {
	seq, err := der.One(raw, der.Sequence, "policies")
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "policy")
		if err != nil {
			return nil, err
		}
		if list = append(list, e.Content); len(list) > maxPolicies {
			return nil, errors.New("too many policies")
		}
	}
	return list, nil
}

func readPolicyID(r *der.Reader) (string, error) {
	e, err := r.Read(der.OID, "policy")
	if err != nil {
		return "", err
	}
	return der.OIDText(e.Content)
}

func readPolicyLimits(raw []byte) (explicit, mapping int, err error) {
	explicit, mapping = -1, -1
	seq, err := der.One(raw, der.Sequence, "policy constraints")
	if err != nil {
		return explicit, mapping, err
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Next()
		if err != nil {
			return explicit, mapping, err
		}
		n := readSmall(appendElement(nil, der.Integer, e.Content))
		switch {
		case n < 0:
			return explicit, mapping, errors.New("malformed policy constraints")
		case e.ID == der.Context:
			explicit = n
		case e.ID == der.Context+1:
			mapping = n
		}
	}
	if explicit < 0 && mapping < 0 {
		return explicit, mapping, errors.New("empty policy constraints") // forbidden by RFC 5280 section 4.2.1.11
	}
	return explicit, mapping, nil
}

// policyState is the state of RFC 5280 section 6.1.2. Of the tree of valid policies only the
// lowest level is kept: each valid policy with the policies that are expected below it. It is
// nil where the RFC's tree is NULL. The user's initial set is anyPolicy.
type policyState struct {
	level                  map[string]map[string]bool
	explicit, mapping, any int
}

// policiesHold is the policy part of path validation, from below the root down to the leaf. It
// gives the index of the certificate that fails, or -1.
func policiesHold(certs []*Info) (failing int, why string) {
	n := len(certs) - 1
	s := policyState{map[string]map[string]bool{anyPolicy: {anyPolicy: true}}, n + 1, n + 1, n + 1}
	for at := n - 1; at >= 0; at-- {
		c := certs[at]
		f, err := readPolicyFacts(c)
		if err != nil {
			return at, err.Error()
		}
		s.descend(f, at > 0 && c.SelfIssued)
		if s.explicit == 0 && s.level == nil {
			return at, "no policy is valid, and one is required"
		}
		if at > 0 {
			s.prepare(f, c.SelfIssued)
			continue
		}
		if s.explicit > 0 {
			s.explicit--
		}
		if f.requireExplicit == 0 {
			s.explicit = 0
		}
		if s.explicit == 0 && s.level == nil {
			return at, "no policy is valid, and one is required"
		}
	}
	return -1, ""
}

// descend is section 6.1.3 (d) and (e): the policies of the next certificate that are expected.
func (s *policyState) descend(f policyFacts, selfIssued bool) {
	if !f.present || s.level == nil {
		s.level = nil
		return
	}
	next := make(map[string]map[string]bool)
	takesAny := false
	for _, p := range f.policies {
		if p == anyPolicy {
			takesAny = s.any > 0 || selfIssued
			continue
		}
		if s.expects(p) || s.level[anyPolicy] != nil {
			next[p] = map[string]bool{p: true}
		}
	}
	if takesAny {
		for _, expected := range s.level {
			for p := range expected {
				if next[p] == nil {
					next[p] = map[string]bool{p: true}
				}
			}
		}
	}
	s.level = next
	if len(next) == 0 {
		s.level = nil
	}
}

func (s *policyState) expects(policy string) bool {
	for _, expected := range s.level {
		if expected[policy] {
			return true
		}
	}
	return false
}

// prepare is section 6.1.4: mappings, counters and constraints for the certificate below.
func (s *policyState) prepare(f policyFacts, selfIssued bool) {
	mapped := make(map[string]map[string]bool)
	for _, m := range f.mappings {
		if mapped[m[0]] == nil {
			mapped[m[0]] = make(map[string]bool)
		}
		mapped[m[0]][m[1]] = true
	}
	for from, to := range mapped {
		switch {
		case s.level == nil:
		case s.mapping == 0:
			delete(s.level, from)
		case s.level[from] != nil || s.level[anyPolicy] != nil:
			s.level[from] = to
		}
	}
	if len(s.level) == 0 {
		s.level = nil
	}
	for _, c := range []struct {
		counter *int
		limit   int
	}{{&s.explicit, f.requireExplicit}, {&s.mapping, f.inhibitMapping}, {&s.any, f.inhibitAny}} {
		if !selfIssued && *c.counter > 0 {
			*c.counter--
		}
		if c.limit >= 0 && c.limit < *c.counter {
			*c.counter = c.limit
		}
	}
}
