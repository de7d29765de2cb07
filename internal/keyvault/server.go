// Package keyvault is the REST front of the embedded vault: Azure Key Vault's data plane (versions 7.x and the dated
// ones) for secrets, certificates and the keys of certificates. It knows the protocol and nothing of storage: package
// vault does the work.
//
// A request names its vault by the first label of its host: default.vault.localhost is the vault "default", and so
// are localhost and loopback addresses, for those whose resolver does not know *.localhost. Ids in answers have the
// host as the client addressed it.
package keyvault

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/vault"
)

// Options are what a Server works with. Engine, Authenticate, Resource and Authority are required.
type Options struct {
	// Engine holds the vaults.
	Engine *vault.Engine
	// Authenticate is the caller that a bearer token proves for this audience; a fault of Kind Unauthenticated if it
	// proves nobody. The address is set afterwards.
	Authenticate func(ctx context.Context, token string) (vault.Caller, error)
	// Resource is the audience that challenges name, "https://vault.localhost:9444": clients check that the vault's
	// host ends in its host.
	Resource string
	// Authority is where tokens are had, "https://localhost:9443/<tenant>".
	Authority string
	// DefaultVault is the vault of requests to localhost and addresses; empty: "default".
	DefaultVault string
	// Log takes failures that clients are told nothing of; nil: nothing is logged.
	Log *slog.Logger
}

// Server answers requests. It is safe for concurrent use. Make one with New.
type Server struct {
	// Requests counts requests by operation and status, for whoever registers it; those that prove no caller are not in it.
	Requests *prometheus.CounterVec

	o    Options
	host string // of the resource, without port
}

// New makes a server.
func New(o Options) *Server {
	if o.DefaultVault == "" {
		o.DefaultVault = "default"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, Requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "postern_vault_requests_total", Help: "Requests to the embedded vaults, by operation and status."}, []string{"operation", "status"})}
	if u, err := url.Parse(o.Resource); err == nil {
		s.host = strings.ToLower(u.Hostname())
	}
	return s
}

// ServeHTTP answers a request that proves its caller by a bearer token.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.headers(w, r)
	caller, err := s.authenticate(r)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	s.serve(w, r, s.VaultOf(r.Host), caller, baseURL(r))
}

// ServeVault answers a request to the vault for a caller who is known already; the path is that below the vault's
// host. Ids in answers are those of a client of the vault's own address.
func (s *Server) ServeVault(w http.ResponseWriter, r *http.Request, vaultName string, caller vault.Caller) {
	s.headers(w, r)
	s.serve(w, r, vaultName, caller, s.URL(vaultName))
}

// URL is the address of a vault, "https://default.vault.localhost:9444".
func (s *Server) URL(vaultName string) string {
	u, err := url.Parse(s.o.Resource)
	if err != nil {
		return s.o.Resource
	}
	u.Host = strings.ToLower(vaultName) + "." + u.Host
	return strings.TrimSuffix(u.String(), "/")
}

// baseURL is the vault's address as the client wrote it.
func baseURL(r *http.Request) string { return "https://" + strings.TrimSuffix(r.Host, ":443") }

// VaultOf is the vault that a Host names, in lower case.
func (s *Server) VaultOf(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" || host == s.host {
		return s.o.DefaultVault
	}
	label, _, _ := strings.Cut(host, ".")
	return label
}

// headers are on every answer.
func (s *Server) headers(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	var id [16]byte
	_, _ = rand.Read(id[:]) // crypto/rand.Read never fails
	text := hex.EncodeToString(id[:])
	h.Set("X-Ms-Request-Id", text[:8]+"-"+text[8:12]+"-"+text[12:16]+"-"+text[16:20]+"-"+text[20:])
	h.Set("X-Ms-Keyvault-Region", "local")
	h.Set("X-Ms-Keyvault-Service-Version", "1.9.0.0")
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		connection, family := "Ipv4", "InterNetwork"
		if !a.Addr().Unmap().Is4() {
			connection, family = "Ipv6", "InterNetworkV6"
		}
		h.Set("X-Ms-Keyvault-Network-Info", fmt.Sprintf("conn_type=%s;addr=%s;act_addr_fam=%s;", connection, a.Addr().Unmap().WithZone(""), family))
	}
	if id := r.Header.Get("X-Ms-Client-Request-Id"); id != "" && len(id) <= 128 {
		h.Set("X-Ms-Client-Request-Id", id)
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "-1")
	h.Set("X-Content-Type-Options", "nosniff")
}

func (s *Server) authenticate(r *http.Request) (vault.Caller, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return vault.Caller{}, unauthorized("AKV10000: Request is missing a Bearer or PoP token.")
	}
	caller, err := s.o.Authenticate(r.Context(), token)
	if err != nil {
		return vault.Caller{}, err
	}
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		caller.Address = a.Addr().Unmap()
	}
	return caller, nil
}

func unauthorized(message string) error {
	e := fault.New(fault.Unauthenticated, "%s", message)
	e.Code = "Unauthorized"
	return e
}

// call is one request to one vault.
type call struct {
	r      *http.Request
	header http.Header // of the answer
	vault  *vault.Vault
	base   string
	query  url.Values
	// name and version are parts of the path.
	name, version string
}

func (c *call) ctx() context.Context { return c.r.Context() }

