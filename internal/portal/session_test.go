package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
)

const goodToken = "pst_good"

// fixture is a set of sessions before a handler that says who calls.
type fixture struct {
	*Sessions
	now     time.Time
	revoked bool
}

func newFixture() *fixture {
	f := &fixture{now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	f.Sessions = NewSessions(SessionOptions{
		Authenticate: func(_ context.Context, token string) (*identity.Principal, error) {
			if token != goodToken || f.revoked {
				return nil, fault.New(fault.Unauthenticated, "The access token is invalid.")
			}
			return &identity.Principal{ID: "1", Name: "administrator"}, nil
		},
		Describe: func() Description { return Description{URLs: URLs{Management: "https://localhost:9443"}} },
		Now:      func() time.Time { return f.now },
	})
	return f
}

// call sends a request from the portal's own page; header pairs change that.
func (f *fixture) call(method, path, body, cookie string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://localhost:9443"+path, strings.NewReader(body))
	r.Header.Set("Origin", "https://localhost:9443")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: cookie})
	}
	w := httptest.NewRecorder()
	if strings.HasPrefix(path, SessionPath) {
		f.Handler().ServeHTTP(w, r)
		return w
	}
	f.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("Cookie"))
	})).ServeHTTP(w, r)
	return w
}

// signIn gives cookie and CSRF token.
func (f *fixture) signIn(t *testing.T, body string) (cookie, csrf string) {
	t.Helper()
	w := f.call("POST", SessionPath, body, "")
	if w.Code != 200 {
		t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.Principal.Name != "administrator" || a.CSRFToken == "" {
		t.Fatalf("answer %s: %v", w.Body, err)
	}
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-postern" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %v", c)
	}
	return c.Value, a.CSRFToken
}

func TestCodes(t *testing.T) {
	f := newFixture()
	code := f.NewCode(goodToken)
	body := `{"code":"` + code + `"}`
	cookie, _ := f.signIn(t, body)
	if w := f.call("GET", SessionPath, "", cookie); w.Code != 200 {
		t.Errorf("session: %d %s", w.Code, w.Body)
	}
	if w := f.call("POST", SessionPath, body, ""); w.Code != 401 {
		t.Errorf("a code used twice: %d", w.Code)
	}
	late := f.NewCode(goodToken)
	f.now = f.now.Add(CodeLife)
	if w := f.call("POST", SessionPath, `{"code":"`+late+`"}`, ""); w.Code != 401 {
		t.Errorf("a code after its time: %d", w.Code)
	}
	made := f.call("POST", CodesPath, "", "", "Authorization", "Bearer "+goodToken)
	var link struct{ Code, URL string }
	if err := json.Unmarshal(made.Body.Bytes(), &link); err != nil || link.URL != "https://localhost:9443/#code="+link.Code {
		t.Fatalf("link: %d %s %v", made.Code, made.Body, err)
	}
	f.signIn(t, `{"code":"`+link.Code+`"}`)
	if w := f.call("POST", CodesPath, "", cookie); w.Code != 401 {
		t.Errorf("a session makes no codes: %d", w.Code)
	}
}

func TestSignInRefused(t *testing.T) {
	f := newFixture()
	for _, c := range []struct {
		name, body string
		header     []string
		want       int
	}{
		{"wrong token", `{"token":"pst_bad"}`, nil, 401},
		{"wrong code", `{"code":"x"}`, nil, 401},
		{"neither", `{}`, nil, 400},
		{"both", `{"token":"a","code":"b"}`, nil, 400},
		{"from elsewhere", `{"token":"` + goodToken + `"}`, []string{"Origin", "https://localhost:3000"}, 403},
		{"from a neighbour port", `{"token":"` + goodToken + `"}`, []string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		if w := f.call("POST", SessionPath, c.body, "", c.header...); w.Code != c.want || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.want)
		}
	}
}

func TestFailuresAreLimited(t *testing.T) {
	f := newFixture()
	for range maxFailures {
		f.call("POST", SessionPath, `{"token":"pst_bad"}`, "")
	}
	w := f.call("POST", SessionPath, `{"token":"`+goodToken+`"}`, "")
	if w.Code != 429 || w.Header().Get("Retry-After") != "6" {
		t.Fatalf("after %d failures: %d, Retry-After %q", maxFailures, w.Code, w.Header().Get("Retry-After"))
	}
	f.now = f.now.Add(failureInterval)
	f.signIn(t, `{"token":"`+goodToken+`"}`)
}

