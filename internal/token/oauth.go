package token

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
)

// maxForm is the biggest body of a token request.
const maxForm = 64 << 10

// assertionType is the only type of client assertion (RFC 7523 section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// tokenV2 answers POST /{tenant}/oauth2/v2.0/token.
func (s *Server) tokenV2(w http.ResponseWriter, r *http.Request, tenant string) {
	s.oauth(w, r, tenant, 2)
}

// tokenV1 answers POST /{tenant}/oauth2/token, where the audience is the parameter resource and numbers are strings.
func (s *Server) tokenV1(w http.ResponseWriter, r *http.Request, tenant string) {
	s.oauth(w, r, tenant, 1)
}

func (s *Server) oauth(w http.ResponseWriter, r *http.Request, tenant string, version int) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	q, refused := s.readForm(r, tenant, version)
	var p *identity.Principal
	var by identity.Proof
	if refused == nil {
		p, by, refused = s.prove(r, q)
	}
	if refused != nil {
		s.refuse(w, r, q, refused)
		return
	}
	token, expires, err := s.Directory.Issue(r.Context(), p, q.audience, by)
	if err != nil {
		s.refuse(w, r, q, s.failed(r, err))
		return
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "token issued", slog.String(logkey.Principal, p.Name), slog.String("client_id", p.ClientID),
		slog.String("audience", q.audience), slog.Time("expires", expires), slog.String(logkey.Remote, r.RemoteAddr))
	writeJSON(w, http.StatusOK, s.grant(q, token, expires, version))
}

// grant is the answer that carries the token. Its life is in whole seconds, never rounded up.
func (s *Server) grant(q *form, token string, expires time.Time, version int) map[string]any {
	left := int64(expires.Sub(s.Now()).Seconds())
	if version == 2 {
		return map[string]any{"token_type": "Bearer", "expires_in": left, "ext_expires_in": left, "access_token": token}
	}
	text := strconv.FormatInt(left, 10)
	return map[string]any{"token_type": "Bearer", "expires_in": text, "ext_expires_in": text, "resource": q.audience, "access_token": token,
		"expires_on": strconv.FormatInt(expires.Unix(), 10), "not_before": strconv.FormatInt(expires.Unix()-left, 10)}
}

// form is a token request.
type form struct {
	tenant, clientID, secret, assertion, audience string
}

