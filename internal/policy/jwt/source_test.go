package jwt_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/policy/jwt"
)

// provider answers for an OpenID provider.
type provider struct {
	mu    sync.Mutex
	pages map[string]string
	asked atomic.Int32
	hold  chan struct{}
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.asked.Add(1)
	if p.hold != nil {
		<-p.hold
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text, ok := p.pages[r.URL.String()]
	if !ok {
		return nil, errors.New("no such page")
	}
	status, header := 200, http.Header{}
	if to, ok := strings.CutPrefix(text, "-> "); ok {
		status, text = 302, ""
		header.Set("Location", to)
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: header, Request: r, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func (p *provider) set(pages map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages = pages
}

const address = "https://idp.test/.well-known/openid-configuration"

func pages(keys string) map[string]string {
	return map[string]string{address: `{"issuer":"https://idp.test/","jwks_uri":"https://idp.test/keys"}`, "https://idp.test/keys": keys}
}

const noKeys = `{"keys":[]}`

func oneKey(t *testing.T) string {
	k := loadKeys(t)
	return fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"a","n":%q,"e":"AQAB"},{"kty":"RSA","kid":"short","n":"AQAB","e":"AQAB"},{"kty":"oct","kid":"s","k":"AAAA"},{"kty":"RSA","use":"enc","n":"AA","e":"AQAB"},7]}`,
		base64URL(k.rsa.RSA.N.Bytes()))
}

// TestSource walks through an hour and more of a provider's life.
func TestSource(t *testing.T) {
	p := &provider{}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := jwt.NewSource(p, func() time.Time { return now })
	steps := []struct {
		name  string
		after time.Duration
		pages map[string]string
		fresh bool
		asked int32 // requests so far
		keys  int   // -1: an error
	}{
		{"down", 0, nil, false, 1, -1},
		{"asked again too soon", 10 * time.Second, pages(noKeys), false, 1, -1},
		{"up", 30 * time.Second, pages(noKeys), false, 3, 0},
		{"kept", 30 * time.Minute, pages(oneKey(t)), false, 3, 0},
		{"a key is missing", 0, pages(oneKey(t)), true, 5, 1},
		{"and again", time.Minute, pages(noKeys), true, 5, 1},
		{"an hour later", time.Hour, pages(noKeys), false, 7, 0},
		{"down after an hour", time.Hour, nil, false, 8, 0},
		{"not asked in the next minutes", time.Minute, nil, false, 8, 0},
		{"down for a day", 24 * time.Hour, nil, false, 9, -1},
	}
	for _, step := range steps {
		now = now.Add(step.after)
		p.set(step.pages)
		got, err := s.Get(t.Context(), address, step.fresh)
		if (err != nil) != (step.keys < 0) || err == nil && (len(got.Keys) != step.keys || got.Issuer != "https://idp.test/") || p.asked.Load() != step.asked {
			t.Errorf("%s: Get = %+v, %v after %d requests; want %d keys after %d", step.name, got, err, p.asked.Load(), step.keys, step.asked)
		}
	}
}

func TestSourceAsksOnce(t *testing.T) {
	p := &provider{hold: make(chan struct{})}
	p.set(pages(noKeys))
	s := jwt.NewSource(p, nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := s.Get(t.Context(), address, false); err != nil {
				t.Error(err)
			}
		})
	}
	close(p.hold)
	wg.Wait()
	if n := p.asked.Load(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestSourceRefuses(t *testing.T) {
	tests := map[string]map[string]string{
		"keys over http":      {address: `{"issuer":"i","jwks_uri":"http://idp.test/keys"}`},
		"redirection to http": {address: "-> http://idp.test/x"},
		"no JSON":             {address: "<html>"},
		"no key set":          {address: `{"issuer":"i","jwks_uri":"https://idp.test/keys"}`, "https://idp.test/keys": "[]"},
		"too large":           {address: strings.Repeat(" ", 2<<20)},
		"circle":              {address: "-> " + address},
	}
	for name, pages := range tests {
		t.Run(name, func(t *testing.T) {
			p := &provider{}
			p.set(pages)
			if got, err := jwt.NewSource(p, nil).Get(t.Context(), address, false); err == nil {
				t.Errorf("Get = %+v, want an error", got)
			}
		})
	}
}
