package arm

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
)

// authorize refuses what the principal's roles do not hold: an action such as "Microsoft.KeyVault/vaults/write" on a
// scope, the ARM id of what the call is about. The administrator may do everything.
func (s *Server) authorize(ctx context.Context, p *identity.Principal, action, scope string) error {
	allowed := p.Kind == identity.Administrator
	if !allowed && s.Directory != nil {
		var err error
		if allowed, err = s.Directory.Allowed(ctx, p, action, scope); err != nil {
			return err
		}
	}
	if allowed {
		return nil
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "authorization refused", slog.String(logkey.Principal, p.Name), slog.String("object_id", p.ID),
		slog.String("action", action), slog.String(logkey.Resource, scope))
	return fault.New(fault.Forbidden, "The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		p.ClientID, p.ID, action, scope)
}

// verbAction is the last word of the action that a method is, on the type's resources.
func verbAction(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead:
		return "read"
	case http.MethodDelete:
		return "delete"
	case http.MethodPost:
		return "action"
	}
	return "write"
}

// authorizeRequest authorizes a call of a verb on q.id.
func (s *Server) authorizeRequest(q *request) error {
	return s.authorize(q.Context(), q.principal, q.id.Type()+"/"+verbAction(q.Method), q.id.String())
}