// readForm reads and checks the parameters; what it read is returned with the refusal too, for the audit.
func (s *Server) readForm(r *http.Request, tenant string, version int) (*form, *refusal) {
	q := &form{tenant: tenant}
	if err := r.ParseForm(); err != nil {
		return q, refuse(http.StatusBadRequest, "invalid_request", 900144, "The request body cannot be read as a form.")
	}
	v := r.PostForm
	q.clientID, q.secret, q.assertion = v.Get("client_id"), v.Get("client_secret"), v.Get("client_assertion")
	if id, secret, ok := r.BasicAuth(); ok { // RFC 6749 section 2.3.1: both are form-encoded
		q.clientID, q.secret = unescape(id), unescape(secret)
	}
	if !s.isTenant(tenant) {
		return q, refuse(http.StatusBadRequest, "invalid_request", 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID: it is in admin.json.", tenant)
	}
	switch grant := v.Get("grant_type"); grant {
	case "client_credentials":
	case "":
		return q, missing("grant_type")
	default:
		return q, refuse(http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'. Postern has client_credentials.", grant)
	}
	if q.clientID == "" {
		return q, missing("client_id")
	}
	if t := v.Get("client_assertion_type"); q.assertion != "" && t != assertionType {
		return q, refuse(http.StatusUnauthorized, "invalid_client", 50027, "The client_assertion_type '%s' is not '%s'.", t, assertionType)
	}
	var refused *refusal
	q.audience, refused = audienceOf(v, version)
	return q, refused
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// isTenant knows the one tenant by its id and by the names that stand for any.
func (s *Server) isTenant(name string) bool {
	return strings.EqualFold(name, s.Directory.TenantID) || name == "common" || name == "organizations"
}

// audienceOf is whom the token is for: the scope without "/.default", or the parameter resource of version 1.
func audienceOf(v url.Values, version int) (string, *refusal) {
	if resource := v.Get("resource"); resource != "" && version == 1 {
		return checkAudience(resource, resource)
	}
	scope := v.Get("scope")
	if scope == "" {
		return "", missing(map[int]string{1: "resource", 2: "scope"}[version])
	}
	audience := ""
	for _, word := range strings.Fields(scope) {
		if word == "openid" || word == "profile" || word == "offline_access" {
			continue // clients add them; they mean nothing without a user
		}
		resource, ok := strings.CutSuffix(word, "/.default")
		if !ok || audience != "" {
			return "", invalidScope(scope)
		}
		audience = resource
	}
	if audience == "" {
		return "", invalidScope(scope)
	}
	return checkAudience(audience, scope)
}

// checkAudience takes the id of an application and absolute URIs.
func checkAudience(audience, given string) (string, *refusal) {
	if identity.IsGUID(audience) {
		return audience, nil
	}
	u, err := url.Parse(audience)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(audience) > 1024 {
		return "", invalidScope(given)
	}
	return audience, nil
}

func invalidScope(scope string) *refusal {
	return refuse(http.StatusBadRequest, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid. The scope %s is not valid: it has the form <resource>/.default, with one resource, an absolute URI or the id of an application.", shorten(scope))
}

func missing(parameter string) *refusal {
	return refuse(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: '%s'.", parameter)
}

// prove finds the principal by what the client shows. Failures are counted for client and address, and too many of them end in 429.
func (s *Server) prove(r *http.Request, q *form) (p *identity.Principal, by identity.Proof, refused *refusal) {
	source := q.clientID + " " + address(r)
	if wait := s.failures.wait(source); wait > 0 {
		e := refuse(http.StatusTooManyRequests, "temporarily_unavailable", 50196, "Too many requests with a wrong credential came from '%s' for the application '%s'. Try again in %d seconds.", address(r), shorten(q.clientID), int(wait.Seconds())+1)
		e.retryAfter = wait
		return nil, "", e
	}
	var err error
	switch {
	case q.assertion != "":
		by = identity.ByCertificate
		p, err = s.Directory.ProveByAssertion(r.Context(), q.clientID, q.assertion, s.assertionAudiences(r))
	case q.secret != "":
		by = identity.BySecret
		p, err = s.Directory.ProveBySecret(r.Context(), q.clientID, q.secret)
	default:
		return nil, "", refuse(http.StatusUnauthorized, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	}
	if err == nil {
		return p, by, nil
	}
	if fault.KindOf(err) == fault.Unauthenticated || fault.KindOf(err) == fault.NotFound {
		s.failures.add(source)
	}
	return nil, "", s.disbelieve(r, q, err)
}

// assertionAudiences are the URLs of the token endpoint, as the client wrote the host, and as we name ourselves.
func (s *Server) assertionAudiences(r *http.Request) []string {
	var all []string
	bases := []string{base(r)}
	if s.Directory.Issuer != nil {
		bases = append(bases, s.Directory.Issuer())
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	for _, b := range bases {
		for _, t := range []string{tenant, s.Directory.TenantID} {
			all = append(all, b+"/"+t+"/oauth2/v2.0/token", b+"/"+t+"/oauth2/token", b+"/"+t+"/v2.0", b+"/"+t)
		}
	}
	return all
}

func (s *Server) disbelieve(r *http.Request, q *form, err error) *refusal {
	id := shorten(q.clientID)
	switch {
	case errors.Is(err, identity.ErrUnknownApplication), fault.KindOf(err) == fault.NotFound:
		return refuse(http.StatusBadRequest, "unauthorized_client", 700016, "Application with identifier '%s' was not found in the directory '%s'.", id, s.Directory.TenantID)
	case errors.Is(err, identity.ErrWrongSecret):
		return refuse(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, for a secret added to app '%s'.", id)
	case errors.Is(err, identity.ErrExpiredSecret):
		return refuse(http.StatusUnauthorized, "invalid_client", 7000222, "The provided client secret keys for app '%s' are expired.", id)
	case errors.Is(err, identity.ErrUnknownKey):
		return refuse(http.StatusUnauthorized, "invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application '%s', or is not valid at this time.", id)
	case errors.Is(err, identity.ErrAssertion):
		return refuse(http.StatusUnauthorized, "invalid_client", 50027, "The client assertion is invalid: it must be signed with the registered certificate, have issuer and subject '%s', this endpoint as audience, and be within its time.", id)
	}
	return s.failed(r, err)
}

// failed is the refusal where the fault is ours.
func (s *Server) failed(r *http.Request, err error) *refusal {
	s.log.LogAttrs(r.Context(), slog.LevelError, "token request failed", slog.Any(logkey.Error, err))
	if fault.KindOf(err) == fault.Unavailable {
		return refuse(http.StatusServiceUnavailable, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
	}
	return refuse(http.StatusInternalServerError, "server_error", 90033, "An error has occurred. The log of the server has the details.")
}

// address is the client's address without its port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// shorten keeps a client's text in a message to a bearable length.
func shorten(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
