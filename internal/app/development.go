package app

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"encoding/json"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apply"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/identity"
)

// development answers /postern/v1/development/: the client root, client certificates for CSRs, revocations. Every call
// needs the administrator's token.
type development struct {
	ca        *devca.CA
	directory *identity.Directory
	crlURL    string
	revoked   func()
}

func (d *development) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /postern/v1/development/roots/client", d.with(d.root))
	mux.Handle("POST /postern/v1/development/certificates", d.with(d.issue))
	mux.Handle("POST /postern/v1/development/revocations", d.with(d.revoke))
	return mux
}

func (d *development) with(answer func(r *http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := d.answer(w, r, answer)
		status := http.StatusOK
		if err != nil {
			status, body = developmentError(err)
		}
		writeJSON(w, status, body)
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}

func (d *development) answer(w http.ResponseWriter, r *http.Request, answer func(r *http.Request) (any, error)) (any, error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	p, err := d.directory.Authenticate(r.Context(), token)
	if err != nil {
		return nil, err
	}
	if p.Kind != identity.Administrator {
		return nil, fault.New(fault.Forbidden, "'%s' is not the administrator", p.Name)
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	return answer(r)
}

func bearer(r *http.Request) (string, error) {
	const scheme = "Bearer "
	h := r.Header.Get("Authorization")
	if len(h) <= len(scheme) || h[:len(scheme)] != scheme {
		return "", fault.New(fault.Unauthenticated, "a bearer token is required")
	}
	return h[len(scheme):], nil
}

func developmentError(err error) (int, any) {
	status, code, message := http.StatusInternalServerError, "InternalServerError", "an error has occurred"
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind != fault.Internal {
		message = e.Error()
		switch e.Kind {
		case fault.Unauthenticated:
			status, code = http.StatusUnauthorized, "InvalidAuthenticationToken"
		case fault.Unavailable:
			status, code = http.StatusServiceUnavailable, "ServiceUnavailable"
		case fault.Forbidden:
			status, code = http.StatusForbidden, "AuthorizationFailed"
		default:
			status, code = http.StatusBadRequest, "ValidationError"
		}
	}
	return status, map[string]any{"error": map[string]string{"code": code, "message": message}}
}

func readJSON(r *http.Request, into any) error {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		return fault.Wrap(fault.Invalid, err, "the request body is not the JSON object expected")
	}
	return nil
}

func (d *development) root(*http.Request) (any, error) {
	return map[string]string{"certificate": base64.StdEncoding.EncodeToString(d.ca.ClientRoot().Raw)}, nil
}

func (d *development) issue(r *http.Request) (any, error) {
	var q struct {
		CSR  []byte `json:"csr"`
		Name string `json:"name"`
		Days int    `json:"days"`
	}
	if err := readJSON(r, &q); err != nil {
		return nil, err
	}
	life := devca.DefaultClientLife
	if q.Days != 0 {
		if q.Days < 0 || q.Days > 20*365 {
			return nil, fault.New(fault.Invalid, "%d days are not possible", q.Days)
		}
		life = time.Duration(q.Days) * 24 * time.Hour
	}
	der, err := d.ca.IssueClient(q.CSR, q.Name, life, d.crlURL)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"certificate": base64.StdEncoding.EncodeToString(der),
		"root":        base64.StdEncoding.EncodeToString(d.ca.ClientRoot().Raw),
	}, nil
}

func (d *development) revoke(r *http.Request) (any, error) {
	var q struct {
		Certificate []byte `json:"certificate"`
	}
	if err := readJSON(r, &q); err != nil {
		return nil, err
	}
	if err := d.ca.Revoke(r.Context(), q.Certificate); err != nil {
		return nil, err
	}
	d.revoked()
	return map[string]string{"status": "revoked"}, nil
}

// reader reads files to apply in this process: the development root needs no call.
func (d *development) reader(serviceID string) apply.Reader {
	return apply.Reader{ServiceID: serviceID, Development: func(name string) ([]byte, error) {
		if name != "client-root" {
			return nil, fmt.Errorf("there is no development certificate %q; there is client-root", name)
		}
		return d.ca.ClientRoot().Raw, nil
	}}
}
