// Package jwt judges JSON Web Tokens (RFC 7519) as Microsoft's token library
// does, which stands behind validate-jwt: the same tokens are taken, and what
// is wrong has the library's code and text. Where the library is lenient about
// trust it is stricter: a header that is critical and not understood refuses
// the token (RFC 7515 section 4.1.11).
//
// A key verifies only with the algorithms of its own kind: a secret never
// verifies RS256, and a public key is never the secret of HS256.
//
// Source reads the keys that an OpenID provider publishes.
package jwt
