package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/reply"
)

// SessionPath is where sessions are begun, looked at and ended; CodesPath makes links that open signed in.
const (
	SessionPath = "/postern/v1/session"
	CodesPath   = "/postern/v1/session/codes"
)

const (
	// cookieName has the prefix that browsers tie to this host, to TLS and to the path / (RFC 6265bis, 4.1.3.2).
	cookieName = "__Host-postern"
	// csrfHeader carries the session's second secret in every request that changes something: a page of another origin
	// can make the browser send the cookie, but not this.
	csrfHeader = "X-Postern-CSRF"
)

// The life of sessions and codes.
const (
	// DefaultIdle is how long a session lives without a request, DefaultAbsolute how long at most.
	DefaultIdle     = time.Hour
	DefaultAbsolute = 12 * time.Hour
	// CodeLife is how long the code of a link may be used, once.
	CodeLife = 10 * time.Minute
	// maxSessions and maxCodes bound what is kept; the oldest goes first.
	maxSessions = 1000
	maxCodes    = 100
)

// SessionOptions are what Sessions are made of; Authenticate and Describe must be set.
type SessionOptions struct {
	// Authenticate tells who a bearer token belongs to.
	Authenticate func(ctx context.Context, token string) (*identity.Principal, error)
	// Describe is what a page needs to know of the service, beside principal, token and time: its members are those of
	// the answer to GET.
	Describe func() Description
	// Idle and Absolute bound a session; zero: DefaultIdle, DefaultAbsolute.
	Idle, Absolute time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes sign-ins and their failures; nil: none.
	Log *slog.Logger
}

// Description is the part of a session's answer that tells of the service.
type Description struct {
	Service Service `json:"service"`
	URLs    URLs    `json:"urls"`
	// Version is Postern's own.
	Version string `json:"version"`
}

// Service names the service that the portal looks at.
type Service struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	SubscriptionID string `json:"subscriptionId"`
	ResourceGroup  string `json:"resourceGroup"`
	SKU            string `json:"sku"`
}

// URLs are where this Postern is reached.
type URLs struct {
	Gateway    string `json:"gateway"`
	Management string `json:"management"`
	Vault      string `json:"vault"`
	Ops        string `json:"ops"`
}

// Sessions are the browsers that have signed in. They live in memory: a restart signs out. A session stands for the
// bearer token that it was begun with, and ends with it. Sessions are safe for concurrent use.
type Sessions struct {
	o       SessionOptions
	limiter limiter

	mu       sync.Mutex
	codes    map[[sha256.Size]byte]code
	sessions map[[sha256.Size]byte]*session
}

// code is a link that opens signed in, once.
type code struct {
	token   string
	expires time.Time
}

// session is one browser.
type session struct {
	token, csrf   string
	begun, latest time.Time
}

