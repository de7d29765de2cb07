package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

// firstService is the service that a first start makes.
var firstService = resource.ServiceID("00000000-0000-0000-0000-000000000000", "postern", "local")

// ensureService makes the first service where the store holds none, and returns the id of the one there is.
func ensureService(ctx context.Context, s store.Store) (resource.ID, error) {
	entries, _, err := s.List(ctx, resource.KeyPrefix)
	if err != nil {
		return resource.ID{}, err
	}
	for _, e := range entries {
		r, err := resource.Decode(e)
		if err != nil {
			return resource.ID{}, err
		}
		if r.ID.IsService() {
			return r.ID, nil
		}
	}
	now := time.Now().UTC()
	r := resource.Resource{
		ID:         firstService,
		Top:        map[string]any{"location": "local", "sku": map[string]any{"name": "Developer", "capacity": json.Number("1")}},
		Properties: map[string]any{"publisherEmail": "admin@localhost", "publisherName": "Postern"},
		Created:    now, Modified: now,
	}
	value, err := r.Encode()
	if err != nil {
		return resource.ID{}, err
	}
	_, err = s.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(r.ID.Key())}, Then: []store.Op{store.Put(r.ID.Key(), value)}})
	if err != nil && fault.KindOf(err) == fault.PreconditionFailed { // another node was first
		return ensureService(ctx, s)
	}
	return r.ID, err
}

// The fixed ids of the administrator's application and principal; there is one tenant.
const (
	tenantID      = "00000000-0000-0000-0000-000000000001"
	adminClientID = "00000000-0000-0000-0000-000000000002"
	adminObjectID = "00000000-0000-0000-0000-000000000003"
)

func administrator() identity.Principal {
	return identity.Principal{ID: adminObjectID, ClientID: adminClientID, TenantID: tenantID, Name: "administrator", Kind: identity.Administrator, Created: time.Now().UTC()}
}

// ensureAdmin gives the administrator's credential of admin.json; where the file or its principal is missing, a new one is made.
func ensureAdmin(ctx context.Context, dataDir string, d *identity.Directory) (config.Admin, error) {
	admin, err := config.ReadAdmin(dataDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return admin, err
	}
	admin.TenantID, admin.ClientID = tenantID, adminClientID
	if admin.ClientSecret == "" {
		admin.ClientSecret = identity.NewToken()
	}
	p := administrator()
	if err := d.EnsureSecret(ctx, p, admin.ClientSecret, config.AdminFile); err != nil {
		return admin, err
	}
	known, err := d.Authenticate(ctx, admin.BearerToken)
	if err == nil && known.ID == p.ID || err != nil && fault.KindOf(err) != fault.Unauthenticated {
		return admin, err
	}
	if err != nil {
		admin.BearerToken = identity.NewToken()
	}
	return admin, d.Grant(ctx, admin.BearerToken, p)
}
