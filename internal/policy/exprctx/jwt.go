package exprctx

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// Jwt is a JSON web token that has been read and not verified (RFC 7519).
type Jwt struct {
	algorithm, id, issuer, subject, kind *types.String
	audiences                            *types.Array
	claims                               multi
	expires, issued, notBefore           time.Time
}

// ClrType is Jwt.
func (j *Jwt) ClrType() *types.Type { return known.jwt }

func jwtDecl() *types.Decl {
	return types.T("sealed class Jwt",
		types.M("string Algorithm { get; }", get(func(j *Jwt) *types.String { return j.algorithm })),
		types.M("System.Collections.Generic.IEnumerable<string> Audiences { get; }", get(func(j *Jwt) *types.Array { return j.audiences })),
		types.M("IMultiValueDictionary Claims { get; }", get(func(j *Jwt) *multi { return &j.claims })),
		types.M("System.DateTime? ExpirationTime { get; }", get(func(j *Jwt) types.Value { return optionalDate(j.expires) })),
		types.M("System.DateTime? IssuedAt { get; }", get(func(j *Jwt) types.Value { return optionalDate(j.issued) })),
		types.M("System.DateTime? NotBefore { get; }", get(func(j *Jwt) types.Value { return optionalDate(j.notBefore) })),
		types.M("string Id { get; }", get(func(j *Jwt) *types.String { return j.id })),
		types.M("string Issuer { get; }", get(func(j *Jwt) *types.String { return j.issuer })),
		types.M("string Subject { get; }", get(func(j *Jwt) *types.String { return j.subject })),
		types.M("string Type { get; }", get(func(j *Jwt) *types.String { return j.kind })),
	)
}

// parseJwt reads a token in compact form, "Bearer " before it allowed; nil if it is none.
func parseJwt(s string) *Jwt {
	s = strings.TrimSpace(s)
	if len(s) > 7 && strings.EqualFold(s[:7], "Bearer ") {
		s = strings.TrimSpace(s[7:])
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return nil
	}
	header, payload := decodeObject(parts[0]), decodeObject(parts[1])
	if header == nil || payload == nil {
		return nil
	}
	if _, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "=")); err != nil {
		return nil
	}
	j := &Jwt{algorithm: claimText(header, "alg"), kind: claimText(header, "typ"), id: claimText(payload, "jti"),
		issuer: claimText(payload, "iss"), subject: claimText(payload, "sub"), audiences: &types.Array{T: types.StringArray}}
	j.expires, j.issued, j.notBefore = claimTime(payload, "exp"), claimTime(payload, "iat"), claimTime(payload, "nbf")
	for _, m := range payload {
		for _, v := range claimValues(m.value) {
			j.claims.put(m.name, v)
			if m.name == "aud" {
				j.audiences.Items = append(j.audiences.Items, types.Ref(types.NewString(v)))
			}
		}
	}
	return j
}

// jsonMember is a member of a JSON object, in the object's order.
type jsonMember struct {
	name  string
	value json.RawMessage
}

// maxTokenMembers bounds the claims of a token.
const maxTokenMembers = 1000

// decodeObject reads a base64url part as a JSON object; nil if it is none.
func decodeObject(part string) []jsonMember {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil || !utf8.Valid(data) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	members := []jsonMember{}
	for d.More() {
		name, err := d.Token()
		text, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil || len(members) == maxTokenMembers {
			return nil
		}
		members = append(members, jsonMember{text, value})
	}
	if _, err := d.Token(); err != nil || d.More() {
		return nil
	}
	return members
}

func claimText(members []jsonMember, name string) *types.String {
	for _, m := range members {
		if m.name == name {
			if v := claimValues(m.value); len(v) > 0 {
				return types.NewString(v[0])
			}
		}
	}
	return nil
}

// claimTime reads a NumericDate; zero if there is none.
func claimTime(members []jsonMember, name string) time.Time {
	for _, m := range members {
		var seconds float64
		if m.name == name && json.Unmarshal(m.value, &seconds) == nil && seconds > -62135596800 && seconds < 253402300800 {
			return time.Unix(int64(seconds), 0).UTC()
		}
	}
	return time.Time{}
}

// claimValues are the texts of a claim: the members of a list each, everything else as one; text without its quotes.
func claimValues(raw json.RawMessage) []string {
	if len(raw) > 0 && raw[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			var values []string
			for _, item := range list {
				values = append(values, claimValue(item))
			}
			return values
		}
	}
	return []string{claimValue(raw)}
}

func claimValue(raw json.RawMessage) string {
	var s string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	if string(raw) == "null" {
		return ""
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) == nil {
		return compact.String()
	}
	return string(raw)
}

// Basic are the credentials of a Basic authorization (RFC 7617).
type Basic struct{ user, password *types.String }

// ClrType is BasicAuthCredentials.
func (b *Basic) ClrType() *types.Type { return known.basic }

func basicDecl() *types.Decl {
	user := get(func(b *Basic) *types.String { return b.user })
	return types.T("sealed class BasicAuthCredentials",
		types.M("string UserId { get; }", user),
		types.M("string Username { get; }", user),
		types.M("string Password { get; }", get(func(b *Basic) *types.String { return b.password })),
	)
}

// parseBasic reads "Basic <base64 of user:password>"; nil if it is not that.
func parseBasic(s string) *Basic {
	s = strings.TrimSpace(s)
	if len(s) <= 6 || !strings.EqualFold(s[:6], "Basic ") {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s[6:]))
	if err != nil {
		return nil
	}
	user, password, ok := strings.Cut(string(data), ":")
	if !ok {
		return nil
	}
	return &Basic{types.NewString(user), types.NewString(password)}
}
