package chain

// Reason is a stable word for one failure, finer than a Flag.
type Reason string

// The reasons for which a path is refused.
const (
	// ReasonNone is no failure.
	ReasonNone Reason = ""
	// ReasonIssuerNotFound is a certificate whose issuer is neither sent nor installed.
	ReasonIssuerNotFound Reason = "issuer-not-found"
	// ReasonUntrustedRoot is a self-signed end of the path that is not among the roots.
	ReasonUntrustedRoot Reason = "untrusted-root"
	// ReasonNotYetValid is a certificate before its notBefore.
	ReasonNotYetValid Reason = "not-yet-valid"
	// ReasonExpired is a certificate after its notAfter.
	ReasonExpired Reason = "expired"
	// ReasonBadTime is a validity that is not in the form of RFC 5280 section 4.1.2.5.
	ReasonBadTime Reason = "bad-time"
	// ReasonSignature is a signature that does not fit.
	ReasonSignature Reason = "signature-invalid"
	// ReasonCriticalExtension is a critical extension that is not understood.
	ReasonCriticalExtension Reason = "critical-extension"
	// ReasonNotCA is an issuer that is no certification authority.
	ReasonNotCA Reason = "not-a-ca"
	// ReasonPathLength is a path longer than a basicConstraints allows.
	ReasonPathLength Reason = "path-too-long"
	// ReasonNoCertSign is an issuer whose keyUsage lacks keyCertSign.
	ReasonNoCertSign Reason = "no-cert-sign"
	// ReasonNotPermitted is a name outside the permitted trees.
	ReasonNotPermitted Reason = "name-not-permitted"
	// ReasonExcluded is a name inside an excluded tree.
	ReasonExcluded Reason = "name-excluded"
	// ReasonConstraintBounds is a subtree with a minimum or maximum.
	ReasonConstraintBounds Reason = "name-constraint-bounds"
	// ReasonConstraintType is a constraint on a kind of name that is not supported.
	ReasonConstraintType Reason = "name-constraint-type"
	// ReasonNameSyntax is a name that a constraint cannot be applied to.
	ReasonNameSyntax Reason = "name-syntax"
	// ReasonNameHost is a mail constraint whose host name cannot be decoded.
	ReasonNameHost Reason = "name-host"
	// ReasonWeakKey is a key that is broken by its size.
	ReasonWeakKey Reason = "weak-key"
	// ReasonWeakSignature is a signature with a broken digest.
	ReasonWeakSignature Reason = "weak-signature"
	// ReasonRevoked is a certificate that its issuer has revoked.
	ReasonRevoked Reason = "revoked"
	// ReasonRevocationUnknown is a certificate about which no proof could be had.
	ReasonRevocationUnknown Reason = "revocation-unknown"
	// ReasonExplicitCurve is an elliptic curve written out instead of named.
	ReasonExplicitCurve Reason = "explicit-curve"
	// ReasonUnknownKey is a key of an unknown algorithm, or a malformed one.
	ReasonUnknownKey Reason = "unknown-key"
	// ReasonProxy is a proxy certificate (RFC 3820).
	ReasonProxy Reason = "proxy-certificate"
	// ReasonTooLong is a path of more than a hundred certificates.
	ReasonTooLong Reason = "chain-too-long"
	// ReasonTooManyNames is a certificate whose names and constraints are too many to compare.
	ReasonTooManyNames Reason = "too-many-names"
	// ReasonResources is a certificate with RFC 3779 resources, which are not judged.
	ReasonResources Reason = "resources-not-judged"
	// ReasonPurpose is a certificate that is not for client authentication; only in strict mode.
	ReasonPurpose Reason = "wrong-purpose"
	// ReasonPolicy is a path whose certificate policies are not fulfilled; only in strict mode.
	ReasonPolicy Reason = "policy-not-fulfilled"
	// ReasonForm is a form that RFC 5280 forbids; only in strict mode.
	ReasonForm Reason = "forbidden-form"
	// ReasonBudget is a path whose signatures exceed the budget of Options.MaxWork.
	ReasonBudget Reason = "too-many-signatures"
)

