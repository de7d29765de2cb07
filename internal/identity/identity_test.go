package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

const (
	tenant   = "00000000-0000-0000-0000-000000000001"
	appID    = "11111111-0000-0000-0000-000000000001"
	appOID   = "11111111-0000-0000-0000-000000000002"
	identID  = "22222222-0000-0000-0000-000000000001"
	identOID = "22222222-0000-0000-0000-000000000002"
	vault    = "https://vault.azure.net"
	endpoint = "https://localhost:9443/" + tenant + "/oauth2/v2.0/token"
)

// clock is a clock that tests set.
type clock struct{ time.Time }

func newDirectory(t *testing.T) (*Directory, *clock) {
	t.Helper()
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	d := &Directory{Store: memstore.New(), Sealer: sealer, TenantID: tenant, Issuer: func() string { return "https://localhost:9443" }, Now: func() time.Time { return c.Time }}
	put(t, d, Principal{ID: identOID, ClientID: identID, Name: "ident", TenantID: tenant, Kind: UserAssigned, Resource: "/subscriptions/s/x"})
	return d, c
}

func put(t *testing.T, d *Directory, p Principal) {
	t.Helper()
	ops, err := PutOps(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Store.Commit(t.Context(), store.Txn{Then: ops}); err != nil {
		t.Fatal(err)
	}
}

func mint(t *testing.T, d *Directory, audience string) string {
	t.Helper()
	token, _, err := d.Mint(t.Context(), identOID, audience)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// wantCode fails unless err is an unauthenticated fault of the code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Unauthenticated || e.Code != code {
		t.Errorf("error is %v (%+v), want code %q", err, e, code)
	}
}

func TestMintedTokenProvesItsPrincipalToItsAudience(t *testing.T) {
	d, _ := newDirectory(t)
	for name, c := range map[string]struct{ audience, asked string }{
		"as asked":        {vault, vault},
		"slash in token":  {vault + "/", vault},
		"slash in wanted": {vault, vault + "/"},
		"ARM":             {"https://management.azure.com/", "https://management.azure.com"},
		"own URL":         {"https://localhost:9443", "https://localhost:9443/"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := d.AuthenticateFor(t.Context(), mint(t, d, c.audience), []string{"https://other", c.asked})
			if err != nil || p.ID != identOID || p.Kind != UserAssigned {
				t.Errorf("AuthenticateFor = %+v, %v", p, err)
			}
		})
	}
	_, err := d.Authenticate(t.Context(), mint(t, d, vault))
	wantCode(t, err, "InvalidAuthenticationTokenAudience")
	if _, err := d.Authenticate(t.Context(), mint(t, d, "https://management.core.windows.net")); err != nil {
		t.Errorf("a token for the management API is refused: %v", err)
	}
}

func TestClaims(t *testing.T) {
	d, c := newDirectory(t)
	for name, v := range map[string]struct {
		audience string
		want     map[string]any
		absent   string
	}{
		"version 1": {vault, map[string]any{"ver": "1.0", "appid": identID, "iss": "https://localhost:9443/" + tenant + "/"}, "azp"},
		"version 2": {appID, map[string]any{"ver": "2.0", "azp": identID, "iss": "https://localhost:9443/" + tenant + "/v2.0"}, "appid"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := base64.RawURLEncoding.DecodeString(strings.Split(mint(t, d, v.audience), ".")[1])
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			now := float64(c.Unix())
			for k, x := range map[string]any{"aud": v.audience, "oid": identOID, "sub": identOID, "tid": tenant, "iat": now, "nbf": now, "exp": now + 86400, "xms_mirid": "/subscriptions/s/x", "idtyp": "app"} {
				v.want[k] = x
			}
			for k, x := range v.want {
				if got[k] != x {
					t.Errorf("claim %s = %v, want %v", k, got[k], x)
				}
			}
			if got[v.absent] != nil || got["uti"] == "" {
				t.Errorf("claims are %v", got)
			}
		})
	}
}

func TestTokensEnd(t *testing.T) {
	d, c := newDirectory(t)
	token := mint(t, d, vault)
	c.Time = c.Add(24*time.Hour - time.Second)
	if _, err := d.AuthenticateFor(t.Context(), token, []string{vault}); err != nil {
		t.Errorf("the token is over too soon: %v", err)
	}
	c.Time = c.Add(time.Second)
	_, err := d.AuthenticateFor(t.Context(), token, []string{vault})
	wantCode(t, err, "ExpiredAuthenticationToken")
	c.Time = c.Add(-48 * time.Hour)
	_, err = d.AuthenticateFor(t.Context(), token, []string{vault})
	wantCode(t, err, "InvalidAuthenticationToken")
}