// NewSessions makes an empty set of sessions.
func NewSessions(o SessionOptions) *Sessions {
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Absolute == 0 {
		o.Absolute = DefaultAbsolute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Sessions{o: o, limiter: newLimiter(), codes: map[[sha256.Size]byte]code{}, sessions: map[[sha256.Size]byte]*session{}}
}

// secret is 256 random bits as text.
func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// NewCode makes a code that begins one session of the bearer token's owner within CodeLife.
func (s *Sessions) NewCode(token string) string {
	text := secret()
	now := s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, c := range s.codes {
		if !now.Before(c.expires) {
			delete(s.codes, key)
		}
	}
	drop(s.codes, maxCodes, func(c code) time.Time { return c.expires })
	s.codes[sha256.Sum256([]byte(text))] = code{token, now.Add(CodeLife)}
	return text
}

// drop makes room for one more in m, whose oldest goes.
func drop[V any](m map[[sha256.Size]byte]V, limit int, at func(V) time.Time) {
	for len(m) >= limit {
		var oldest [sha256.Size]byte
		var when time.Time
		for key, v := range m {
			if t := at(v); when.IsZero() || t.Before(when) {
				oldest, when = key, t
			}
		}
		delete(m, oldest)
	}
}

// redeem is the token of a code, which is used up by it.
func (s *Sessions) redeem(text string) (string, bool) {
	key := sha256.Sum256([]byte(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[key]
	delete(s.codes, key)
	return c.token, ok && s.o.Now().Before(c.expires)
}

// begin makes a session of the token and returns the cookie's value.
func (s *Sessions) begin(token string) (string, *session) {
	value, now := secret(), s.o.Now()
	x := &session{token: token, csrf: secret(), begun: now, latest: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, old := range s.sessions {
		if !now.Before(s.expires(old)) {
			delete(s.sessions, key)
		}
	}
	drop(s.sessions, maxSessions, func(x *session) time.Time { return x.latest })
	s.sessions[sha256.Sum256([]byte(value))] = x
	return value, x
}

// expires is when the session ends if nothing comes any more.
func (s *Sessions) expires(x *session) time.Time {
	idle, absolute := x.latest.Add(s.o.Idle), x.begun.Add(s.o.Absolute)
	if absolute.Before(idle) {
		return absolute
	}
	return idle
}

// of is a copy of the request's session; false if it has none that lives.
func (s *Sessions) of(r *http.Request) (session, time.Time, bool) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return session{}, time.Time{}, false
	}
	key, now := sha256.Sum256([]byte(c.Value)), s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.sessions[key]
	if x == nil {
		return session{}, time.Time{}, false
	}
	if !now.Before(s.expires(x)) {
		delete(s.sessions, key)
		return session{}, time.Time{}, false
	}
	x.latest = now
	return *x, s.expires(x), true
}

func (s *Sessions) end(r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		s.mu.Lock()
		delete(s.sessions, sha256.Sum256([]byte(c.Value)))
		s.mu.Unlock()
	}
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// sameOrigin refuses what a page of another origin has caused. Two ports of one host are one site but two origins, so
// that SameSite alone would let a page of another port in.
func sameOrigin(r *http.Request) error {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "https://"+r.Host {
		return fault.New(fault.Forbidden, "The request comes from a page of %q, not of this portal.", origin)
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "" || site == "same-origin" || site == "none" && safe(r.Method):
		return nil
	default:
		return fault.New(fault.Forbidden, "The request comes from a page that is not this portal's (Sec-Fetch-Site: %s).", site)
	}
}

// Middleware lets a session stand for its bearer token: a request with its cookie, and without Authorization, goes on to
// next with that token. What changes something needs the session's CSRF token too.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			if x, _, ok := s.of(r); ok {
				if err := check(r, x); err != nil {
					reply.Error(w, r, s.o.Log, err)
					return
				}
				r = r.Clone(r.Context())
				r.Header.Set("Authorization", "Bearer "+x.token)
			}
		}
		r.Header.Del("Cookie") // nothing behind this has a use for it
		next.ServeHTTP(w, r)
	})
}

// check says why a request with a session's cookie is not the portal's own.
func check(r *http.Request, x session) error {
	if err := sameOrigin(r); err != nil {
		return err
	}
	if !safe(r.Method) && subtle.ConstantTimeCompare([]byte(r.Header.Get(csrfHeader)), []byte(x.csrf)) != 1 {
		return fault.New(fault.Forbidden, "The request has not the session's token in %s. Load the page again.", csrfHeader)
	}
	return nil
}

// Handler answers SessionPath and CodesPath. It is not to stand behind Middleware.
func (s *Sessions) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+SessionPath, s.get)
	mux.HandleFunc("POST "+SessionPath, s.signIn)
	mux.HandleFunc("DELETE "+SessionPath, s.signOut)
	mux.HandleFunc("POST "+CodesPath, s.newCode)
	return mux
}

// answer is the body of GET and POST.
type answer struct {
	Principal principal `json:"principal"`
	CSRFToken string    `json:"csrfToken"`
	Expires   time.Time `json:"expires"`
	Description
}

type principal struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func notSignedIn() error { return fault.New(fault.Unauthenticated, "You are not signed in.") }

