package element

import (
	"fmt"

	"github.com/postern-gateway/postern/internal/policy"
)

// invalid is the failure of a policy whose expression gave something that cannot be used; the client gets a plain 500.
func invalid(reason, format string, args ...any) *policy.Failure {
	return &policy.Failure{Reason: reason, Message: fmt.Sprintf(format, args...)}
}
