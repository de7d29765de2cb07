package chain

import (
	"bytes"
	"fmt"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Purposes that allow TLS client authentication (RFC 5280 section 4.2.1.12).
const (
	oidClientAuth = "1.3.6.1.5.5.7.3.2"
	oidAnyUsage   = "2.5.29.37.0"
)

// minStrictRSABits is the smallest RSA key of strict mode.
const minStrictRSABits = 2048

// Bits of the Netscape certificate type.
const (
	nsClient = 0x80
	nsCA     = 0x04
)

// judgeStrict makes the checks of strict mode, which .NET does not make: the purpose, the policies,
// the forms that RFC 5280 forbids, SHA-1 and small keys, and name constraints by the letter.
func (p *path) judgeStrict() {
	last := len(p.certs) - 1
	for n, c := range p.certs {
		p.strictPurpose(n, c)
		p.strictForm(n, c)
		if c.small() {
			p.fail(n, ReasonWeakKey, "strict mode")
		}
		if c.algorithm.SHA1() && n < last {
			p.fail(n, ReasonWeakSignature, "strict mode: SHA-1")
		}
		if c.nc != nil {
			p.strictConstraints(n, c)
		}
	}
	if at, why := policiesHold(p.certs); at >= 0 {
		p.fail(at, ReasonPolicy, why)
	}
}

// small reports whether the key is smaller than strict mode wants.
func (i *Info) small() bool {
	return i.key.weak != "" || i.key.kind == keyDSA || (i.key.rsa != nil && i.key.rsa.N.BitLen() < minStrictRSABits)
}

// strictPurpose wants every certificate that limits its purpose to allow client authentication.
// The key usage of a CA that is itself the client is not judged: it says what it issues.
func (p *path) strictPurpose(n int, c *Info) {
	if raw, ok := c.Extension(oidEKU); ok && !allowsClient(raw) {
		p.fail(n, ReasonPurpose, "extended key usage")
	}
	if n == 0 {
		if c.HasKeyUsage && !c.CA && c.keyUsage&usageSignature == 0 {
			p.fail(n, ReasonPurpose, "key usage without digitalSignature")
		}
		if c.hasNSType && c.nsType&nsClient == 0 {
			p.fail(n, ReasonPurpose, "Netscape certificate type")
		}
		return
	}
	if c.hasNSType && c.nsType&nsCA == 0 {
		p.fail(n, ReasonPurpose, "Netscape certificate type")
	}
}

func allowsClient(raw []byte) bool {
	seq, err := der.One(raw, der.Sequence, "usages")
	if err != nil {
		return false
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Read(der.OID, "usage")
		if err != nil {
			return false
		}
		if oid, err := der.OIDText(e.Content); err == nil && (oid == oidClientAuth || oid == oidAnyUsage) {
			return true
		}
	}
	return false
}

// strictForm refuses forms that RFC 5280 section 4.2 forbids.
func (p *path) strictForm(n int, c *Info) {
	for oid, list := range c.extensions {
		if len(list) > 1 {
			p.fail(n, ReasonForm, "extension "+oid+" is there twice")
		}
	}
	switch {
	case len(c.Cert.Extensions) > 0 && c.Cert.Version != 3:
		p.fail(n, ReasonForm, fmt.Sprintf("extensions in version %d", c.Cert.Version))
	case c.Cert.Subject.Empty() && (len(c.names) == 0 || c.CA):
		p.fail(n, ReasonForm, "empty subject")
	case c.pathLen >= 0 && !c.CA:
		p.fail(n, ReasonForm, "a path length without cA")
	}
}

// strictConstraints reads the name constraints of the certificate at n by the letter of RFC 5280
// section 4.2.1.10, and applies them to the leaf in the ways that OpenSSL leaves open.
func (p *path) strictConstraints(n int, c *Info) {
	if n == 0 || !c.CA {
		p.fail(n, ReasonForm, "name constraints in a certificate that is no CA's")
		return
	}
	leaf := p.certs[0]
	hasDNS := false
	for _, name := range leaf.names {
		hasDNS = hasDNS || name.Kind == NameDNS
	}
	for _, t := range c.nc.permitted {
		if t.base.Kind == NameDNS && !hasDNS && len(leaf.names) == 0 {
			p.fail(0, ReasonNameSyntax, "no host name to constrain")
		}
	}
	for _, t := range append(append([]subtree(nil), c.nc.permitted...), c.nc.excluded...) {
		if !t.wellFormed() {
			p.fail(n, ReasonNameSyntax, "malformed name constraint")
		}
	}
	for _, name := range leaf.names {
		for _, t := range c.nc.excluded {
			if name.Kind == NameDNS && t.base.Kind == NameDNS && wildcardReaches(name.Value, t.base.Value) {
				p.fail(0, ReasonExcluded, "a wildcard that reaches into an excluded tree")
			}
		}
	}
}

// wellFormed reports whether the base is as RFC 5280 wants it: no leading dot for hosts, a mask without holes.
func (t subtree) wellFormed() bool {
	switch t.base.Kind {
	case NameDNS:
		return len(t.base.Value) == 0 || t.base.Value[0] != '.'
	case NameIP:
		hole := false
		for _, m := range t.base.Value[len(t.base.Value)/2:] {
			for bit := 7; bit >= 0; bit-- {
				set := m>>bit&1 == 1
				if set && hole {
					return false
				}
				hole = hole || !set
			}
		}
	}
	return true
}

// wildcardReaches reports whether a wildcard stands for a name in the tree.
func wildcardReaches(name, base []byte) bool {
	tail, ok := bytes.CutPrefix(name, []byte("*."))
	if !ok {
		return false
	}
	_, parent, found := bytes.Cut(base, []byte("."))
	return found && equalFoldASCII(tail, parent)
}