func TestTokensEndWithTheirPrincipal(t *testing.T) {
	d, _ := newDirectory(t)
	token := mint(t, d, vault)
	if _, err := d.Store.Commit(t.Context(), store.Txn{Then: RemoveOps(identOID, identID)}); err != nil {
		t.Fatal(err)
	}
	_, err := d.AuthenticateFor(t.Context(), token, []string{vault})
	wantCode(t, err, "InvalidAuthenticationToken")
	if _, _, err := d.Mint(t.Context(), identOID, vault); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Mint = %v, want Kind NotFound", err)
	}
	if _, err := d.ByClientID(t.Context(), identID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("ByClientID = %v, want Kind NotFound", err)
	}
}

func TestForgedTokens(t *testing.T) {
	d, c := newDirectory(t)
	good := mint(t, d, vault)
	parts := strings.Split(good, ".")
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	set, err := d.Keys(t.Context())
	if err != nil || len(set.Keys) != 1 {
		t.Fatalf("Keys = %v, %v", set, err)
	}
	kid := set.Keys[0].KeyID
	public := x509.MarshalPKCS1PublicKey(set.Keys[0].Key.(*rsa.PublicKey))
	body := claims{Audience: vault, ObjectID: identOID, AppID: identID, TenantID: tenant,
		NotBefore: jwt.NewNumericDate(c.Time), Expires: jwt.NewNumericDate(c.Add(time.Hour))}
	sign := func(alg jose.SignatureAlgorithm, key any, kid string) string {
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := jwt.Signed(s).Claims(body).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT","kid":"` + kid + `"}`))
	for name, token := range map[string]string{
		"empty":                    "",
		"no token":                 "abc",
		"unsigned":                 none + "." + parts[1] + ".",
		"signature cut":            parts[0] + "." + parts[1] + ".",
		"claims changed":           parts[0] + "." + strings.Replace(parts[1], "a", "b", 1) + "." + parts[2],
		"another's key":            sign(jose.RS256, other, "other"),
		"another's key, our id":    sign(jose.RS256, other, kid),
		"the public key as secret": sign(jose.HS256, public, kid),
		"another algorithm":        sign(jose.PS256, other, kid),
		"too long":                 good + strings.Repeat("x", 20000),
		"unknown long-lived":       "pst_" + strings.Repeat("x", 43),
		"huge long-lived":          "pst_" + strings.Repeat("x", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.AuthenticateFor(t.Context(), token, []string{vault})
			wantCode(t, err, "InvalidAuthenticationToken")
		})
	}
}

func TestKeysRotate(t *testing.T) {
	d, c := newDirectory(t)
	first := mint(t, d, vault)
	c.Time = c.Add(keyLife - time.Hour)
	last := mint(t, d, vault)
	c.Time = c.Add(2 * time.Hour)
	next := mint(t, d, vault)
	kid := func(token string) string {
		p, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Fatal(err)
		}
		return p.Headers[0].KeyID
	}
	if kid(first) != kid(last) || kid(last) == kid(next) {
		t.Errorf("keys are %s, %s, %s: the key must change after %v", kid(first), kid(last), kid(next), keyLife)
	}
	second := &Directory{Store: d.Store, Sealer: d.Sealer, TenantID: tenant, Now: d.Now} // another node
	for _, token := range []string{last, next} {
		if _, err := second.AuthenticateFor(t.Context(), token, []string{vault}); err != nil {
			t.Errorf("another node refuses: %v", err)
		}
	}
	if set, err := d.Keys(t.Context()); err != nil || len(set.Keys) != 2 || !set.Keys[0].IsPublic() {
		t.Errorf("Keys = %v, %v; want the two that verify", set, err)
	}
	c.Time = c.Add(longestToken)
	if set, err := second.Keys(t.Context()); err != nil || len(set.Keys) != 1 {
		t.Errorf("Keys = %v, %v; want the new one", set, err)
	}
}

