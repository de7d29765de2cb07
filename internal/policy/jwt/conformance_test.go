package jwt_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/policy/jwt"
)

const conformance = "../../../testdata/conformance"

// lenient are vectors that the library takes and that are refused here (docs/divergences.md).
var lenient = map[string]bool{"critical header not understood": true}

// TestLibrary compares with what Microsoft's library says of each token.
func TestLibrary(t *testing.T) {
	keys := loadKeys(t)
	data, err := os.ReadFile(filepath.Join(conformance, "jwt.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var v struct {
			ID, About, Token                 string
			Keys                             []string
			SkewSeconds                      int
			RequireExpiration, RequireSigned bool
			Want                             struct {
				Valid         bool
				Code, Message string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		t.Run(v.ID, func(t *testing.T) {
			p := &jwt.Params{Now: keys.now, Skew: time.Duration(v.SkewSeconds) * time.Second, NoExpiry: !v.RequireExpiration,
				Unsigned: !v.RequireSigned, Audiences: keys.audiences, Issuers: []string{keys.issuer}}
			for _, name := range v.Keys {
				p.Keys = append(p.Keys, keys.named(t, name))
			}
			_, err := jwt.Validate(v.Token, p)
			if lenient[v.About] {
				if err == nil {
					t.Error("the token is taken")
				}
				return
			}
			if (err == nil) != v.Want.Valid {
				t.Fatalf("Validate = %v, want valid: %v, %s", err, v.Want.Valid, v.Want.Message)
			}
			if e, ok := errors.AsType[*jwt.Error](err); ok && (e.Code != v.Want.Code || e.Message != v.Want.Message) {
				t.Errorf("Validate = %s\nwant %s", e.Message, v.Want.Message)
			}
		})
	}
}

type recorded struct {
	now       time.Time
	issuer    string
	audiences []string
	rsa, ec   jwt.Key
}

func loadKeys(t *testing.T) *recorded {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(conformance, "contexts", "jwt-keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		RSA struct{ N, E string } `json:"rsa-1"`
		EC  struct{ X, Y string } `json:"ec"`

		Time      time.Time
		Issuer    string
		Audiences []string
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	r := &recorded{now: file.Time, issuer: file.Issuer, audiences: file.Audiences}
	if r.rsa, err = jwt.RSAKey("rsa-1", file.RSA.N, file.RSA.E); err != nil {
		t.Fatal(err)
	}
	if r.ec, err = jwt.ECKey("", "P-256", file.EC.X, file.EC.Y); err != nil {
		t.Fatal(err)
	}
	return r
}

// named is a key as a vector names it: "oct:" and base64, or a name of the recorded keys.
func (r *recorded) named(t *testing.T, name string) jwt.Key {
	t.Helper()
	if secret, ok := strings.CutPrefix(name, "oct:"); ok {
		b, err := base64.StdEncoding.DecodeString(secret)
		if err != nil {
			t.Fatal(err)
		}
		return jwt.Key{Secret: b}
	}
	switch name {
	case "rsa-1":
		return r.rsa
	case "ec":
		return r.ec
	}
	t.Fatalf("there is no key %q", name)
	return jwt.Key{}
}
