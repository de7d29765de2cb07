// Package chain builds and judges certificate paths as .NET 10 on Linux does,
// where X509Chain stands on OpenSSL: the same path is found first, the same
// checks are made in the same order, and every failure is named by the same
// X509ChainStatusFlags.
//
// Build gives the verdict of X509Certificate2.Verify() when Options.Revocation
// is set, and that of API Management's VerifyNoRevocation() when it is nil.
// It differs from .NET on purpose in three places, each of them documented in
// docs/divergences.md:
//
//   - .NET stops at the first path it finds; Build goes on and accepts a
//     certificate that has another path which is good in every respect.
//   - The authority key identifier is a hint: an issuer whose key verifies the
//     signature is an issuer, whatever the hint says.
//   - Broken keys and signatures (RSA below 1024 bits, MD5) are refused with
//     HasWeakSignature.
//
// # Concurrency
//
// A Pool, a Trust and an Info are immutable and safe for concurrent use, and so
// is a Peer. Build keeps no state between calls.
//
// # Caveats
//
// Certificate policies, extended key usages and key usages of the leaf are not
// judged, because .NET does not judge them in Verify(). Certificates with RFC
// 3779 resources are refused.
package chain
