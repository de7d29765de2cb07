// Package revocation says whether certificates are revoked, from certificate
// revocation lists (RFC 5280 section 5) and OCSP responders (RFC 6960), as .NET
// 10 on Linux does where it stands on OpenSSL: the list at the first http
// distribution point is asked, and the first http responder where the list gives
// no answer. A Checker is a chain.Revocation and a chain.IssuerSource.
//
// It closes the gate wherever nothing usable can be had, and it is stricter than
// .NET about proof: a list or answer of the future, a list without nextUpdate,
// signatures with SHA-1, critical extensions that are not understood, responders
// that the issuer has not named, and lists and answers that contradict each other
// do not prove that a certificate is good.
//
// # Fetching
//
// Only http addresses are fetched, through a Fetcher that looks at every address
// at the moment of dialling, so that neither a name that resolves to an internal
// address nor a redirect reaches the inside of a network. What was fetched is
// kept until it has to be renewed; failures are kept for a short time.
//
// # Concurrency
//
// A Checker and a Fetcher are safe for concurrent use. Two callers who need one
// list share one download.
package revocation