func TestMiddleware(t *testing.T) {
	f := newFixture()
	cookie, csrf := f.signIn(t, `{"token":"`+goodToken+`"}`)
	const mine = "Bearer " + goodToken
	for _, c := range []struct {
		name, method, cookie string
		header               []string
		status               int
		body                 string
	}{
		{"reading", "GET", cookie, nil, 200, mine},
		{"writing without the CSRF token", "PUT", cookie, nil, 403, ""},
		{"writing with another", "PUT", cookie, []string{csrfHeader, csrf + "x"}, 403, ""},
		{"writing with it", "PUT", cookie, []string{csrfHeader, csrf}, 200, mine},
		{"with it, from elsewhere", "PUT", cookie, []string{csrfHeader, csrf, "Origin", "https://evil.example"}, 403, ""},
		{"reading from a page of another port", "GET", cookie, []string{"Origin", "", "Sec-Fetch-Site", "same-site"}, 403, ""},
		{"reading by the address bar", "GET", cookie, []string{"Origin", "", "Sec-Fetch-Site", "none"}, 200, mine},
		{"writing by the address bar", "POST", cookie, []string{csrfHeader, csrf, "Sec-Fetch-Site", "none"}, 403, ""},
		{"a bearer token goes first", "PUT", cookie, []string{"Authorization", "Bearer other"}, 200, "Bearer other"},
		{"no session", "GET", "", nil, 200, ""},
		{"an unknown session", "GET", "x", nil, 200, ""},
	} {
		w := f.call(c.method, "/subscriptions/x", "", c.cookie, c.header...)
		if w.Code != c.status || c.status == 200 && w.Body.String() != c.body {
			t.Errorf("%s: %d %q, want %d %q", c.name, w.Code, w.Body, c.status, c.body)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	signedIn := func(f *fixture, cookie string) bool { return f.call("GET", SessionPath, "", cookie).Code == 200 }
	t.Run("when nothing comes", func(t *testing.T) {
		f := newFixture()
		cookie, _ := f.signIn(t, `{"token":"`+goodToken+`"}`)
		f.now = f.now.Add(DefaultIdle - time.Second)
		if !signedIn(f, cookie) {
			t.Error("ended early")
		}
		f.now = f.now.Add(DefaultIdle)
		if signedIn(f, cookie) {
			t.Error("lives on")
		}
	})
	t.Run("in the end", func(t *testing.T) {
		f := newFixture()
		cookie, _ := f.signIn(t, `{"token":"`+goodToken+`"}`)
		for range int(DefaultAbsolute/(30*time.Minute)) - 1 {
			f.now = f.now.Add(30 * time.Minute)
			if !signedIn(f, cookie) {
				t.Fatal("ended early")
			}
		}
		f.now = f.now.Add(30 * time.Minute)
		if signedIn(f, cookie) {
			t.Error("lives on")
		}
	})
	t.Run("when signed out", func(t *testing.T) {
		f := newFixture()
		cookie, csrf := f.signIn(t, `{"token":"`+goodToken+`"}`)
		if w := f.call("DELETE", SessionPath, "", cookie); w.Code != 403 || !signedIn(f, cookie) {
			t.Errorf("without the CSRF token: %d", w.Code)
		}
		if w := f.call("DELETE", SessionPath, "", cookie, csrfHeader, csrf); w.Code != 204 || signedIn(f, cookie) {
			t.Errorf("signed out: %d", w.Code)
		}
	})
	t.Run("with their token", func(t *testing.T) {
		f := newFixture()
		cookie, _ := f.signIn(t, `{"token":"`+goodToken+`"}`)
		f.revoked = true
		if signedIn(f, cookie) {
			t.Error("lives on after its token was revoked")
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	f := newFixture()
	first, _ := f.begin(goodToken)
	for range maxSessions {
		f.now = f.now.Add(time.Millisecond)
		f.begin(goodToken)
	}
	if len(f.sessions) != maxSessions || f.call("GET", SessionPath, "", first).Code != 401 {
		t.Errorf("%d sessions, the first among them", len(f.sessions))
	}
	for range maxCodes + 1 {
		f.NewCode(goodToken)
	}
	if len(f.codes) != maxCodes {
		t.Errorf("%d codes", len(f.codes))
	}
}
