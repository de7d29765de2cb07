package element

import (
	"bytes"
	"time"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/revocation"
)

// maxIdentities is the documented limit.
const maxIdentities = 10

var validateClientCertificate = &policy.Element{
	Spec: policy.Spec{
		Name: "validate-client-certificate",
		Doc:  "Refuses requests whose client certificate is not valid or not one of the allowed identities.",
		Attributes: []policy.Attribute{
			{Name: "validate-revocation", Doc: "Checks the certificate against the online revocation list.", Type: policy.Boolean, Default: "true"},
			{Name: "validate-trust", Doc: "Fails where no chain to a trusted CA can be built.", Type: policy.Boolean, Default: "true"},
			{Name: "validate-not-before", Doc: "Compares the beginning of the validity with the present time.", Type: policy.Boolean, Default: "true"},
			{Name: "validate-not-after", Doc: "Compares the end of the validity with the present time.", Type: policy.Boolean, Default: "true"},
			{Name: "revocation-mode", Extension: true, NonEmpty: true, Doc: "What happens where revocation cannot be proved: FailClosed refuses, FailOpen accepts, FailOpenUntil=PT24H accepts what was proved by a list that is expired no longer than that. Left out: the service's Postern.Revocation.Mode."},
			{Name: "ignore-error", Doc: "Goes on with the next policy where the validation fails.", Type: policy.Boolean, Default: "false"},
		},
		Children: []policy.Child{{Max: 1, Spec: &policy.Spec{
			Name: "identities", Doc: "The allowed identities; one of them must match.",
			Children: []policy.Child{{Max: maxIdentities, Spec: &identitySpec}},
		}}},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("validate-client-certificate"),
	Compile:  compileValidateClientCertificate,
}

// CertificateReason is why validate-client-certificate refuses: LastError.Reason.
type CertificateReason string

// The reasons. The first four are API Management's own; it does not document the others.
const (
	CertificateNotFound      CertificateReason = "ClientCertificateNotFound"
	CertificateNotMatched    CertificateReason = "ClientCertificateIdentityNotMatched"
	CertificateNotTrusted    CertificateReason = "ClientCertificateNotTrusted"
	CertificateExpired       CertificateReason = "ClientCertificateExpired"
	CertificateNotYetValid   CertificateReason = "ClientCertificateNotYetValid"
	CertificateRevoked       CertificateReason = "ClientCertificateRevoked"
	CertificateStatusUnknown CertificateReason = "ClientCertificateRevocationStatusUnknown"
)

var certificateMessages = map[CertificateReason]string{
	CertificateNotFound:      "Client certificate missing.",
	CertificateNotMatched:    "Certificate does not match any of allowed identities.",
	CertificateNotTrusted:    "A certificate chain could not be built to a trusted root authority.",
	CertificateExpired:       "The certificate has expired.",
	CertificateNotYetValid:   "The certificate is not valid yet.",
	CertificateRevoked:       "The certificate has been revoked.",
	CertificateStatusUnknown: "The revocation status of the certificate could not be determined.",
}

// CertificateReasons lists the reasons, so that tests and documents can walk them.
func CertificateReasons() []CertificateReason {
	return []CertificateReason{CertificateNotFound, CertificateNotYetValid, CertificateExpired, CertificateNotTrusted,
		CertificateRevoked, CertificateStatusUnknown, CertificateNotMatched}
}

// Message is LastError.Message for the reason.
func (r CertificateReason) Message() string { return certificateMessages[r] }

// public is the message that the client gets.
func (r CertificateReason) public() string {
	if r == CertificateNotFound {
		return "Client certificate missing"
	}
	return "Invalid client certificate"
}

type certificateCheck struct {
	revocation, trust, notBefore, notAfter, ignore bool
	// mode is what unknown revocation means; nil: as the service says.
	mode *revocation.Mode
	// identities is nil where any certificate will do.
	identities []identity
}

func compileValidateClientCertificate(n *policy.Node) policy.Step {
	c := &certificateCheck{
		revocation: n.Bool("validate-revocation").Const, trust: n.Bool("validate-trust").Const,
		notBefore: n.Bool("validate-not-before").Const, notAfter: n.Bool("validate-not-after").Const,
		ignore: n.Bool("ignore-error").Const,
	}
	if n.Has("revocation-mode") && !n.Open("revocation-mode") {
		mode, err := revocation.ParseMode(n.Literal("revocation-mode"))
		if err != nil {
			n.AttrErrorf("revocation-mode", policy.CodeAttrValue, "The value of the attribute 'revocation-mode' is not right: %s.", err)
		}
		c.mode = &mode
	}
	if list := n.Child("identities"); list != nil {
		for _, child := range list.Children() {
			c.identities = append(c.identities, compileIdentity(child))
		}
	}
	return c.run
}

func (c *certificateCheck) run(x *policy.Run) error {
	reason, detail := c.judge(x)
	if reason == "" {
		if detail != "" {
			x.Trace(validateClientCertificateName, "information", detail)
		}
		return nil
	}
	if x.Tracing() {
		x.Trace(validateClientCertificateName, "information", string(reason)+": "+reason.Message()+" "+detail)
	}
	if c.ignore {
		return nil
	}
	return &policy.Failure{Reason: string(reason), Message: reason.Message(), Status: 401, Public: reason.public()}
}

const validateClientCertificateName = "validate-client-certificate"

// judge finds the first thing that speaks against the client's certificate, in API Management's order: its dates, trust,
// revocation, identity. Whatever is not known counts against it.
func (c *certificateCheck) judge(x *policy.Run) (reason CertificateReason, detail string) {
	peer := x.Peer()
	if peer == nil || peer.Leaf == nil {
		return CertificateNotFound, ""
	}
	leaf, now := peer.Leaf, x.Now()
	early, late := outside(leaf, now)
	switch {
	case early && c.notBefore:
		return CertificateNotYetValid, ""
	case late && c.notAfter:
		return CertificateExpired, ""
	}
	var v policy.Verdict
	if c.trust || c.revocation || c.needsIssuer() {
		v = c.verify(x)
	}
	if c.trust || c.revocation {
		if r := c.chain(leaf, &v, early || late, now); r != "" {
			if why := explained(x, &v); why != "" {
				return r, why
			}
			return r, v.Explanation
		}
	}
	if c.identities == nil {
		return "", explained(x, &v)
	}
	for i := range c.identities {
		if c.identities[i].matches(x, leaf, v.Issuer) {
			return "", explained(x, &v)
		}
	}
	return CertificateNotMatched, ""
}

// explained is the whole explanation of a verdict, with every path that was tried and the lists that were used, for the
// trace; empty where nobody traces.
func explained(x *policy.Run, v *policy.Verdict) string {
	if v.Judged == nil || !x.Tracing() {
		return ""
	}
	return v.Judged.Explanation.String()
}

// verify asks for the verdict, in the policy's own revocation mode if it has one.
func (c *certificateCheck) verify(x *policy.Run) policy.Verdict {
	if c.revocation && c.mode != nil {
		return x.VerifyPeerMode(*c.mode)
	}
	return x.VerifyPeer(c.revocation)
}

// chain judges the verdict on the chain. tolerated tells that the leaf itself is out of date and that this is allowed.
func (c *certificateCheck) chain(leaf *cert.Certificate, v *policy.Verdict, tolerated bool, now time.Time) CertificateReason {
	if v.OK {
		return ""
	}
	if tolerated && v.Issuer != nil {
		early, late := outside(v.Issuer, now)
		tolerated = !early && !late
	}
	revoked, unknown, untrusted, known := false, false, false, false
	for _, s := range v.Status {
		switch s {
		case "Revoked":
			revoked = true
		case "RevocationStatusUnknown", "OfflineRevocation":
			unknown = true
		case "NotTimeValid":
			untrusted = untrusted || !tolerated
			known = known || tolerated
		case "PartialChain", "UntrustedRoot":
			// A list signed by nobody who is trusted proves nothing; only a self-signed certificate needs none.
			untrusted = true
			unknown = unknown || !bytes.Equal(leaf.RawSubject, leaf.RawIssuer)
		default:
			untrusted = true
		}
	}
	switch {
	case c.trust && (untrusted || !revoked && !unknown && !known):
		return CertificateNotTrusted
	case c.revocation && revoked:
		return CertificateRevoked
	case c.revocation && (unknown || len(v.Status) == 0):
		return CertificateStatusUnknown
	}
	return ""
}

// outside reports whether a certificate is not valid yet, or no more. Dates that cannot be read make it both.
func outside(c *cert.Certificate, now time.Time) (early, late bool) {
	from, err := c.NotBeforeUTC()
	until, err2 := c.NotAfterUTC()
	if err != nil || err2 != nil {
		return true, true
	}
	return now.Before(from), now.After(until)
}

func (c *certificateCheck) needsIssuer() bool {
	for i := range c.identities {
		if c.identities[i].issuerThumbprint != "" || c.identities[i].issuerID != "" {
			return true
		}
	}
	return false
}
