package token

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
)

// maxDays is the longest life of a token, in days, that can be asked for: 20 years.
const maxDays = 20 * 365

// administered authenticates the administrator and spells what answer returns.
func (s *Server) administered(w http.ResponseWriter, r *http.Request, answer func(by *identity.Principal) (any, error)) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	by, err := s.Directory.Authenticate(r.Context(), strings.TrimSpace(token))
	if err == nil && by.Kind != identity.Administrator {
		err = fault.New(fault.Forbidden, "'%s' is not the administrator.", by.Name)
	}
	var body any
	if err == nil {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		body, err = answer(by)
	}
	if err != nil {
		s.adminError(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, body)
}

func (s *Server) adminError(w http.ResponseWriter, r *http.Request, err error) {
	status, code, message := http.StatusInternalServerError, "InternalServerError", "An error has occurred. The log of the server has the details."
	switch fault.KindOf(err) {
	case fault.Unauthenticated:
		status, code = http.StatusUnauthorized, "InvalidAuthenticationToken"
	case fault.Forbidden:
		status, code = http.StatusForbidden, "AuthorizationFailed"
	case fault.NotFound:
		status, code = http.StatusNotFound, "ResourceNotFound"
	case fault.Invalid:
		status, code = http.StatusBadRequest, "ValidationError"
	case fault.Unavailable:
		status, code = http.StatusServiceUnavailable, "ServiceUnavailable"
	default:
		s.log.LogAttrs(r.Context(), slog.LevelError, "administration of tokens failed", slog.Any(logkey.Error, err))
	}
	if e, ok := errors.AsType[*fault.Error](err); ok && status != http.StatusInternalServerError {
		message = e.Message
	}
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}

func readJSON(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fault.New(fault.Invalid, "The request body is not the JSON object expected: %v.", err)
	}
	return nil
}

// tokens answers /postern/v1/tokens: GET lists, POST makes one, DELETE …/{id or name} revokes.
func (s *Server) tokens(w http.ResponseWriter, r *http.Request, name string) {
	switch {
	case name == "" && !allow(w, r, http.MethodGet, http.MethodPost), name != "" && !allow(w, r, http.MethodDelete):
		return
	}
	s.administered(w, r, func(by *identity.Principal) (any, error) {
		switch r.Method {
		case http.MethodGet:
			return s.listTokens(r)
		case http.MethodPost:
			return s.createToken(r, by)
		}
		return s.revokeToken(r, by, name)
	})
}

func (s *Server) listTokens(r *http.Request) (any, error) {
	all, err := s.Directory.LongLivedTokens(r.Context())
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, t := range all {
		view := map[string]any{"id": t.ID, "name": t.Label, "principal": t.Principal.Name}
		if !t.Expires.IsZero() {
			view["expires"] = t.Expires
		}
		list = append(list, view)
	}
	return map[string]any{"value": list}, nil
}

func (s *Server) createToken(r *http.Request, by *identity.Principal) (any, error) {
	var q struct {
		Name string `json:"name"`
		Days int    `json:"days"`
	}
	if err := readJSON(r, &q); err != nil {
		return nil, err
	}
	if q.Name == "" || len(q.Name) > 100 {
		return nil, fault.New(fault.Invalid, "A token needs a name of at most 100 characters.")
	}
	if q.Days < 0 || q.Days > maxDays {
		return nil, fault.New(fault.Invalid, "%d days are not possible: 0 is no end, %d the most.", q.Days, maxDays)
	}
	all, err := s.Directory.LongLivedTokens(r.Context())
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.Label == q.Name || t.ID == q.Name {
			return nil, fault.New(fault.Invalid, "There is a token '%s' already; revoke it first, or take another name.", q.Name)
		}
	}
	var expires time.Time
	if q.Days > 0 {
		expires = s.Now().UTC().AddDate(0, 0, q.Days)
	}
	token := identity.NewToken()
	if err := s.Directory.GrantUntil(r.Context(), token, *by, q.Name, expires); err != nil {
		return nil, err
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "long-lived token made", slog.String(logkey.Principal, by.Name), slog.String("name", q.Name), slog.Time("expires", expires))
	view := map[string]any{"id": identity.TokenID(token), "name": q.Name, "token": token}
	if !expires.IsZero() {
		view["expires"] = expires
	}
	return view, nil
}