func (s *Sessions) get(w http.ResponseWriter, r *http.Request) {
	x, expires, ok := s.of(r)
	if !ok {
		reply.Error(w, r, s.o.Log, notSignedIn())
		return
	}
	if err := sameOrigin(r); err != nil {
		reply.Error(w, r, s.o.Log, err)
		return
	}
	s.tell(w, r, x, expires)
}

// tell answers with the session, as long as its token is good.
func (s *Sessions) tell(w http.ResponseWriter, r *http.Request, x session, expires time.Time) {
	p, err := s.o.Authenticate(r.Context(), x.token)
	if err != nil {
		if fault.KindOf(err) == fault.Unauthenticated {
			s.end(r)
			err = notSignedIn()
		}
		reply.Error(w, r, s.o.Log, err)
		return
	}
	reply.JSON(w, http.StatusOK, answer{principal{p.ID, p.Name}, x.csrf, expires.UTC(), s.o.Describe()})
}

func (s *Sessions) signIn(w http.ResponseWriter, r *http.Request) {
	client := remote(r)
	if wait := s.limiter.blocked(client, s.o.Now()); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		reply.JSON(w, http.StatusTooManyRequests, reply.Envelope{Error: reply.Body{Code: "TooManyRequests",
			Message: "Signing in has failed too often. Try again in " + seconds(wait) + " seconds."}})
		return
	}
	token, err := s.proof(w, r)
	if err != nil {
		if fault.KindOf(err) == fault.Unauthenticated {
			s.limiter.failed(client, s.o.Now())
			s.o.Log.LogAttrs(r.Context(), slog.LevelWarn, "portal sign-in refused", slog.String(logkey.Remote, r.RemoteAddr), slog.String(logkey.Reason, err.Error()))
		}
		reply.Error(w, r, s.o.Log, err)
		return
	}
	s.end(r) // of the same browser, if there was one
	value, x := s.begin(token)
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	s.o.Log.LogAttrs(r.Context(), slog.LevelInfo, "portal sign-in", slog.String(logkey.Remote, r.RemoteAddr))
	s.tell(w, r, *x, s.expires(x))
}

// proof is the bearer token that the request to sign in proves.
func (s *Sessions) proof(w http.ResponseWriter, r *http.Request) (string, error) {
	if err := sameOrigin(r); err != nil {
		return "", err
	}
	var q struct{ Code, Token string }
	if err := reply.Read(w, r, 16<<10, &q); err != nil {
		return "", err
	}
	token := strings.TrimSpace(q.Token)
	switch {
	case (q.Code == "") == (token == ""):
		return "", fault.New(fault.Invalid, "Send either the code of a link or a token.")
	case q.Code != "":
		var ok bool
		if token, ok = s.redeem(q.Code); !ok {
			return "", fault.New(fault.Unauthenticated, "The link has been used already, or is older than %d minutes. The command postern portal prints a new one.", int(CodeLife.Minutes()))
		}
	}
	_, err := s.o.Authenticate(r.Context(), token)
	return token, err
}

func (s *Sessions) signOut(w http.ResponseWriter, r *http.Request) {
	if x, _, ok := s.of(r); ok {
		if err := check(r, x); err != nil {
			reply.Error(w, r, s.o.Log, err)
			return
		}
	}
	s.end(r)
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// newCode makes a code for the bearer of a token: no session makes further ones.
func (s *Sessions) newCode(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if token == "" || !strings.EqualFold(scheme, "Bearer") {
		reply.Error(w, r, s.o.Log, fault.New(fault.Unauthenticated, "A bearer token is required."))
		return
	}
	if _, err := s.o.Authenticate(r.Context(), token); err != nil {
		reply.Error(w, r, s.o.Log, err)
		return
	}
	expires := s.o.Now().Add(CodeLife).UTC()
	c := s.NewCode(token)
	reply.JSON(w, http.StatusOK, map[string]any{"code": c, "url": Link(s.o.Describe().URLs.Management, c), "expires": expires})
}

// Link is the address that opens the portal signed in: the code stands in the fragment, which browsers send to nobody.
func Link(management, code string) string { return management + "/#code=" + code }

// remote is the address of the client, without port.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
