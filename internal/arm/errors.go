package arm

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
)

// wireError is ARM's error envelope.
type wireError struct {
	Error wireBody `json:"error"`
}

type wireBody struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Target  string       `json:"target,omitempty"`
	Details []wireDetail `json:"details,omitempty"`
}

type wireDetail struct {
	Code    string `json:"code"`
	Target  string `json:"target,omitempty"`
	Message string `json:"message"`
}

// spelling is how ARM spells each Kind.
func spelling(k fault.Kind) (status int, code string) {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest, "ValidationError"
	case fault.NotFound:
		return http.StatusNotFound, "ResourceNotFound"
	case fault.AlreadyExists, fault.Conflict:
		return http.StatusConflict, "Conflict"
	case fault.PreconditionFailed:
		return http.StatusPreconditionFailed, "PreconditionFailed"
	case fault.Unauthenticated:
		return http.StatusUnauthorized, "InvalidAuthenticationToken"
	case fault.Forbidden:
		return http.StatusForbidden, "AuthorizationFailed"
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge, "RequestEntityTooLarge"
	case fault.Unavailable:
		return http.StatusServiceUnavailable, "ServiceUnavailable"
	case fault.Unsupported:
		return http.StatusNotImplemented, "NotImplemented"
	default:
		return http.StatusInternalServerError, "InternalServerError"
	}
}

// writeError spells err for the wire. What has no Kind of its own is logged and shown as a bare 500.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind == fault.Internal {
		s.log.LogAttrs(r.Context(), slog.LevelError, "management request failed",
			slog.String(logkey.Method, r.Method), slog.String(logkey.Path, r.URL.Path), slog.Any(logkey.Error, err))
		e = fault.New(fault.Internal, "An error has occurred. The log of the server has the details.")
	}
	status, code := spelling(e.Kind)
	if e.Code != "" {
		code = e.Code
	}
	body := wireBody{Code: code, Message: e.Message, Target: e.Target}
	for _, d := range e.Details {
		if d.Code == "" {
			d.Code = code
		}
		body.Details = append(body.Details, wireDetail(d))
	}
	if e.Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="postern"`)
	}
	if e.Code == codeInvalidParameters {
		writeJSON(w, status, map[string]any{"error": serviceBody{body.Code, body.Message, nil, nil}})
		return
	}
	writeJSON(w, status, wireError{body})
}

// codeInvalidParameters is the code that the service resource's own errors have; their envelope has members of its own
// (reference: terraform-provider-azurerm #15323).
const codeInvalidParameters = "InvalidParameters"

// serviceBody is the second form of the error envelope.
type serviceBody struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	Details    any    `json:"details"`
	InnerError any    `json:"innerError"`
}

// fieldErrors is API Management's way to say that fields are wrong.
func fieldErrors(details ...fault.Detail) error {
	e := fault.New(fault.Invalid, "One or more fields contain incorrect values:")
	for _, d := range details {
		if d.Code == "" {
			d.Code = "ValidationError"
		}
		e.Details = append(e.Details, d)
	}
	return e
}

// invalidParameters is the service resource's own kind of error.
func invalidParameters(format string, args ...any) error {
	e := fault.New(fault.Invalid, "Invalid parameter: "+format, args...)
	e.Code = codeInvalidParameters
	return e
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":{"code":"InternalServerError","message":"The answer could not be written."}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may have gone; there is nobody to tell
}
