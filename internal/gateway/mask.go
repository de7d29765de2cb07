package gateway

import (
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
)

// mask stands in logs and decisions for what nobody may read there.
const mask = "****"

// maskedFrom is how many octets a text has at least to be masked: a shorter one is no secret, and stands everywhere.
const maskedFrom = 4

// credentialFields are the fields of requests whose values are masked.
var credentialFields = []string{"Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "Api-Key"}

// secretsOf are the values of the service's secret named values.
func secretsOf(svc *apim.Service) []string {
	var secrets []string
	for i := range svc.NamedValues {
		if v := &svc.NamedValues[i]; v.Secret && len(v.Value) >= maskedFrom {
			secrets = append(secrets, v.Value)
		}
	}
	return secrets
}

// masked is a text about a request, such as an exception's message, without secret named values and the request's
// credentials: an expression may have quoted them.
func (s *Server) masked(x *message.Exchange, m *matched, text string) string {
	if text == "" {
		return ""
	}
	if snap := s.current.Load(); snap != nil {
		for _, secret := range snap.secrets {
			text = strings.ReplaceAll(text, secret, mask)
		}
	}
	field, parameter := defaultKeyHeader, defaultKeyQuery
	if m.route != nil {
		field, parameter = m.route.keyHeader, m.route.keyQuery
	}
	for _, name := range append([]string{field}, credentialFields...) {
		for v := range x.Request.Header.Values(name) {
			_, token, _ := strings.Cut(v, " ")
			text = hide(hide(text, v), token)
		}
	}
	if q, err := url.ParseQuery(x.Request.URL.Query); err == nil {
		for _, v := range q[parameter] {
			text = hide(text, v)
		}
	}
	return text
}

func hide(text, secret string) string {
	if len(secret) < maskedFrom {
		return text
	}
	return strings.ReplaceAll(text, secret, mask)
}
