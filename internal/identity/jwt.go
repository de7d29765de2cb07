package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"regexp"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/postern-gateway/postern/fault"
)

// Lives of tokens, as Microsoft Entra ID has them: an hour for applications, a day for managed identities
// (learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes, read 2026-11-25).
const (
	applicationLife = time.Hour
	managedLife     = longestToken
	// clockSkew is how far the clocks of nodes may stand apart.
	clockSkew = time.Minute
	// maxTokenBytes bounds what is parsed.
	maxTokenBytes = 16 << 10
)

// Proof is how an application proved itself, as the claim appidacr says it.
type Proof string

// The proofs.
const (
	BySecret      Proof = "1"
	ByCertificate Proof = "2"
)

// claims are a token's claims (learn.microsoft.com/entra/identity-platform/access-token-claims-reference, read 2026-11-25).
type claims struct {
	Audience  string           `json:"aud"`
	Issuer    string           `json:"iss"`
	IssuedAt  *jwt.NumericDate `json:"iat"`
	NotBefore *jwt.NumericDate `json:"nbf"`
	Expires   *jwt.NumericDate `json:"exp"`
	AppID     string           `json:"appid,omitempty"`
	AppACR    string           `json:"appidacr,omitempty"`
	AZP       string           `json:"azp,omitempty"`
	AZPACR    string           `json:"azpacr,omitempty"`
	Provider  string           `json:"idp,omitempty"`
	Type      string           `json:"idtyp"`
	ObjectID  string           `json:"oid"`
	Subject   string           `json:"sub"`
	TenantID  string           `json:"tid"`
	TokenID   string           `json:"uti"`
	Version   string           `json:"ver"`
	Managed   string           `json:"xms_mirid,omitempty"`
}

func (c *claims) clientID() string {
	if c.AZP != "" {
		return c.AZP
	}
	return c.AppID
}

// Mint makes a token that proves the principal, given by its object id, to the audience, such as
// "https://vault.azure.net". Kind NotFound says that there is no such principal.
func (d *Directory) Mint(ctx context.Context, principalID, audience string) (token string, expires time.Time, err error) {
	p, err := d.ByObjectID(ctx, principalID)
	if err != nil {
		return "", time.Time{}, err
	}
	return d.Issue(ctx, p, audience, ByCertificate)
}

// guid is a UUID in text.
var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// IsGUID reports whether text is a UUID as ids of Azure are written.
func IsGUID(text string) bool { return guid.MatchString(text) }

// Issue makes a token for a principal that proved itself. The token is of version 2.0 where the audience is an
// application's id, else of version 1.0, as Azure's own resources have them.
func (d *Directory) Issue(ctx context.Context, p *Principal, audience string, by Proof) (token string, expires time.Time, err error) {
	k, err := d.signer(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	now := d.now().Truncate(time.Second)
	life := applicationLife
	if p.Kind.Managed() {
		life = managedLife
	}
	expires = now.Add(life)
	c := claims{
		Audience: audience, IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expires: jwt.NewNumericDate(expires),
		Type: "app", ObjectID: p.ID, Subject: p.ID, TenantID: p.TenantID, TokenID: newTokenID(), Managed: p.Resource,
	}
	if IsGUID(audience) {
		c.Version, c.Issuer, c.AZP, c.AZPACR = "2.0", d.IssuerV2(), p.ClientID, string(by)
	} else {
		c.Version, c.Issuer, c.AppID, c.AppACR = "1.0", d.IssuerV1(), p.ClientID, string(by)
		c.Provider = c.Issuer
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: k.key, KeyID: k.id}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", time.Time{}, err
	}
	token, err = jwt.Signed(signer).Claims(c).Serialize()
	return token, expires, err
}

// IssuerV1 and IssuerV2 are the issuers of tokens of the two versions, and the places of their metadata.
func (d *Directory) IssuerV1() string { return d.issuer() + "/" + d.TenantID + "/" }

// IssuerV2 is the issuer of tokens of version 2.0.
func (d *Directory) IssuerV2() string { return d.issuer() + "/" + d.TenantID + "/v2.0" }

func newTokenID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// authenticateJWT judges a JSON Web Token: signature by a key of ours, tenant, time, audience, and that the principal
// is there still.
func (d *Directory) authenticateJWT(ctx context.Context, token string, audiences []string) (*Principal, error) {
	c, err := d.verify(ctx, token)
	if err != nil {
		return nil, err
	}
	if !anyAudience(audiences, c.Audience) {
		return nil, unauthenticated(codeAudience, "The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'.",
			shorten(c.Audience), strings.Join(audiences, "','"))
	}
	p, err := d.ByObjectID(ctx, c.ObjectID)
	if fault.KindOf(err) == fault.NotFound {
		return nil, unauthenticated(codeInvalid, "The access token is invalid: its principal '%s' does not exist any more.", c.ObjectID)
	}
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(p.ClientID, c.clientID()) {
		return nil, invalidToken()
	}
	return p, nil
}

func (d *Directory) verify(ctx context.Context, token string) (*claims, error) {
	if len(token) > maxTokenBytes {
		return nil, invalidToken()
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(parsed.Headers) != 1 {
		return nil, invalidToken()
	}
	k, err := d.verifier(ctx, parsed.Headers[0].KeyID)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, invalidToken()
	}
	var c claims
	if err := parsed.Claims(&k.key.PublicKey, &c); err != nil {
		return nil, invalidToken()
	}
	if c.Expires == nil || c.NotBefore == nil || c.TenantID != d.TenantID || c.ObjectID == "" {
		return nil, invalidToken()
	}
	now := d.now()
	if end := c.Expires.Time(); !now.Before(end) {
		return nil, expired(end, now)
	}
	if now.Before(c.NotBefore.Time().Add(-clockSkew)) {
		return nil, unauthenticated(codeInvalid, "The access token is not valid yet.")
	}
	return &c, nil
}

func anyAudience(allowed []string, audience string) bool {
	for _, a := range allowed {
		if strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(audience, "/")) {
			return a != ""
		}
	}
	return false
}
