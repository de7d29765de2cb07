package jwt

import (
	"slices"
	"strings"
	"time"
)

// Params are what a token is judged by.
type Params struct {
	// Keys are those that may have signed it.
	Keys []Key
	// Decryption are those that open encrypted tokens.
	Decryption []DecryptionKey
	// Unsigned takes a token without a signature.
	Unsigned bool
	// NoExpiry takes a token that never expires.
	NoExpiry bool
	// Now is the present, Skew how far clocks may be apart.
	Now  time.Time
	Skew time.Duration
	// Audiences and Issuers are those that are allowed; nil: any, or none.
	Audiences, Issuers []string
}

// Validate judges a token in compact form. The error is an *Error.
func Validate(token string, p *Params) (*Token, error) {
	t, wrong := p.open(token)
	if wrong != nil {
		return nil, wrong
	}
	// The library's order: signature, times, audience, issuer.
	for _, judge := range [...]func(*Token) *Error{p.signature, p.lifetime, p.audience, p.issuer} {
		if wrong := judge(t); wrong != nil {
			return nil, wrong
		}
	}
	return t, nil
}

// open reads a token, the inner one where it is encrypted.
func (p *Params) open(token string) (*Token, *Error) {
	parts, bad := split(token)
	if bad != nil {
		return nil, bad
	}
	if len(parts) == 5 {
		inner, bad := p.decrypt(token, parts)
		if bad != nil {
			return nil, bad
		}
		token = inner
		if parts, bad = split(token); bad != nil {
			return nil, bad
		}
		if len(parts) != 3 {
			return nil, wrong(Malformed, "IDX14100", "The encrypted token holds no signed token.")
		}
	}
	return read(token, parts)
}

func (p *Params) signature(t *Token) *Error {
	if t.signature == "" {
		if p.Unsigned {
			return nil
		}
		return wrong(Signature, "IDX10504", "Unable to validate signature, token does not have a signature: '%s'.", hidden)
	}
	keys := p.Keys
	named := slices.IndexFunc(keys, func(k Key) bool { return k.named(t) })
	if named >= 0 {
		keys = keys[named : named+1] // who names a key is judged by that one
	}
	for i := range keys {
		if keys[i].verifies(t) {
			return nil
		}
	}
	switch {
	case len(keys) == 0:
		return wrong(KeyNotFound, "IDX10500", "Signature validation failed. No security keys were provided to validate the signature.")
	case named >= 0:
		return wrong(Signature, "IDX10511", "Signature validation failed.")
	case t.KeyID != "":
		return wrong(KeyNotFound, "IDX10503", "Signature validation failed. The token's kid is: '%s', but did not match any keys in TokenValidationParameters or Configuration.", t.KeyID)
	}
	return wrong(KeyNotFound, "IDX10517", "Signature validation failed. The token's kid is missing.")
}

func (p *Params) lifetime(t *Token) *Error {
	const layout = "01/02/2006 15:04:05"
	now := p.Now.UTC()
	switch {
	case t.Expires.IsZero() && !p.NoExpiry:
		return wrong(Lifetime, "IDX10225", "Lifetime validation failed. The token is missing an Expiration Time. Tokentype: 'Microsoft.IdentityModel.JsonWebTokens.JsonWebToken'.")
	case !t.Expires.IsZero() && t.NotBefore.After(t.Expires):
		return wrong(Lifetime, "IDX10224", "Lifetime validation failed. The NotBefore (UTC): '%s' is after Expires (UTC): '%s'.", t.NotBefore.Format(layout), t.Expires.Format(layout))
	case t.NotBefore.After(now.Add(p.Skew)):
		return wrong(Lifetime, "IDX10222", "Lifetime validation failed. The token is not yet valid. ValidFrom (UTC): '%s', Current time (UTC): '%s'.", t.NotBefore.Format(layout), now.Format(layout))
	case !t.Expires.IsZero() && t.Expires.Before(now.Add(-p.Skew)):
		return wrong(Expired, "IDX10223", "Lifetime validation failed. The token is expired. ValidTo (UTC): '%s', Current time (UTC): '%s'.", t.Expires.Format(layout), now.Format(layout))
	}
	return nil
}

func (p *Params) audience(t *Token) *Error {
	if p.Audiences == nil {
		return nil
	}
	if len(t.Audiences) == 0 {
		return wrong(Audience, "IDX10206", "Unable to validate audience. The 'audiences' parameter is empty.")
	}
	for _, a := range t.Audiences {
		if strings.TrimSpace(a) == "" {
			continue
		}
		for _, allowed := range p.Audiences {
			if a == allowed || a == allowed+"/" || a+"/" == allowed {
				return nil
			}
		}
	}
	return wrong(Audience, "IDX10214", "Audience validation failed. See https://aka.ms/identitymodel/app-context-switches")
}

func (p *Params) issuer(t *Token) *Error {
	switch {
	case p.Issuers == nil:
		return nil
	case strings.TrimSpace(t.Issuer) == "":
		return wrong(Issuer, "IDX10211", "Issuer validation failed. Unable to validate issuer. The 'issuer' parameter is null or whitespace.")
	case slices.Contains(p.Issuers, t.Issuer):
		return nil
	}
	return wrong(Issuer, "IDX10205", "Issuer validation failed. Issuer: '%s'. Did not match: validationParameters.ValidIssuer: 'null' or validationParameters.ValidIssuers: '%s' or validationParameters.ConfigurationManager.CurrentConfiguration.Issuer: 'Null'. For more details, see https://aka.ms/IdentityModel/issuer-validation. ", t.Issuer, strings.Join(p.Issuers, ", "))
}
