// Package reply writes the answers of Postern's own endpoints below /postern/: JSON, and errors in Azure Resource
// Manager's envelope, which people can read.
package reply

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
)

// Envelope is the body of an error.
type Envelope struct {
	Error Body `json:"error"`
}

// Body says what was wrong, and where.
type Body struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target,omitempty"`
	Details []Body `json:"details,omitempty"`
}

// spellings are the status and the code of each Kind.
var spellings = map[fault.Kind]struct {
	status int
	code   string
}{
	fault.Internal:           {http.StatusInternalServerError, "InternalServerError"},
	fault.Invalid:            {http.StatusBadRequest, "ValidationError"},
	fault.NotFound:           {http.StatusNotFound, "ResourceNotFound"},
	fault.AlreadyExists:      {http.StatusConflict, "Conflict"},
	fault.PreconditionFailed: {http.StatusPreconditionFailed, "PreconditionFailed"},
	fault.Conflict:           {http.StatusConflict, "Conflict"},
	fault.Unauthenticated:    {http.StatusUnauthorized, "InvalidAuthenticationToken"},
	fault.Forbidden:          {http.StatusForbidden, "AuthorizationFailed"},
	fault.TooLarge:           {http.StatusRequestEntityTooLarge, "RequestEntityTooLarge"},
	fault.Unavailable:        {http.StatusServiceUnavailable, "ServiceUnavailable"},
	fault.Unsupported:        {http.StatusNotImplemented, "NotImplemented"},
}

// JSON writes body with the status. Nothing of it is kept by caches.
func JSON(w http.ResponseWriter, status int, body any) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		status = http.StatusInternalServerError
		text.Reset()
		text.WriteString(`{"error":{"code":"InternalServerError","message":"The answer could not be written."}}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the client may have gone; there is nobody to tell
}

// Error spells err for the wire. What has no Kind of its own is logged, and shown as a bare 500.
func Error(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind == fault.Internal {
		log.LogAttrs(r.Context(), slog.LevelError, "request failed",
			slog.String(logkey.Method, r.Method), slog.String(logkey.Path, r.URL.Path), slog.Any(logkey.Error, err))
		e = fault.New(fault.Internal, "An error has occurred. The log of the server has the details.")
	}
	s := spellings[e.Kind]
	body := Body{Code: s.code, Message: e.Message, Target: e.Target}
	if e.Code != "" {
		body.Code = e.Code
	}
	for _, d := range e.Details {
		body.Details = append(body.Details, Body{Code: d.Code, Message: d.Message, Target: d.Target})
	}
	if e.Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="postern"`)
	}
	JSON(w, s.status, Envelope{body})
}

// Read decodes the request's body, at most limit bytes of JSON, into v. Members that v does not have are an error, so
// that a misspelt one is not passed over.
func Read(w http.ResponseWriter, r *http.Request, limit int64, v any) error {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "The request body is larger than %d bytes.", tooLarge.Limit)
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The request body could not be read.")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fault.Wrap(fault.Invalid, err, "The request body is not the JSON object expected: %s.", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "Something follows the JSON object of the request body.")
	}
	return nil
}