func (s *Server) serve(w http.ResponseWriter, r *http.Request, vaultName string, caller vault.Caller, base string) {
	found, name, version, err := find(r.Method, r.URL.Path)
	status, body := 0, any(nil)
	if err == nil {
		status, body, err = s.answer(w, r, vaultName, caller, &call{r: r, header: w.Header(), base: base, name: name, version: version}, found.do)
	}
	if err != nil {
		status = s.writeError(w, r, err)
	} else {
		writeJSON(w, status, body)
	}
	operation := "none"
	if found.do != nil {
		operation = found.label()
	}
	s.Requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	s.audit(r, w.Header().Get("X-Ms-Request-Id"), vaultName, caller, status)
}

// audit records who did what: changes and refusals always, what was read where debugging is on. Neither body nor query
// is in it.
func (s *Server) audit(r *http.Request, id, vaultName string, caller vault.Caller, status int) {
	level := slog.LevelInfo
	if r.Method == http.MethodGet && status != http.StatusForbidden {
		level = slog.LevelDebug
	}
	s.o.Log.LogAttrs(r.Context(), level, "vault request", slog.String(logkey.Method, r.Method), slog.String(logkey.Path, r.URL.Path),
		slog.String("vault", strings.ToLower(vaultName)), slog.String(logkey.Principal, caller.ObjectID), slog.String(logkey.Remote, caller.Address.String()),
		slog.Int(logkey.Status, status), slog.String(logkey.RequestID, id))
}

// apiVersion is what versions of the API look like: 7.4, 7.6-preview.2, 2016-10-01, 2026-04-01.
var apiVersion = regexp.MustCompile(`^[0-9]{1,4}[.-][0-9][0-9A-Za-z.-]{0,30}$`)

func (s *Server) answer(w http.ResponseWriter, r *http.Request, vaultName string, caller vault.Caller, c *call, do operation) (int, any, error) {
	var err error
	if c.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return 0, nil, badParameter("The query of the URL is malformed.")
	}
	if v := c.query.Get("api-version"); v == "" {
		return 0, nil, badParameter("api-version must be specified")
	} else if !apiVersion.MatchString(v) {
		return 0, nil, badParameter("The specified version (%q) is not recognized. Consider using the latest supported version.", v)
	}
	if c.vault, err = s.o.Engine.Open(r.Context(), caller, vaultName); err != nil {
		return 0, nil, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	return do(c)
}

// maxBodyBytes bounds a request's body: a PFX of 4 MiB in base64, with room for its policy.
const maxBodyBytes = 6 << 20

// read decodes the body, a JSON object.
func (c *call) read(into any) error {
	data, err := io.ReadAll(c.r.Body)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return fault.Wrap(fault.TooLarge, err, "The request body is larger than %d bytes.", maxBodyBytes)
		}
		return badParameter("The request body could not be read.")
	}
	if len(strings.TrimSpace(string(data))) == 0 {
		return badParameter("Request body not specified")
	}
	if data[0] == 0xef {
		data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	}
	if err := json.Unmarshal(data, into); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return badParameter("Property %s has invalid value: a JSON %s does not fit.", t.Field, t.Value)
		}
		return badParameter("The request body is not the JSON object expected.")
	}
	return nil
}

func badParameter(format string, args ...any) error {
	e := fault.New(fault.Invalid, format, args...)
	e.Code = "BadParameter"
	return e
}

// wireError is Key Vault's error envelope.
type wireError struct {
	Error wireBody `json:"error"`
}

type wireBody struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Inner   *wireInner `json:"innererror,omitempty"`
}

type wireInner struct {
	Code string `json:"code"`
}

// spelling is how Key Vault spells each Kind.
func spelling(k fault.Kind) (status int, code string) {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest, "BadParameter"
	case fault.NotFound:
		return http.StatusNotFound, "NotFound"
	case fault.AlreadyExists, fault.Conflict:
		return http.StatusConflict, "Conflict"
	case fault.PreconditionFailed:
		return http.StatusPreconditionFailed, "PreconditionFailed"
	case fault.Unauthenticated:
		return http.StatusUnauthorized, "Unauthorized"
	case fault.Forbidden:
		return http.StatusForbidden, "Forbidden"
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
// It returns the status.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) int {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind == fault.Internal {
		s.o.Log.LogAttrs(r.Context(), slog.LevelError, "vault request failed", slog.String(logkey.Method, r.Method),
			slog.String(logkey.Path, r.URL.Path), slog.String(logkey.RequestID, w.Header().Get("X-Ms-Request-Id")), slog.Any(logkey.Error, err))
		e = fault.New(fault.Internal, "An error has occurred. The log of the server has the details.")
	}
	status, code := spelling(e.Kind)
	body := wireBody{Code: code, Message: e.Message}
	if e.Code == methodNotAllowed {
		status = http.StatusMethodNotAllowed
		body.Code = "BadParameter"
	} else if e.Code != "" {
		body.Code = e.Code
	}
	if reason := vault.ReasonOf(err); reason != "" {
		body.Inner = &wireInner{string(reason)}
	}
	if e.Kind == fault.Unauthenticated {
		body.Code = "Unauthorized"
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization=%q, resource=%q`, s.o.Authority, s.o.Resource))
	}
	writeJSON(w, status, wireError{body})
	return status
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":{"code":"InternalServerError","message":"The answer could not be written."}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may have gone; there is nobody to tell
}
