// Package revocation says whether certificates are revoked, from certificate
// revocation lists (RFC 5280 section 5) and OCSP responders (RFC 6960), as .NET
// 10 on Linux does where it stands on OpenSSL: the list at the first http
// distribution point is asked, and the first http responder where the list gives
// no answer. A Checker is a chain.Revocation and a chain.IssuerSource; With gives
// views of it that judge by another Mode: what unknown means, whether more than
// .NET reads is read, whether what .NET takes for a proof is one.
//
// It closes the gate wherever nothing usable can be had, and it is stricter than
// .NET about proof, unless a Mode says otherwise: a list or answer of the future,
// a list without nextUpdate, signatures with SHA-1, critical extensions that are
// not understood, responders that the issuer has not named, and lists and answers
// that contradict each other do not prove that a certificate is good.
//
// # What is asked first
//
// A BlockList of the operator's is before all else, then a Local, then lists that
// the operator Named, then what the certificates name.
//
// # Fetching
//
// Only http addresses are fetched, through a Fetcher that looks at every address
// at the moment of dialling, so that neither a name that resolves to an internal
// address nor a redirect reaches the inside of a network. Transport is that guard
// for others. What was fetched is kept, in memory and on disk, until it has to be
// renewed; failures are kept for a short time. A Checker that runs renews what is
// in use ahead of time, and a value that was good outlives the failures and lies
// of its host until its own end.
//
// # Big lists
//
// A list is read as a stream, once, into sorted records without pointers, which
// lie in a nameless mapped file where there is a directory: ReadCRL and index.go.
//
// # Concurrency
//
// All types are safe for concurrent use. Two callers who need one list share one
// download.
package revocation