// ReasonInfo is a reason with what it means, for documents.
type ReasonInfo struct {
	// Reason is the word, Flag .NET's status for it; empty where .NET throws.
	Reason Reason
	Flag   Flag
	// Meaning is one clause.
	Meaning string
	// Strict tells that only strict mode makes the check.
	Strict bool
}

// Reasons lists every reason but ReasonNone, in the order of the documentation (docs/reasons.md).
func Reasons() []ReasonInfo {
	list := []ReasonInfo{
		{Reason: ReasonIssuerNotFound, Meaning: "the issuer of the last certificate is neither sent, nor installed, nor to be fetched"},
		{Reason: ReasonUntrustedRoot, Meaning: "the path ends in a self-signed certificate that is not among the trusted roots"},
		{Reason: ReasonNotYetValid, Meaning: "the certificate is before its notBefore"},
		{Reason: ReasonExpired, Meaning: "the certificate is at or after its notAfter"},
		{Reason: ReasonBadTime, Meaning: "the dates are not in the form of RFC 5280 section 4.1.2.5"},
		{Reason: ReasonSignature, Meaning: "the signature does not fit the issuer's key, or its algorithm is not known"},
		{Reason: ReasonCriticalExtension, Meaning: "a critical extension is not understood"},
		{Reason: ReasonNotCA, Meaning: "an issuer is no certification authority"},
		{Reason: ReasonPathLength, Meaning: "there are more CAs below than a pathLenConstraint allows"},
		{Reason: ReasonNoCertSign, Meaning: "an issuer's keyUsage lacks keyCertSign"},
		{Reason: ReasonNotPermitted, Meaning: "a name is outside the permitted trees of a CA above"},
		{Reason: ReasonExcluded, Meaning: "a name is inside an excluded tree of a CA above"},
		{Reason: ReasonConstraintBounds, Meaning: "a name constraint has a minimum or maximum"},
		{Reason: ReasonConstraintType, Meaning: "a name constraint is on a kind of name that is not supported"},
		{Reason: ReasonNameSyntax, Meaning: "a name constraint cannot be applied to a name, because of its form"},
		{Reason: ReasonNameHost, Meaning: "a mail constraint's host name cannot be decoded from Punycode"},
		{Reason: ReasonWeakKey, Meaning: "the key is broken by its size or form, or its curve is not supported; in strict mode, smaller than 2048 bits (RSA)"},
		{Reason: ReasonWeakSignature, Meaning: "the signature's digest is broken; in strict mode, SHA-1 too"},
		{Reason: ReasonRevoked, Meaning: "the issuer has revoked the certificate"},
		{Reason: ReasonRevocationUnknown, Meaning: "no list and no responder proves that the certificate is not revoked"},
		{Reason: ReasonBudget, Meaning: "the path has more signatures than may be verified for one certificate"},
		{Reason: ReasonExplicitCurve, Meaning: "an elliptic curve is written out instead of named"},
		{Reason: ReasonUnknownKey, Meaning: "the key is of an unknown algorithm, or malformed"},
		{Reason: ReasonProxy, Meaning: "the certificate is a proxy certificate (RFC 3820)"},
		{Reason: ReasonTooLong, Meaning: "the path has more than a hundred certificates"},
		{Reason: ReasonTooManyNames, Meaning: "there are too many names and constraints to compare"},
		{Reason: ReasonResources, Meaning: "the certificate has RFC 3779 resources, which are not judged"},
		{Reason: ReasonPurpose, Strict: true, Meaning: "the certificate is not for client authentication"},
		{Reason: ReasonPolicy, Strict: true, Meaning: "the certificate policies are not fulfilled"},
		{Reason: ReasonForm, Strict: true, Meaning: "a form that RFC 5280 forbids"},
	}
	for i := range list {
		list[i].Flag = list[i].Reason.Flag()
	}
	return list
}
