package exprctx

import (
	"encoding/base64"
	"testing"
)

func token(header, payload string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(payload)) + ".c2ln"
}

func TestParseJwt(t *testing.T) {
	const header = `{"alg":"RS256","typ":"JWT"}`
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"token", token(header, `{"sub":"a"}`), true},
		{"with its scheme", "Bearer " + token(header, `{}`), true},
		{"scheme in lower case", "bearer " + token(header, `{}`), true},
		{"empty", "", false},
		{"two parts", "e30.e30", false},
		{"four parts", "e30.e30.e30.e30", false},
		{"no base64", "a.b.c", false},
		{"no JSON", "YWJj.YWJj.c2ln", false},
		{"a list", token(header, `[]`), false},
		{"something behind", token(header, `{} {}`), false},
		{"another scheme", "Basic YTpi", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if j := parseJwt(tt.in); (j != nil) != tt.ok {
				t.Errorf("parseJwt(%q) = %v; want a token: %v", tt.in, j, tt.ok)
			}
		})
	}
}

func TestJwtClaims(t *testing.T) {
	j := parseJwt(token(`{"alg":"HS256"}`, `{"iss":"i","aud":["a","b"],"exp":1798761600,"n":1.50,"o":{"x": 1},"t":true,"z":null,"r":["x",2]}`))
	if j == nil {
		t.Fatal("no token")
	}
	for name, want := range map[string]string{"iss": "i", "aud": "a,b", "exp": "1798761600", "n": "1.50", "o": `{"x":1}`, "t": "true", "z": "", "R": "x,2"} {
		if got, ok := j.claims.joined(name); !ok || got != want {
			t.Errorf("claim %s = %q, %v; want %q", name, got, ok, want)
		}
	}
	if j.id != nil || j.kind != nil || j.algorithm.Go() != "HS256" || j.expires.Year() != 2027 || !j.issued.IsZero() {
		t.Errorf("token = %+v", j)
	}
}

func TestParseBasic(t *testing.T) {
	b := parseBasic("basic YWRhOnMzY3JldDp3aXRoOmNvbG9ucw==")
	if b == nil || b.user.Go() != "ada" || b.password.Go() != "s3cret:with:colons" {
		t.Errorf("credentials = %+v; want ada and a password with colons", b)
	}
	for _, in := range []string{"", "Basic", "Basic ", "Basic !!!", "Bearer abc", "Digest YTpi", "Basic YWJj"} {
		if b := parseBasic(in); b != nil {
			t.Errorf("parseBasic(%q) = %+v; want nil", in, b)
		}
	}
}

func TestDecodeText(t *testing.T) {
	tests := []struct{ name, body, contentType, want string }{
		{"nothing said", "é", "", "é"},
		{"byte order mark", "\xef\xbb\xbfa", "text/plain", "a"},
		{"UTF-16 by its mark", "\xff\xfea\x00\xe9\x00", "", "aé"},
		{"Latin-1", "caf\xe9", `text/plain; charset="ISO-8859-1"`, "café"},
		{"unknown charset", "a", "text/plain; charset=x-none", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeText([]byte(tt.body), tt.contentType); got != tt.want {
				t.Errorf("decodeText = %q; want %q", got, tt.want)
			}
		})
	}
}
