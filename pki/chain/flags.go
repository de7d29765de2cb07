package chain

import "slices"

// Flag is a member of .NET's X509ChainStatusFlags, by its name.
type Flag string

// The flags that Build gives (System.Security.Cryptography.X509Certificates.X509ChainStatusFlags).
const (
	// NotTimeValid is a certificate that is expired or not yet valid.
	NotTimeValid Flag = "NotTimeValid"
	// Revoked is a certificate that its issuer has revoked.
	Revoked Flag = "Revoked"
	// NotSignatureValid is a signature that does not fit.
	NotSignatureValid Flag = "NotSignatureValid"
	// UntrustedRoot is a path that ends in a self-signed certificate which is not trusted.
	UntrustedRoot Flag = "UntrustedRoot"
	// RevocationStatusUnknown is a certificate about which no list and no responder gives a usable answer.
	RevocationStatusUnknown Flag = "RevocationStatusUnknown"
	// OfflineRevocation always comes with RevocationStatusUnknown.
	OfflineRevocation Flag = "OfflineRevocation"
	// PartialChain is a path whose next issuer is missing.
	PartialChain Flag = "PartialChain"
	// InvalidBasicConstraints is an issuer that is no CA, a path that is too long, or a key usage without keyCertSign.
	InvalidBasicConstraints Flag = "InvalidBasicConstraints"
	// InvalidNameConstraints is a name that a constraint cannot be applied to.
	InvalidNameConstraints Flag = "InvalidNameConstraints"
	// HasNotSupportedNameConstraint is a constraint of a kind that is not supported.
	HasNotSupportedNameConstraint Flag = "HasNotSupportedNameConstraint"
	// HasNotPermittedNameConstraint is a name outside every permitted tree.
	HasNotPermittedNameConstraint Flag = "HasNotPermittedNameConstraint"
	// HasExcludedNameConstraint is a name inside an excluded tree.
	HasExcludedNameConstraint Flag = "HasExcludedNameConstraint"
	// HasNotSupportedCriticalExtension is a critical extension that is not understood.
	HasNotSupportedCriticalExtension Flag = "HasNotSupportedCriticalExtension"
	// NotValidForUsage is a certificate for another purpose; only in strict mode.
	NotValidForUsage Flag = "NotValidForUsage"
	// InvalidPolicyConstraints is a path without a valid policy where one is required; only in strict mode.
	InvalidPolicyConstraints Flag = "InvalidPolicyConstraints"
	// InvalidExtension is a form that RFC 5280 forbids; only in strict mode.
	InvalidExtension Flag = "InvalidExtension"
	// HasWeakSignature is a broken key or signature algorithm; .NET on Linux never gives it.
	HasWeakSignature Flag = "HasWeakSignature"
)

// reasonFlags says which flag .NET gives for a reason. For a reason that is missing here
// .NET throws: the certificate is refused without a flag.
var reasonFlags = map[Reason]Flag{
	ReasonIssuerNotFound:    PartialChain,
	ReasonUntrustedRoot:     UntrustedRoot,
	ReasonNotYetValid:       NotTimeValid,
	ReasonExpired:           NotTimeValid,
	ReasonBadTime:           NotTimeValid,
	ReasonSignature:         NotSignatureValid,
	ReasonCriticalExtension: HasNotSupportedCriticalExtension,
	ReasonNotCA:             InvalidBasicConstraints,
	ReasonPathLength:        InvalidBasicConstraints,
	ReasonNoCertSign:        InvalidBasicConstraints,
	ReasonNotPermitted:      HasNotPermittedNameConstraint,
	ReasonExcluded:          HasExcludedNameConstraint,
	ReasonConstraintBounds:  HasNotSupportedNameConstraint,
	ReasonConstraintType:    HasNotSupportedNameConstraint,
	ReasonNameSyntax:        InvalidNameConstraints,
	ReasonWeakKey:           HasWeakSignature,
	ReasonWeakSignature:     HasWeakSignature,
	ReasonRevoked:           Revoked,
	ReasonRevocationUnknown: RevocationStatusUnknown,
	ReasonBudget:            NotSignatureValid,
	ReasonPurpose:           NotValidForUsage,
	ReasonPolicy:            InvalidPolicyConstraints,
	ReasonForm:              InvalidExtension,
}

// Flag is the .NET flag of the reason. It is empty for ReasonNone, and for the reasons
// for which .NET throws instead of giving a status.
func (r Reason) Flag() Flag { return reasonFlags[r] }

// throws reports whether .NET throws an exception for the reason.
func (r Reason) throws() bool { return r != ReasonNone && reasonFlags[r] == "" }

// appendFlags adds the flags of the reasons to list, each once.
func appendFlags(list []Flag, reasons []Reason) []Flag {
	for _, r := range reasons {
		list = addFlag(list, r.Flag())
		if r == ReasonRevocationUnknown {
			list = addFlag(list, OfflineRevocation)
		}
	}
	return list
}

func addFlag(list []Flag, f Flag) []Flag {
	if f == "" || slices.Contains(list, f) {
		return list
	}
	return append(list, f)
}
