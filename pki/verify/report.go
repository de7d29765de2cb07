package verify

import (
	"fmt"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// Finding is something that the owner of a certificate should know. It refuses nothing by itself.
type Finding struct {
	// Code is a stable word (FindingCodes), Severity "error" for what makes the certificate useless, "warning" for what
	// keeps some verdict from being good, "info" for the rest.
	Code     string `json:"code"`
	Severity string `json:"severity"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
}

// Severities of a Finding.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
	SeverityInfo    = "info"
)

// Codes of a Finding.
const (
	FindingExpired           = "expired"
	FindingExpiresSoon       = "expires-soon"
	FindingNotYetValid       = "not-yet-valid"
	FindingBadTime           = "bad-time"
	FindingMalformed         = "malformed"
	FindingCriticalExtension = "critical-extension"
	FindingWeakKey           = "weak-key"
	FindingSmallKey          = "small-key"
	FindingWeakSignature     = "weak-signature"
	FindingSHA1              = "sha1-signature"
	FindingNoCRL             = "no-crl-address"
	FindingNotCA             = "not-a-ca"
	FindingNoCRLSign         = "no-crl-sign"
	FindingWrongStore        = "wrong-store"
	FindingDuplicate         = "duplicate"
	FindingIssuerMissing     = "issuer-missing"
	FindingSignature         = "signature-invalid"
	FindingBrokenChain       = "broken-chain"
	FindingNoPath            = "no-path"
)

// FindingCode is a code with its meaning, for documents.
type FindingCode struct{ Code, Meaning string }

// FindingCodes lists the codes in the order of the documentation (docs/reasons.md).
func FindingCodes() []FindingCode {
	return []FindingCode{
		{FindingExpired, "the certificate is expired"},
		{FindingExpiresSoon, "it expires within thirty days"},
		{FindingNotYetValid, "it is not valid yet"},
		{FindingBadTime, "its dates are malformed, so that it is valid at no time"},
		{FindingMalformed, "an extension is malformed or there twice, so that it has no issuer and is none"},
		{FindingCriticalExtension, "it has a critical extension that is not understood"},
		{FindingWeakKey, "its key is broken by its size"},
		{FindingSmallKey, "its key is smaller than strict mode wants"},
		{FindingWeakSignature, "it is signed with a broken digest"},
		{FindingSHA1, "it is signed with SHA-1"},
		{FindingNoCRL, "it names neither a list nor a responder, so that Verify() is false for it and for what it issues"},
		{FindingNotCA, "it is no certification authority"},
		{FindingNoCRLSign, "its keyUsage does not let it sign revocation lists"},
		{FindingWrongStore, "it stands in the store for the other kind of CA certificate"},
		{FindingDuplicate, "the same certificate is there already"},
		{FindingIssuerMissing, "its issuer is not installed"},
		{FindingSignature, "its signature does not fit the installed issuer, or itself"},
		{FindingBrokenChain, "no good path leads from it to an installed root"},
		{FindingNoPath, "it chains to no installed CA certificate"},
	}
}

// soon is how long before its end a certificate is reported.
const soon = 30 * 24 * time.Hour

// Authority is an installed CA certificate.
type Authority struct {
	Certificate *cert.Certificate
	// Root tells the store of trusted roots from that of intermediates.
	Root bool
}

// Authorities are installed CA certificates, indexed for reports. They are immutable.
type Authorities struct {
	list  []Authority
	infos []*chain.Info
	roots *chain.Pool
	rest  *chain.Pool
}

// NewAuthorities indexes a service's CA certificates.
func NewAuthorities(list []Authority) *Authorities {
	a := &Authorities{list: list}
	var roots, rest []*cert.Certificate
	for _, x := range list {
		a.infos = append(a.infos, chain.NewInfo(x.Certificate))
		if x.Root {
			roots = append(roots, x.Certificate)
		} else {
			rest = append(rest, x.Certificate)
		}
	}
	a.roots, a.rest = chain.NewPool(roots), chain.NewPool(rest)
	return a
}

// Report says what there is to know of each CA certificate at the instant, in their order.
func (a *Authorities) Report(now time.Time) [][]Finding {
	all := make([][]Finding, len(a.list))
	for n := range a.list {
		all[n] = a.reportOne(n, now)
	}
	return all
}

// findings are gathered one by one.
type findings []Finding

func (f *findings) add(severity, code, format string, args ...any) {
	*f = append(*f, Finding{code, severity, fmt.Sprintf(format, args...)})
}

func (f findings) has(codes ...string) bool {
	for _, x := range f {
		for _, c := range codes {
			if x.Code == c {
				return true
			}
		}
	}
	return false
}

func (a *Authorities) reportOne(n int, now time.Time) []Finding {
	f, i := findings{}, a.infos[n]
	f.general(i, now)
	for other := range n {
		if a.infos[other].Same(i) {
			f.add(SeverityInfo, FindingDuplicate, "The same certificate is certificates[%d] already.", other)
			break
		}
	}
	if a.list[n].Root {
		a.reportRoot(&f, i)
	} else {
		a.reportIntermediate(&f, i, now)
	}
	if i.HasKeyUsage && !i.CRLSign && i.MayIssue() {
		f.add(SeverityInfo, FindingNoCRLSign, "Its keyUsage lacks cRLSign: revocation lists that it signs prove nothing, so that Verify() is false for what it issues unless a responder answers.")
	}
	return f
}

func (a *Authorities) reportRoot(f *findings, i *chain.Info) {
	switch {
	case !i.SelfSigned && i.Malformed == "":
		f.add(SeverityWarning, FindingWrongStore, "It is not self-signed, so that no path can end in it: it belongs in the CertificateAuthority store, and its root in Root.")
	case i.SelfSigned && !i.Signed(i):
		f.add(SeverityWarning, FindingSignature, "Its own signature does not fit. It is trusted all the same, as .NET trusts it.")
	}
	if !i.MayIssue() && i.Malformed == "" {
		f.add(SeverityInfo, FindingNotCA, "It is no certification authority: it is trusted for itself, and nothing that it issues is.")
	}
}

func (a *Authorities) reportIntermediate(f *findings, i *chain.Info, now time.Time) {
	if i.SelfSigned {
		f.add(SeverityWarning, FindingWrongStore, "It is self-signed: in the CertificateAuthority store it is trusted by nobody. A root belongs in the Root store.")
	}
	if !i.MayIssue() && i.Malformed == "" {
		f.add(SeverityError, FindingNotCA, "It is no certification authority: no path leads through it.")
	}
	if i.SelfSigned || i.Malformed != "" {
		return
	}
	f.noCRL(i, "Verify() is false for whatever it issues")
	named, signed := false, false
	for _, issuer := range a.infos {
		if i.LikelyIssuedBy(issuer) && !issuer.Same(i) {
			named = true
			signed = signed || i.Signed(issuer)
		}
	}
	switch {
	case !named:
		f.add(SeverityWarning, FindingIssuerMissing, "Its issuer (%s) is not installed: paths through it end nowhere.", i.Cert.Issuer.String())
	case !signed:
		f.add(SeverityError, FindingSignature, "Its signature fits no installed certificate of its issuer's name (%s).", i.Cert.Issuer.String())
	default:
		r := chain.Build(i.Cert, chain.Options{Roots: a.roots, Intermediates: a.rest, Now: now})
		if !r.Verdict && !f.has(string(r.Reason)) {
			f.add(SeverityWarning, FindingBrokenChain, "No good path leads from it to an installed root: %s.", r.Explanation.Summary)
		}
	}
}

// general finds what is the same for every certificate.
func (f *findings) general(i *chain.Info, now time.Time) {
	if i.Malformed != "" {
		f.add(SeverityError, FindingMalformed, "It is not in the form of RFC 5280 (%s): no path leads through it.", i.Malformed)
	}
	if i.CriticalUnknown != "" {
		f.add(SeverityError, FindingCriticalExtension, "Its critical extension %s is not understood: every path with it is refused.", i.CriticalUnknown)
	}
	f.times(i, now)
	switch {
	case i.WeakKey():
		f.add(SeverityError, FindingWeakKey, "Its key is so small that anybody can forge signatures with it: every path with it is refused.")
	case i.SmallKey():
		f.add(SeverityWarning, FindingSmallKey, "Its key is smaller than 2048 bits (RSA), or of DSA: strict mode refuses it.")
	}
	switch {
	case i.SelfSigned:
	case i.WeakDigest():
		f.add(SeverityError, FindingWeakSignature, "It is signed with a broken digest (MD5 or older): every path with it is refused.")
	case i.SHA1Digest():
		f.add(SeverityWarning, FindingSHA1, "It is signed with SHA-1, which can be forged: strict mode refuses it.")
	}
}

func (f *findings) times(i *chain.Info, now time.Time) {
	from, until := i.Cert.NotBefore.UTC().Format(time.RFC3339), i.Cert.NotAfter.UTC().Format(time.RFC3339)
	switch i.TimeReason(now) {
	case chain.ReasonBadTime:
		f.add(SeverityError, FindingBadTime, "Its dates are malformed: it is valid at no time.")
	case chain.ReasonExpired:
		f.add(SeverityError, FindingExpired, "It expired at %s.", until)
	case chain.ReasonNotYetValid:
		f.add(SeverityWarning, FindingNotYetValid, "It is not valid before %s.", from)
	case chain.ReasonNone:
		if !now.Before(i.Cert.NotAfter.Add(-soon)) {
			f.add(SeverityInfo, FindingExpiresSoon, "It expires at %s.", until)
		}
	}
}

func (f *findings) noCRL(i *chain.Info, consequence string) {
	if i.CRLURL == "" && i.OCSPURL == "" {
		f.add(SeverityWarning, FindingNoCRL, "It names no http address of a revocation list or responder: %s, unless the operator has a list of its issuer.", consequence)
	}
}

// ReportClient says what there is to know of a client's certificate, whose file had the certificates sent beside it, at the
// instant; and until when that holds if nothing else changes.
func (a *Authorities) ReportClient(leaf *cert.Certificate, sent []*cert.Certificate, now time.Time) ([]Finding, time.Time) {
	f, i := findings{}, chain.NewInfo(leaf)
	f.general(i, now)
	r := chain.Build(leaf, chain.Options{Sent: sent, Roots: a.roots, Intermediates: a.rest, Now: now})
	if !i.SelfSigned {
		f.noCRL(i, "Verify() and validate-revocation refuse it")
	}
	switch {
	case r.Verdict || f.has(string(r.Reason)):
	case r.Reason == chain.ReasonIssuerNotFound || r.Reason == chain.ReasonUntrustedRoot:
		f.add(SeverityInfo, FindingNoPath, "It chains to no installed CA certificate: Verify() and validate-trust refuse it. Comparing its thumbprint works all the same.")
	default:
		f.add(SeverityWarning, FindingBrokenChain, "It chains to no installed root by a good path: %s.", r.Explanation.Summary)
	}
	until := r.ValidUntil
	for _, at := range []time.Time{leaf.NotBefore, leaf.NotAfter, leaf.NotAfter.Add(-soon)} {
		if at.After(now) && at.Before(until) {
			until = at
		}
	}
	return f, until
}
