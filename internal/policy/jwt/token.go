package jwt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxTokenBytes is the library's MaximumTokenSizeInBytes.
const maxTokenBytes = 256_000

// maxMembers bounds the members of a header or payload.
const maxMembers = 1000

const formats = "\nThe token needs to be in JWS or JWE Compact Serialization Format. (JWS): 'EncodedHeader.EncodedPayload.EncodedSignature'. (JWE): 'EncodedProtectedHeader.EncodedEncryptedKey.EncodedInitializationVector.EncodedCiphertext.EncodedAuthenticationTag'."

// hidden is how the library shows what may be personal.
const hidden = "[PII of type 'Microsoft.IdentityModel.Logging.SecurityArtifact' is hidden. For more details, see https://aka.ms/IdentityModel/PII.]"

// Token is a token that has been read. Only Validate says whether to believe it.
type Token struct {
	// Compact is the signed token as it was, the inner one of an encrypted token.
	Compact string
	// Algorithm, KeyID and X5T are the header's alg, kid and x5t.
	Algorithm, KeyID, X5T string
	// Issuer is iss, empty if there is none; Audiences is aud.
	Issuer    string
	Audiences []string
	// Expires and NotBefore are exp and nbf, zero if they are not there.
	Expires, NotBefore time.Time

	claims map[string]json.RawMessage
	// signed is what the signature is of; signature is its text, empty if there is none.
	signed, signature string
}

// Claim is the values of a claim: the members of a list each, text without its quotes, anything else as JSON.
func (t *Token) Claim(name string) (values []string, ok bool) {
	raw, ok := t.claims[name]
	if !ok {
		return nil, false
	}
	var list []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return []string{claimText(raw)}, true
	}
	for _, item := range list {
		values = append(values, claimText(item))
	}
	return values, true
}

func claimText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s // null is empty
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// split finds the parts of a compact token: three of a signed one, five of an encrypted one.
func split(token string) ([]string, *Error) {
	switch {
	case token == "":
		return nil, wrong(Malformed, "IDX10000", "The parameter 'token' cannot be a 'null' or an empty object.  (Parameter 'token')")
	case len(token) > maxTokenBytes:
		return nil, wrong(Malformed, "IDX10209", "Token has length: '%d' which is larger than the MaximumTokenLengthInBytes: '%d'.", len(token), maxTokenBytes)
	}
	parts := strings.SplitN(token, ".", 7)
	switch {
	case len(parts) == 1, len(parts) == 2 && parts[1] == "":
		return nil, wrong(Malformed, "IDX14100", "JWT is not well formed, there are no dots (.)."+formats)
	case len(parts) == 2:
		return nil, wrong(Malformed, "IDX14120", "JWT is not well formed, there is only one dot (.)."+formats)
	case len(parts) == 4:
		return nil, wrong(Malformed, "IDX14121", "JWT is not a well formed JWE, there must be four dots (.)."+formats)
	case len(parts) > 5:
		return nil, wrong(Malformed, "IDX14122", "JWT is not a well formed JWE, there are more than four dots (.) a JWE can have at most 4 dots."+formats)
	}
	return parts, nil
}

func badHeader() *Error {
	return wrong(Malformed, "IDX14102", "Unable to decode the header '%s' as Base64Url encoded string.", hidden)
}

func badPayload() *Error {
	return wrong(Malformed, "IDX14101", "Unable to decode the payload '%s' as Base64Url encoded string.", hidden)
}

// read reads a signed token of three parts.
func read(compact string, parts []string) (*Token, *Error) {
	t := &Token{Compact: compact, signed: compact[:len(parts[0])+1+len(parts[1])], signature: parts[2]}
	header, ok := object(parts[0])
	if !ok || !t.readHeader(header) {
		return nil, badHeader()
	}
	if _, critical := header["crit"]; critical {
		return nil, wrong(Malformed, "IDX14102", "The header 'crit' names headers that must be understood, and none is.")
	}
	if t.claims, ok = object(parts[1]); !ok || !t.readPayload() {
		return nil, badPayload()
	}
	return t, nil
}

func (t *Token) readHeader(h map[string]json.RawMessage) bool {
	return textOf(h, "alg", &t.Algorithm) && textOf(h, "kid", &t.KeyID) && textOf(h, "x5t", &t.X5T)
}

func (t *Token) readPayload() bool {
	return textOf(t.claims, "iss", &t.Issuer) && listOf(t.claims, "aud", &t.Audiences) &&
		timeOf(t.claims, "exp", &t.Expires) && timeOf(t.claims, "nbf", &t.NotBefore)
}

// decode reads base64url without padding (RFC 7515 section 2).
func decode(part string) ([]byte, bool) {
	if strings.ContainsAny(part, "\r\n") { // which the standard library would pass over
		return nil, false
	}
	b, err := base64.RawURLEncoding.DecodeString(part)
	return b, err == nil
}

// object reads a part as a JSON object; of members that stand twice, the last counts.
func object(part string) (map[string]json.RawMessage, bool) {
	data, ok := decode(part)
	if !ok || !utf8.Valid(data) {
		return nil, false
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil || members == nil || len(members) > maxMembers {
		return nil, false
	}
	return members, true
}

// textOf reads a member that is text, null or absent.
func textOf(members map[string]json.RawMessage, name string, to *string) bool {
	raw, ok := members[name]
	return !ok || json.Unmarshal(raw, to) == nil
}

// listOf reads a member that is text or a list of it.
func listOf(members map[string]json.RawMessage, name string, to *[]string) bool {
	raw, ok := members[name]
	switch {
	case !ok || string(raw) == "null":
		return true
	case raw[0] == '[':
		var list []*string
		if json.Unmarshal(raw, &list) != nil || slices.Contains(list, nil) {
			return false
		}
		for _, s := range list {
			*to = append(*to, *s)
		}
		return true
	}
	var one string
	if json.Unmarshal(raw, &one) != nil {
		return false
	}
	*to = []string{one}
	return true
}

// lastSecond is 9999-12-31T23:59:59Z, beyond which the library counts no time.
const lastSecond = 253402300799

// timeOf reads a NumericDate; a fraction is cut off, and what lies outside of the years 1970 to 9999 is moved to their ends.
func timeOf(members map[string]json.RawMessage, name string, to *time.Time) bool {
	raw, ok := members[name]
	if !ok {
		return true
	}
	var f *float64
	if json.Unmarshal(raw, &f) != nil || f == nil {
		return false
	}
	seconds := math.Trunc(min(max(*f, 0), lastSecond))
	*to = time.Unix(int64(seconds), 0).UTC()
	return true
}
