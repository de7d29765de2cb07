package reply

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/fault"
)

func TestEveryKindIsSpelt(t *testing.T) {
	for _, k := range fault.Kinds() {
		w := httptest.NewRecorder()
		Error(w, httptest.NewRequest("GET", "/", nil), slog.New(slog.DiscardHandler), fault.New(k, "what is wrong"))
		if w.Code < 400 || !strings.Contains(w.Body.String(), `{"error":{"code":"`) {
			t.Errorf("%s: %d %s", k, w.Code, w.Body)
		}
	}
}

func TestSecretsOfTheServerStayThere(t *testing.T) {
	w := httptest.NewRecorder()
	Error(w, httptest.NewRequest("GET", "/", nil), slog.New(slog.DiscardHandler), errors.New("disk /dev/sda1 is on fire"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "sda1") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       fault.Kind
	}{
		{"misspelt", `{"txet":"a"}`, fault.Invalid},
		{"no JSON", `x`, fault.Invalid},
		{"two objects", `{"text":"a"}{}`, fault.Invalid},
		{"too large", `{"text":"` + strings.Repeat("a", 100) + `"}`, fault.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v struct {
				Text string `json:"text"`
			}
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
			if err := Read(httptest.NewRecorder(), r, 64, &v); fault.KindOf(err) != c.want {
				t.Errorf("Read(%q) = %v, want %s", c.body, err, c.want)
			}
		})
	}
}
