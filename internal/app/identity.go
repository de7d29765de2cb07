package app

import (
	"github.com/postern-gateway/postern/internal/identity"
)

// newDirectory makes the directory of principals; its issuer is known once the listeners are.
func (c *components) newDirectory() *identity.Directory {
	return &identity.Directory{Store: c.store, Sealer: c.sealer, TenantID: tenantID, Issuer: func() string { return c.admin.ManagementURL }}
}
