package eventgrid

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// call delivers a body and returns the answer, and what NewVersion was told.
func call(method, query, body string, header ...string) (*httptest.ResponseRecorder, string) {
	told := []string{}
	h := &Handler{Secret: func() (string, error) { return "s3cret", nil }, Log: slog.New(slog.DiscardHandler),
		NewVersion: func(vault, object string) int { told = append(told, vault+"/"+object); return 1 }}
	r := httptest.NewRequest(method, Path+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, strings.Join(told, ",")
}

const newVersion = `{"id":"1","topic":"/subscriptions/s","subject":"gw","eventType":"Microsoft.KeyVault.SecretNewVersionCreated","data":{"Id":"https://v.vault.azure.net/secrets/gw/1","VaultName":"v","ObjectType":"Secret","ObjectName":"gw","Version":"1"},"dataVersion":"1"}`

func TestDeliveries(t *testing.T) {
	for _, tc := range []struct {
		name, method, query, body string
		header                    []string
		status                    int
		told                      string
	}{
		{"one of a list", "POST", "?code=s3cret", "[" + newVersion + "]", nil, 200, "v/gw"},
		{"two", "POST", "?code=s3cret", "[" + newVersion + "," + strings.ReplaceAll(newVersion, `"gw"`, `"b"`) + "]", nil, 200, "v/gw,v/b"},
		{"a CloudEvent", "POST", "?code=s3cret", strings.Replace(newVersion, "eventType", "type", 1), []string{"Content-Type", "application/cloudevents+json"}, 200, "v/gw"},
		{"a CloudEvent in binary mode", "POST", "?code=s3cret", `{"VaultName":"v","ObjectName":"gw"}`, []string{"ce-type", "Microsoft.KeyVault.SecretNewVersionCreated"}, 200, "v/gw"},
		{"a certificate's", "POST", "?code=s3cret", "[" + strings.Replace(newVersion, "SecretNew", "CertificateNew", 1) + "]", nil, 200, "v/gw"},
		{"something else", "POST", "?code=s3cret", "[" + strings.Replace(newVersion, "NewVersionCreated", "NearExpiry", 1) + "]", nil, 200, ""},
		{"no code", "POST", "", "[" + newVersion + "]", nil, 401, ""},
		{"a wrong code", "POST", "?code=s3cre", "[" + newVersion + "]", nil, 401, ""},
		{"no JSON", "POST", "?code=s3cret", "hello", nil, 400, ""},
		{"nothing", "POST", "?code=s3cret", "", nil, 400, ""},
		{"too much", "POST", "?code=s3cret", "[" + strings.Repeat(" ", maxBody) + "]", nil, 413, ""},
		{"GET", "GET", "?code=s3cret", "", nil, 405, ""},
		{"the handshake without an origin", "OPTIONS", "?code=s3cret", "", nil, 400, ""},
		{"the handshake without code", "OPTIONS", "", "", []string{"WebHook-Request-Origin", "eventgrid.azure.net"}, 401, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, told := call(tc.method, tc.query, tc.body, tc.header...)
			if w.Code != tc.status || told != tc.told {
				t.Errorf("%d %s, told %q; want %d and %q", w.Code, w.Body, told, tc.status, tc.told)
			}
		})
	}
}

func TestHandshakes(t *testing.T) {
	w, _ := call("POST", "?code=s3cret", `[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"abc","validationUrl":"https://x"}}]`, "aeg-event-type", "SubscriptionValidation")
	var answer map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 || answer["validationResponse"] != "abc" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w, _ = call("OPTIONS", "?code=s3cret", "", "WebHook-Request-Origin", "eventgrid.azure.net")
	if w.Code != 200 || w.Header().Get("WebHook-Allowed-Origin") != "eventgrid.azure.net" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestWithoutASecretNobodyDelivers(t *testing.T) {
	for _, secret := range []func() (string, error){func() (string, error) { return "", nil }, func() (string, error) { return "", errors.New("no store") }} {
		h := &Handler{Secret: secret, Log: slog.New(slog.DiscardHandler), NewVersion: func(string, string) int { t.Error("it was told"); return 0 }}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, Path, strings.NewReader("["+newVersion+"]")))
		if w.Code < 400 {
			t.Errorf("%d", w.Code)
		}
	}
}
