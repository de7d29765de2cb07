// Package identity knows who calls: principals, what proves them, and what
// they may do.
//
// # Principals
//
// A [Principal] is the administrator, an application, or a managed identity:
// the service's own (system-assigned) or one with a life of its own
// (user-assigned). Each has an object id, which permissions name, and a client
// id, which it is asked for by. The management API writes managed identities
// together with the resources they belong to; the [Directory] reads them.
//
// # Proofs
//
// Two kinds of bearer token prove a principal. Long-lived ones ("pst_…") are
// random and stored as digests. Short-lived ones are JSON Web Tokens (RFC 7519)
// signed with RS256; they say for whom they are (the audience), so that a
// token for the vault opens the vault and nothing else. The signing keys are
// sealed in the store and replaced every month; an old key verifies until the
// last token that it signed is over. A token stops working when its principal
// is gone, whatever its expiry.
//
// An application proves itself to the token endpoint with a secret, of which
// the store has the digest, or with an assertion signed by a key whose
// certificate is registered (RFC 7523).
package identity