func (s *Server) revokeToken(r *http.Request, by *identity.Principal, name string) (any, error) {
	n, err := s.Directory.RevokeNamed(r.Context(), name)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fault.New(fault.NotFound, "There is no token with the name or id '%s'.", shorten(name))
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "long-lived token revoked", slog.String(logkey.Principal, by.Name), slog.String("name", name))
	return map[string]any{"revoked": n}, nil
}

// applications answers /postern/v1/applications: GET lists, POST makes one, DELETE …/{client id} ends it.
func (s *Server) applications(w http.ResponseWriter, r *http.Request, clientID string) {
	switch {
	case clientID == "" && !allow(w, r, http.MethodGet, http.MethodPost), clientID != "" && !allow(w, r, http.MethodDelete):
		return
	}
	s.administered(w, r, func(by *identity.Principal) (any, error) {
		switch r.Method {
		case http.MethodGet:
			return s.listApplications(r)
		case http.MethodPost:
			return s.createApplication(r, by)
		}
		return s.removeApplication(r, by, clientID)
	})
}

func (s *Server) listApplications(r *http.Request) (any, error) {
	all, err := s.Directory.Principals(r.Context())
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, p := range all {
		if !p.Kind.Managed() {
			list = append(list, map[string]any{"clientId": p.ClientID, "objectId": p.ID, "name": p.Name, "kind": p.Kind})
		}
	}
	return map[string]any{"value": list}, nil
}

// createApplication makes an application with a certificate, given in PEM, or else with a secret, shown once.
func (s *Server) createApplication(r *http.Request, by *identity.Principal) (any, error) {
	var q struct {
		Name        string `json:"name"`
		Certificate string `json:"certificate"`
		Days        int    `json:"days"`
	}
	if err := readJSON(r, &q); err != nil {
		return nil, err
	}
	if q.Name == "" || len(q.Name) > 100 {
		return nil, fault.New(fault.Invalid, "An application needs a name of at most 100 characters.")
	}
	if q.Days < 0 || q.Days > maxDays {
		return nil, fault.New(fault.Invalid, "%d days are not possible: 0 is no end, %d the most.", q.Days, maxDays)
	}
	p := identity.Principal{ID: newID(), ClientID: newID(), Name: q.Name, TenantID: s.Directory.TenantID, Kind: identity.Application, Created: s.Now().UTC()}
	record := identity.ApplicationRecord{ClientID: p.ClientID, ObjectID: p.ID}
	view := map[string]any{"clientId": p.ClientID, "objectId": p.ID, "tenantId": p.TenantID, "name": p.Name}
	if q.Certificate != "" {
		block, _ := pem.Decode([]byte(q.Certificate))
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, fault.New(fault.Invalid, "The certificate is not PEM with a block CERTIFICATE.")
		}
		record.Certificates = [][]byte{block.Bytes}
	} else {
		var expires time.Time
		if q.Days > 0 {
			expires = s.Now().UTC().AddDate(0, 0, q.Days)
		}
		secret := identity.NewToken()
		record.Secrets = []identity.Secret{identity.NewSecret(secret, q.Name, expires)}
		view["clientSecret"] = secret
	}
	if err := s.Directory.PutApplication(r.Context(), record, p); err != nil {
		return nil, err
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "application made", slog.String(logkey.Principal, by.Name), slog.String("name", q.Name), slog.String("client_id", p.ClientID))
	return view, nil
}

func (s *Server) removeApplication(r *http.Request, by *identity.Principal, clientID string) (any, error) {
	p, err := s.Directory.ByClientID(r.Context(), clientID)
	if err != nil {
		return nil, err
	}
	if p.Kind != identity.Application {
		return nil, fault.New(fault.Invalid, "'%s' is not an application that can be removed.", p.Name)
	}
	if err := s.Directory.RemoveApplication(r.Context(), clientID); err != nil {
		return nil, err
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "application removed", slog.String(logkey.Principal, by.Name), slog.String("client_id", clientID))
	return map[string]any{"removed": 1}, nil
}
