package chain

import "time"

// TimeReason says what speaks against the certificate at the instant: ReasonBadTime, ReasonNotYetValid or ReasonExpired;
// ReasonNone if nothing does.
func (i *Info) TimeReason(at time.Time) Reason { return i.timeReason(at.Unix()) }

// MayIssue reports whether .NET takes the certificate for an issuer: by basicConstraints, or as a self-signed certificate of
// version 1, and not against its keyUsage.
func (i *Info) MayIssue() bool { return i.caKind() != 0 }

// WeakKey reports whether the key is broken by its size (RSA and DSA below 1024 bits, curves below 160 bits), SmallKey
// whether it is smaller than strict mode wants (RSA below 2048 bits, DSA).
func (i *Info) WeakKey() bool { return i.key.weak != "" }

// SmallKey is explained at WeakKey.
func (i *Info) SmallKey() bool { return i.small() }

// WeakDigest reports whether the signature has a broken digest (MD5 and older), SHA1Digest whether it has SHA-1.
func (i *Info) WeakDigest() bool { return i.algorithm.Weak() }

// SHA1Digest is explained at WeakDigest.
func (i *Info) SHA1Digest() bool { return i.algorithm.SHA1() }
