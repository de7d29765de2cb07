// Package eventgrid takes the events that Azure Event Grid delivers to a
// webhook, in Event Grid's own schema and as CloudEvents 1.0: a new version of
// a secret in a key vault is looked at at once (learn.microsoft.com/azure/event-grid,
// "Webhook event delivery" and "Azure Key Vault as Event Grid source", read 2026-11).
//
// Whoever delivers knows the secret of the webhook's address, "?code=…".
package eventgrid

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"github.com/postern-gateway/postern/internal/logkey"
)

// Path is where the webhook is; CodeParameter is the query parameter that has its secret.
const (
	Path          = "/postern/v1/eventgrid"
	CodeParameter = "code"
)

// maxBody bounds a delivery: Event Grid's batches have up to 1 MB.
const maxBody = 2 << 20

// The types of events that are taken; others are taken note of and dropped.
const (
	validationType        = "Microsoft.EventGrid.SubscriptionValidationEvent"
	secretNewVersion      = "Microsoft.KeyVault.SecretNewVersionCreated"
	certificateNewVersion = "Microsoft.KeyVault.CertificateNewVersionCreated"
)

// Handler is the webhook.
type Handler struct {
	// Secret gives the secret of the address.
	Secret func() (string, error)
	// NewVersion is told of a new version of a secret, or of a certificate and thereby its secret; it must not wait long.
	NewVersion func(vault, object string) (references int)
	// Log takes what is delivered.
	Log *slog.Logger
}

// event is an event in either schema.
type event struct {
	EventType string `json:"eventType"` // Event Grid's
	Type      string `json:"type"`      // CloudEvents'
	Data      struct {
		ValidationCode string `json:"validationCode"`
		VaultName      string
		ObjectName     string
	} `json:"data"`
}

func (e *event) kind() string {
	if e.EventType != "" {
		return e.EventType
	}
	return e.Type
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	secret, err := h.Secret()
	if err != nil {
		h.Log.LogAttrs(r.Context(), slog.LevelError, "the secret of the Event Grid webhook cannot be read", slog.Any(logkey.Error, err))
		refuse(w, http.StatusInternalServerError, "InternalServerError", "An error has occurred.")
		return
	}
	if !same(r.URL.Query().Get(CodeParameter), secret) {
		refuse(w, http.StatusUnauthorized, "Unauthorized", "The code of the webhook's address is missing or wrong.")
		return
	}
	switch r.Method {
	case http.MethodOptions: // the handshake of CloudEvents' "Abuse Protection"
		origin := r.Header.Get("WebHook-Request-Origin")
		if origin == "" {
			refuse(w, http.StatusBadRequest, "BadRequest", "A validation request has the field WebHook-Request-Origin.")
			return
		}
		w.Header().Set("WebHook-Allowed-Origin", origin)
		w.Header().Set("WebHook-Allowed-Rate", "*")
		w.WriteHeader(http.StatusOK)
	case http.MethodPost:
		h.deliver(w, r)
	default:
		w.Header().Set("Allow", "POST, OPTIONS")
		refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "Events are delivered by POST.")
	}
}

// same compares without telling by its time how much is right.
func same(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}}) // the client may have gone
}

func (h *Handler) deliver(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("A delivery has at most %d bytes.", maxBody))
		return
	}
	events, err := read(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest", "The body is neither an event nor a list of events: "+err.Error())
		return
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" && r.Header.Get("ce-type") != "" {
		events = h.binary(r, body)
	}
	for i := range events {
		if e := &events[i]; e.kind() == validationType {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_ = json.NewEncoder(w).Encode(map[string]string{"validationResponse": e.Data.ValidationCode}) // the client may have gone
			return
		}
	}
	for i := range events {
		h.take(r, &events[i])
	}
	w.WriteHeader(http.StatusOK)
}

// read reads an event or a list of them.
func read(body []byte) ([]event, error) {
	text := strings.TrimSpace(string(body))
	if strings.HasPrefix(text, "[") {
		var list []event
		err := json.Unmarshal([]byte(text), &list)
		return list, err
	}
	var one event
	err := json.Unmarshal([]byte(text), &one)
	return []event{one}, err
}

// binary is a CloudEvent in binary mode: its attributes are header fields, its data the body.
func (h *Handler) binary(r *http.Request, body []byte) []event {
	e := event{Type: r.Header.Get("ce-type")}
	_ = json.Unmarshal(body, &e.Data) // it was read as JSON before
	return []event{e}
}

func (h *Handler) take(r *http.Request, e *event) {
	switch e.kind() {
	case secretNewVersion, certificateNewVersion:
		n := h.NewVersion(e.Data.VaultName, e.Data.ObjectName)
		h.Log.LogAttrs(r.Context(), slog.LevelInfo, "Event Grid tells of a new version", slog.String("vault", e.Data.VaultName), slog.String("object", e.Data.ObjectName), slog.Int("references", n))
	default:
		h.Log.LogAttrs(r.Context(), slog.LevelDebug, "Event Grid tells of something else", slog.String("type", e.kind()))
	}
}