func TestSealedKeys(t *testing.T) {
	d, _ := newDirectory(t)
	mint(t, d, vault)
	entries, _, err := d.Store.List(t.Context(), signingKeys)
	if err != nil || len(entries) != 1 {
		t.Fatalf("keys are %v, %v", entries, err)
	}
	var r keyRecord
	if err := json.Unmarshal(entries[0].Value, &r); err != nil || !seal.IsSealed(r.Key) {
		t.Errorf("the key is stored as %.20s…, %v", r.Key, err)
	}
	// A sealed key that was moved does not open.
	if _, err := d.Store.Commit(t.Context(), store.Txn{Then: []store.Op{store.Delete(entries[0].Key), store.Put(signingKeys+"moved", entries[0].Value)}}); err != nil {
		t.Fatal(err)
	}
	second := &Directory{Store: d.Store, Sealer: d.Sealer, TenantID: tenant, Now: d.Now}
	if _, _, err := second.Mint(t.Context(), identOID, vault); fault.KindOf(err) != fault.Internal {
		t.Errorf("Mint with a moved key = %v, want Kind Internal", err)
	}
}

func TestLongLivedTokens(t *testing.T) {
	d, c := newDirectory(t)
	admin := Principal{ID: "a", Name: "administrator", Kind: Administrator}
	forever, brief := NewToken(), NewToken()
	ctx := t.Context()
	if err := errors.Join(d.Grant(ctx, forever, admin), d.GrantUntil(ctx, brief, admin, "ci", c.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{forever, brief} {
		if p, err := d.Authenticate(ctx, token); err != nil || p.Kind != Administrator {
			t.Errorf("Authenticate = %+v, %v", p, err)
		}
	}
	all, err := d.LongLivedTokens(ctx)
	if err != nil || len(all) != 2 {
		t.Errorf("LongLivedTokens = %v, %v", all, err)
	}
	c.Time = c.Add(time.Hour)
	_, err = d.Authenticate(ctx, brief)
	wantCode(t, err, "ExpiredAuthenticationToken")
	if n, err := d.RevokeNamed(ctx, "ci"); n != 1 || err != nil {
		t.Errorf("RevokeNamed by label = %d, %v", n, err)
	}
	if n, err := d.RevokeNamed(ctx, TokenID(forever)); n != 1 || err != nil {
		t.Errorf("RevokeNamed by id = %d, %v", n, err)
	}
	if n, err := d.RevokeNamed(ctx, ""); n != 0 || err != nil {
		t.Errorf("RevokeNamed of nothing = %d, %v", n, err)
	}
	_, err = d.Authenticate(ctx, forever)
	wantCode(t, err, "InvalidAuthenticationToken")
}

// TestOldRecords reads a record as it was before principals had kinds.
func TestOldRecords(t *testing.T) {
	d, _ := newDirectory(t)
	token := NewToken()
	old := []byte(`{"ID":"x","Name":"administrator","Created":"2026-01-01T00:00:00Z"}`)
	if _, err := d.Store.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(tokenKey(token), old)}}); err != nil {
		t.Fatal(err)
	}
	if p, err := d.Authenticate(t.Context(), token); err != nil || p.Kind != Administrator || p.ID != "x" {
		t.Errorf("Authenticate = %+v, %v", p, err)
	}
}

func putApplication(t *testing.T, d *Directory, a ApplicationRecord) {
	t.Helper()
	a.ClientID, a.ObjectID = appID, appOID
	if err := d.PutApplication(t.Context(), a, Principal{ID: appOID, ClientID: appID, Name: "app", TenantID: tenant, Kind: Application}); err != nil {
		t.Fatal(err)
	}
}

func TestSecrets(t *testing.T) {
	d, c := newDirectory(t)
	putApplication(t, d, ApplicationRecord{Secrets: []Secret{NewSecret("one", "", time.Time{}), NewSecret("two", "", c.Add(time.Hour)), NewSecret("old", "", c.Time)}})
	for name, v := range map[string]struct {
		client, secret string
		why            error
	}{
		"first":                    {appID, "one", nil},
		"second":                   {strings.ToUpper(appID), "two", nil},
		"over":                     {appID, "old", ErrExpiredSecret},
		"wrong":                    {appID, "three", ErrWrongSecret},
		"empty":                    {appID, "", ErrWrongSecret},
		"unknown":                  {identID, "one", ErrUnknownApplication},
		"no id":                    {"../keys/x", "one", ErrUnknownApplication},
		"the digest is no secret":  {appID, string(NewSecret("one", "", time.Time{}).Digest), ErrWrongSecret},
		"managed identity's id":    {identID, "", ErrUnknownApplication},
		"another's record by path": {appID + "/x", "one", ErrUnknownApplication},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := d.ProveBySecret(t.Context(), v.client, v.secret)
			if !errors.Is(err, v.why) || v.why == nil && p.ID != appOID {
				t.Errorf("ProveBySecret = %v, %v; want %v", p, err, v.why)
			}
		})
	}
	if err := d.RemoveApplication(t.Context(), appID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ProveBySecret(t.Context(), appID, "one"); !errors.Is(err, ErrUnknownApplication) {
		t.Errorf("after its end the application is %v", err)
	}
}

