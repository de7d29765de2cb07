package element

import (
	"errors"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/policy/jwt"
)

var validateJWT = &policy.Element{
	Spec: policy.Spec{
		Name: "validate-jwt",
		Doc:  "Refuses requests without a JSON Web Token, or with one that is not valid.",
		Attributes: []policy.Attribute{
			{Name: "header-name", Doc: "The header field that has the token, with or without a scheme before it. One of header-name, query-parameter-name and token-value is needed.", NonEmpty: true, Expression: true},
			{Name: "query-parameter-name", Doc: "The query parameter that has the token.", NonEmpty: true, Expression: true},
			{Name: "token-value", Doc: "The token itself, without a scheme.", NonEmpty: true, Expression: true},
			{Name: "failed-validation-httpcode", Doc: "The status of the refusal.", Type: policy.Integer, Min: 200, Max: 599, Expression: true, Default: "401"},
			{Name: "failed-validation-error-message", Doc: "The message of the refusal; left out, it depends on what is wrong.", Expression: true},
			{Name: "require-expiration-time", Doc: "Whether the token must expire.", Type: policy.Boolean, Expression: true, Default: "true"},
			{Name: "require-scheme", Doc: "The scheme that must stand before the token (Bearer); counts for the field Authorization only.", Expression: true},
			{Name: "require-signed-tokens", Doc: "Whether the token must be signed.", Type: policy.Boolean, Expression: true, Default: "true"},
			{Name: "clock-skew", Doc: "Seconds that clocks may be apart.", Type: policy.Number, Max: 1 << 30, Expression: true, Default: "0"},
			{Name: "output-token-variable-name", Doc: "The variable that gets the token (a Jwt).", NonEmpty: true},
		},
		Children: []policy.Child{
			{Spec: &policy.Spec{Name: "openid-config", Doc: "An OpenID provider whose keys sign, and whose tokens are allowed.", Attributes: []policy.Attribute{
				{Name: "url", Doc: "The https address of its configuration. It is kept for an hour, and fetched again at most each five minutes where a token names a key that is not there.", Required: true, NonEmpty: true, Expression: true},
				{Name: "validate-connectivity", Doc: "Whether saving the policy tries the address, which Postern does not do.", Type: policy.Boolean, Enum: []string{"false"}, Default: "false"},
			}}},
			{Max: 1, Spec: &policy.Spec{Name: "issuer-signing-keys", Doc: "Keys that sign.", Children: []policy.Child{{Min: 1, Spec: &policy.Spec{
				Name: "key", Doc: "A secret in base64, or, by its attributes, a public key.", Text: policy.ExpressionText, Attributes: []policy.Attribute{
					{Name: "id", Doc: "What a token's kid names it by."},
					{Name: "certificate-id", Doc: "The certificate entity that has the key.", NonEmpty: true},
					{Name: "n", Doc: "The modulus of an RSA key in base64url.", NonEmpty: true},
					{Name: "e", Doc: "Its exponent in base64url.", NonEmpty: true},
				}}}}}},
			{Max: 1, Spec: &policy.Spec{Name: "decryption-keys", Doc: "Keys that open encrypted tokens.", Children: []policy.Child{{Min: 1, Spec: &policy.Spec{
				Name: "key", Doc: "A secret in base64, or the certificate entity that has the private key.", Text: policy.ExpressionText, Attributes: []policy.Attribute{
					{Name: "id", Doc: "A name for the reader."},
					{Name: "certificate-id", Doc: "The certificate entity.", NonEmpty: true},
				}}}}}},
			{Max: 1, Spec: &policy.Spec{Name: "audiences", Doc: "Whom the token may be for.", Children: []policy.Child{{Min: 1, Spec: &policy.Spec{
				Name: "audience", Doc: "One audience.", Text: policy.ExpressionText}}}}},
			{Max: 1, Spec: &policy.Spec{Name: "issuers", Doc: "Who may have issued the token.", Children: []policy.Child{{Min: 1, Spec: &policy.Spec{
				Name: "issuer", Doc: "One issuer.", Text: policy.ExpressionText}}}}},
			{Max: 1, Spec: &requiredClaimsSpec},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("validate-jwt"),
	Compile:  compileValidateJWT,
}

type tokenCheck struct {
	header, query, value policy.Text
	scheme, message      policy.Text
	code, skew           policy.Float
	expiry, signed       policy.Bool
	output               string

	openID             []policy.Text
	signing            []signingKey
	decryption         []decryptionKey
	audiences, issuers []policy.Text
	claims             []requiredClaim
}

func compileValidateJWT(n *policy.Node) policy.Step {
	sources := 0
	for _, name := range []string{"header-name", "query-parameter-name", "token-value"} {
		if n.Has(name) {
			sources++
		}
	}
	if sources != 1 {
		n.Errorf(policy.CodeConflict, "One of the attributes 'header-name', 'query-parameter-name' and 'token-value' is needed, and one only.")
		return nil
	}
	c := &tokenCheck{
		header: n.Text("header-name"), query: n.Text("query-parameter-name"), value: n.Text("token-value"),
		scheme: n.Text("require-scheme"), message: n.Text("failed-validation-error-message"),
		code: n.Float("failed-validation-httpcode"), skew: n.Float("clock-skew"),
		expiry: n.Bool("require-expiration-time"), signed: n.Bool("require-signed-tokens"),
		output: n.Literal("output-token-variable-name"),
	}
	for _, o := range n.Children("openid-config") {
		url := o.Text("url")
		if url.Expr == nil && !o.Open("url") {
			url.Const = strings.TrimSpace(url.Const)
			if err := jwt.CheckURL(url.Const); err != nil {
				o.AttrErrorf("url", policy.CodeAttrValue, "The value of the attribute 'url' of 'openid-config' is not right: %s.", err)
			}
		}
		c.openID = append(c.openID, url)
	}
	c.signing, c.decryption = compileSigningKeys(n.Child("issuer-signing-keys")), compileDecryptionKeys(n.Child("decryption-keys"))
	c.audiences, c.issuers = texts(n.Child("audiences")), texts(n.Child("issuers"))
	c.claims = compileRequiredClaims(n.Child("required-claims"))
	return c.run
}

// texts are the texts of the children of an element that may be absent.
func texts(n *policy.Node) []policy.Text {
	var list []policy.Text
	if n != nil {
		for _, child := range n.Children() {
			list = append(list, child.TrimmedBody())
		}
	}
	return list
}

func evalTexts(x *policy.Run, list []policy.Text) ([]string, error) {
	var out []string
	for i := range list {
		s, err := list[i].Eval(x)
		if err != nil {
			return nil, err
		}
		out = append(out, strings.TrimSpace(s))
	}
	return out, nil
}

// The reasons of refusals, and the default messages for clients.
const (
	reasonTokenNotPresent = "TokenNotPresent"
	tokenNotPresent       = "JWT not present."
	tokenInvalid          = "Invalid JWT."
)

var tokenReasons = map[jwt.Kind]string{
	jwt.Malformed: "JwtInvalid", jwt.Decryption: "JwtInvalid", jwt.Lifetime: "JwtInvalid", jwt.Signature: "TokenSignatureInvalid",
	jwt.KeyNotFound: "TokenSignatureKeyNotFound", jwt.Expired: "TokenExpired", jwt.Audience: "TokenAudienceNotAllowed", jwt.Issuer: "TokenIssuerNotAllowed",
}

func (c *tokenCheck) run(x *policy.Run) error {
	text, err := c.token(x)
	if err != nil {
		return err
	}
	if text == "" {
		return c.refuse(x, reasonTokenNotPresent, tokenNotPresent, tokenNotPresent, nil)
	}
	token, err := c.validate(x, text)
	if e, ok := errors.AsType[*jwt.Error](err); ok {
		message := e.Message
		if reason := tokenReasons[e.Kind]; reason != "JwtInvalid" {
			message = strings.TrimRight(message, ". ") + ". Access denied."
		}
		return c.refuse(x, tokenReasons[e.Kind], message, tokenInvalid, e)
	}
	if err != nil {
		return err
	}
	reason, message, err := judgeClaims(x, c.claims, token)
	if err != nil {
		return err
	}
	if reason != "" {
		return c.refuse(x, reason, message, tokenInvalid, nil)
	}
	return c.publish(x, token)
}

// publish sets the output variable.
func (c *tokenCheck) publish(x *policy.Run, token *jwt.Token) error {
	if c.output == "" {
		return nil
	}
	view := exprctx.ParseJwt(token.Compact)
	if view == nil {
		return c.refuse(x, "JwtInvalid", "The token is valid and cannot be shown as a variable.", tokenInvalid, nil)
	}
	x.Variables.Set(c.output, view)
	return nil
}

func (c *tokenCheck) refuse(x *policy.Run, reason, text, public string, cause error) error {
	code, err := c.code.Eval(x)
	if err != nil {
		return err
	}
	if code < 200 || code > 599 {
		return invalid("InvalidStatus", "%v is not the status of a response.", code)
	}
	own, err := c.message.Eval(x)
	if err != nil {
		return err
	}
	return &policy.Failure{Reason: reason, Message: text, Status: int(code), Public: orElse(own, public), Err: cause}
}

// token is the text of the token, empty if there is none.
func (c *tokenCheck) token(x *policy.Run) (string, error) {
	switch {
	case c.header.Set:
		return c.fromHeader(x)
	case c.query.Set:
		name, err := c.query.Eval(x)
		if err != nil {
			return "", err
		}
		return firstQueryValue(x.Request.URL.Query, strings.TrimSpace(name)), nil
	}
	return c.value.Eval(x)
}

// fromHeader takes the token from a header field, and the scheme from before it. A field that stands twice is no token.
func (c *tokenCheck) fromHeader(x *policy.Run) (string, error) {
	name, err := c.header.Eval(x)
	if err != nil {
		return "", err
	}
	name = strings.TrimSpace(name)
	want, err := c.scheme.Eval(x)
	if err != nil {
		return "", err
	}
	value := strings.TrimSpace(strings.Join(x.Request.Header.ValueList(name), ","))
	scheme, token, found := strings.Cut(value, " ")
	if !found {
		scheme, token = "", value
	}
	if want = strings.TrimSpace(want); want != "" && strings.EqualFold(name, "Authorization") && !strings.EqualFold(scheme, want) {
		return "", nil
	}
	return strings.TrimSpace(token), nil
}

// validate judges the token, and once more with fresh keys of the providers where it names a key that they do not have.
func (c *tokenCheck) validate(x *policy.Run, text string) (*jwt.Token, error) {
	p, err := c.params(x)
	if err != nil {
		return nil, err
	}
	own := len(p.Keys)
	if err := c.providers(x, p, own, false); err != nil {
		return nil, err
	}
	token, err := jwt.Validate(text, p)
	if e, ok := errors.AsType[*jwt.Error](err); !ok || e.Kind != jwt.KeyNotFound || len(c.openID) == 0 {
		return token, err
	}
	if err := c.providers(x, p, own, true); err != nil {
		return nil, err
	}
	return jwt.Validate(text, p)
}

func (c *tokenCheck) params(x *policy.Run) (*jwt.Params, error) {
	p := &jwt.Params{Now: x.Now()}
	expiry, err := c.expiry.Eval(x)
	if err != nil {
		return nil, err
	}
	signed, err := c.signed.Eval(x)
	if err != nil {
		return nil, err
	}
	p.NoExpiry, p.Unsigned = !expiry, !signed
	if p.Skew, err = duration(x, &c.skew, time.Second); err != nil {
		return nil, err
	}
	if p.Audiences, err = evalTexts(x, c.audiences); err != nil {
		return nil, err
	}
	if p.Issuers, err = evalTexts(x, c.issuers); err != nil {
		return nil, err
	}
	if p.Keys, err = signingKeys(x, c.signing); err != nil {
		return nil, err
	}
	p.Decryption, err = decryptionKeys(x, c.decryption)
	return p, err
}

// providers adds the keys and issuers of the OpenID providers after the first own keys. A provider that does not answer
// is an error only if no other does.
func (c *tokenCheck) providers(x *policy.Run, p *jwt.Params, own int, fresh bool) error {
	if len(c.openID) == 0 {
		return nil
	}
	s := x.Shared()
	if s == nil {
		return &policy.Failure{Reason: "OpenIDConfigUnavailable", Message: "There is no gateway to fetch the keys of OpenID providers."}
	}
	p.Keys = p.Keys[:own:own]
	issuers, err := evalTexts(x, c.issuers)
	if err != nil {
		return err
	}
	var failed error
	answered := false
	for i := range c.openID {
		address, err := c.openID[i].Eval(x)
		if err != nil {
			return err
		}
		provider, err := s.OpenID.Get(x.Context(), strings.TrimSpace(address), fresh)
		if err != nil {
			failed = err
			continue
		}
		answered = true
		p.Keys = append(p.Keys, provider.Keys...)
		if provider.Issuer != "" {
			issuers = append(issuers, provider.Issuer)
		}
	}
	if !answered && own == 0 {
		return &policy.Failure{Reason: "OpenIDConfigUnavailable", Message: "The keys of the OpenID provider could not be fetched.", Err: failed}
	}
	if p.Issuers = issuers; p.Issuers == nil {
		p.Issuers = []string{} // a provider that says not who it is vouches for nobody
	}
	return nil
}
