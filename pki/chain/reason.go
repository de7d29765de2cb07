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