func selfSigned(t *testing.T, key any, public any, from, to time.Time) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestAssertions(t *testing.T) {
	d, c := newDirectory(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := selfSigned(t, key, &key.PublicKey, c.Add(-time.Hour), c.Add(90*24*time.Hour))
	putApplication(t, d, ApplicationRecord{Certificates: [][]byte{der}})
	new, old := sha256.Sum256(der), sha1.Sum(der)
	x5tS256, x5t := base64.RawURLEncoding.EncodeToString(new[:]), base64.RawURLEncoding.EncodeToString(old[:])
	good := jwt.Claims{Issuer: appID, Subject: appID, Audience: jwt.Audience{endpoint}, Expiry: jwt.NewNumericDate(c.Add(10 * time.Minute)), NotBefore: jwt.NewNumericDate(c.Time)}
	with := func(change func(*jwt.Claims)) jwt.Claims { v := good; change(&v); return v }
	for name, v := range map[string]struct {
		claims jwt.Claims
		header map[jose.HeaderKey]any
		key    *ecdsa.PrivateKey
		why    error
	}{
		"x5t#S256":         {good, map[jose.HeaderKey]any{"x5t#S256": x5tS256}, key, nil},
		"x5t#S256 of MSAL": {good, map[jose.HeaderKey]any{"x5t#S256": base64.StdEncoding.EncodeToString(new[:])}, key, nil},
		"x5t":              {good, map[jose.HeaderKey]any{"x5t": x5t}, key, nil},
		"x5t padded":       {good, map[jose.HeaderKey]any{"x5t": x5t + "="}, key, nil},
		"kid":              {good, map[jose.HeaderKey]any{"kid": strings.ToUpper(hex.EncodeToString(old[:]))}, key, nil},
		"no key named":     {good, nil, key, ErrUnknownKey},
		"unknown key":      {good, map[jose.HeaderKey]any{"x5t": "AAAA"}, key, ErrUnknownKey},
		"another signs":    {good, map[jose.HeaderKey]any{"x5t": x5t}, stranger, ErrAssertion},
		"over":             {with(func(x *jwt.Claims) { x.Expiry = jwt.NewNumericDate(c.Time) }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"endless":          {with(func(x *jwt.Claims) { x.Expiry = nil }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"too long":         {with(func(x *jwt.Claims) { x.Expiry = jwt.NewNumericDate(c.Add(25 * time.Hour)) }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"not yet":          {with(func(x *jwt.Claims) { x.NotBefore = jwt.NewNumericDate(c.Add(time.Hour)) }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"another audience": {with(func(x *jwt.Claims) { x.Audience = jwt.Audience{"https://login.example/token"} }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"no audience":      {with(func(x *jwt.Claims) { x.Audience = nil }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"another issuer":   {with(func(x *jwt.Claims) { x.Issuer = identID }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
		"another subject":  {with(func(x *jwt.Claims) { x.Subject = identID }), map[jose.HeaderKey]any{"x5t": x5t}, key, ErrAssertion},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: v.key}, &jose.SignerOptions{ExtraHeaders: v.header})
			if err != nil {
				t.Fatal(err)
			}
			text, err := jwt.Signed(s).Claims(v.claims).Serialize()
			if err != nil {
				t.Fatal(err)
			}
			p, err := d.ProveByAssertion(t.Context(), appID, text, []string{endpoint})
			if !errors.Is(err, v.why) || v.why == nil && (p == nil || p.ID != appOID) {
				t.Errorf("ProveByAssertion = %v, %v; want %v", p, err, v.why)
			}
		})
	}
	c.Time = c.Add(100 * 24 * time.Hour)
	if _, err := d.ProveByAssertion(t.Context(), appID, "x.y.z", []string{endpoint}); !errors.Is(err, ErrAssertion) {
		t.Errorf("ProveByAssertion of no token = %v", err)
	}
}

func TestRolePatterns(t *testing.T) {
	for name, c := range map[string]struct {
		pattern, text string
		want          bool
	}{
		"all":          {"*", "a/b/read", true},
		"suffix":       {"*/read", "a/b/read", true},
		"not suffix":   {"*/read", "a/b/write", false},
		"middle":       {"a/*/read", "a/b/c/read", true},
		"prefix":       {"a/vaults/*", "a/vaults/x/y", true},
		"other prefix": {"a/vaults/*", "a/vaultsx", false},
		"two stars":    {"a/*/b/*", "a/x/b/y", true},
		"exact":        {"a/b", "a/b", true},
		"longer":       {"a/b", "a/b/c", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := matches(c.pattern, c.text); got != c.want {
				t.Errorf("matches(%q, %q) = %v", c.pattern, c.text, got)
			}
		})
	}
}

func TestAllowed(t *testing.T) {
	d, _ := newDirectory(t)
	const group = "/subscriptions/s/resourceGroups/g"
	assign := func(role, scope string) {
		op, err := PutAssignment(scope+"/providers/Microsoft.Authorization/roleAssignments/"+role, Assignment{PrincipalID: identOID, RoleID: role, Scope: scope})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Store.Commit(context.Background(), store.Txn{Then: []store.Op{op}}); err != nil {
			t.Fatal(err)
		}
	}
	assign("b24988ac-6180-42a0-ab88-20f7382dd24c", group)                                          // Contributor
	assign("acdd72a7-3385-48ef-bd42-f606fba81ae7", "/subscriptions/S/resourceGroups/other")        // Reader
	assign("4633458b-17de-408a-b874-0445c86b69e6", group+"/providers/Microsoft.KeyVault/vaults/v") // Key Vault Secrets User
	who := &Principal{ID: strings.ToUpper(identOID), Kind: UserAssigned}
	for name, c := range map[string]struct {
		who        *Principal
		action, id string
		want       bool
	}{
		"contributor writes":      {who, "Microsoft.KeyVault/vaults/write", group + "/providers/Microsoft.KeyVault/vaults/v", true},
		"in any case":             {who, "microsoft.keyvault/vaults/write", strings.ToUpper(group + "/x"), true},
		"contributor assigns not": {who, "Microsoft.Authorization/roleAssignments/write", group + "/x", false},
		"reader reads":            {who, "Microsoft.KeyVault/vaults/read", "/subscriptions/s/resourceGroups/other/x", true},
		"reader writes not":       {who, "Microsoft.KeyVault/vaults/write", "/subscriptions/s/resourceGroups/other/x", false},
		"another group":           {who, "Microsoft.KeyVault/vaults/read", "/subscriptions/s/resourceGroups/g2/x", false},
		"the subscription":        {who, "Microsoft.KeyVault/vaults/read", "/subscriptions/s", false},
		"nobody":                  {&Principal{ID: "n", Kind: Application}, "Microsoft.KeyVault/vaults/read", group + "/x", false},
		"the administrator":       {&Principal{ID: "n", Kind: Administrator}, "Microsoft.KeyVault/vaults/write", "/subscriptions/x", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := d.Allowed(t.Context(), c.who, c.action, c.id)
			if err != nil || got != c.want {
				t.Errorf("Allowed(%s, %s) = %v, %v; want %v", c.action, c.id, got, err, c.want)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Roles() {
		if !IsGUID(r.ID) || seen[r.ID] || seen[r.Name] || r.Description == "" {
			t.Errorf("role %+v is not whole or stands twice", r)
		}
		seen[r.ID], seen[r.Name] = true, true
	}
	if r := RoleByID(strings.ToUpper("4633458b-17de-408a-b874-0445c86b69e6")); r == nil || !r.AllowsData("Microsoft.KeyVault/vaults/secrets/getSecret/action") || r.AllowsData("Microsoft.KeyVault/vaults/secrets/setSecret/action") || r.Allows("Microsoft.KeyVault/vaults/write") {
		t.Errorf("Key Vault Secrets User is %+v", r)
	}
	if RoleByID("x") != nil {
		t.Error("an unknown role is known")
	}
}

func FuzzAuthenticate(f *testing.F) {
	d := &Directory{Store: memstore.New(), TenantID: tenant}
	f.Add("pst_x")
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := d.AuthenticateFor(t.Context(), token, []string{vault}); err == nil {
			t.Errorf("%q proves %+v", token, p)
		}
	})
}
