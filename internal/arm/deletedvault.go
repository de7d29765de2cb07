package arm

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

// deletedVault is a vault in deleted state: its document, and when it is purged.
type deletedVault struct {
	// Document is the resource as it was stored.
	Document json.RawMessage
	// Deleted and Purged are when it was deleted, and when it will be purged.
	Deleted, Purged time.Time
}

const deletedVaults = "/vaults/deleted/"

func deletedVaultKey(name string) string { return deletedVaults + strings.ToLower(name) }

// keepDeleted is the operation that keeps a vault in deleted state for the days of its retention, none where it has no
// soft delete.
func keepDeleted(r *resource.Resource) (store.Op, error) {
	document, err := r.Encode()
	if err != nil {
		return store.Op{}, err
	}
	days := int64(90)
	if n, ok := r.Properties["softDeleteRetentionInDays"].(json.Number); ok {
		if d, err := n.Int64(); err == nil {
			days = d
		}
	}
	if soft, _ := r.Properties["enableSoftDelete"].(bool); !soft {
		days = 0
	}
	now := time.Now().UTC().Truncate(time.Second)
	value, err := json.Marshal(deletedVault{document, now, now.AddDate(0, 0, int(days))})
	return store.Put(deletedVaultKey(r.ID.Name()), value), err
}

// deletedVault is the deleted vault of that name; nil if there is none. One whose time has come is purged first.
func (s *Server) deletedVault(ctx context.Context, name string) (*deletedVault, error) {
	e, err := s.Store.Get(ctx, deletedVaultKey(name))
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.openDeleted(ctx, e)
}

func (s *Server) openDeleted(ctx context.Context, e store.Entry) (*deletedVault, error) {
	d := new(deletedVault)
	if err := json.Unmarshal(e.Value, d); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the deleted vault %q is unreadable", e.Key)
	}
	if time.Now().Before(d.Purged) {
		return d, nil
	}
	return nil, s.purge(ctx, e)
}

// purge removes what a deleted vault held, then its mark, so that a purge that was broken off is taken up again.
func (s *Server) purge(ctx context.Context, e store.Entry) error {
	if err := s.removeVault(ctx, strings.TrimPrefix(e.Key, deletedVaults)); err != nil {
		return err
	}
	_, err := s.Store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(e.Key, e.ModRevision)}, Then: []store.Op{store.Delete(e.Key)}})
	return err
}

func (s *Server) removeVault(ctx context.Context, name string) error {
	if s.RemoveVault == nil {
		return nil
	}
	return s.RemoveVault(ctx, name)
}

func (d *deletedVault) resource() (*resource.Resource, error) {
	return resource.Decode(store.Entry{Value: d.Document})
}

// recoverVault brings the document of a deleted vault back.
func (c *change) recoverVault(d *deletedVault) error {
	r, err := d.resource()
	if err != nil {
		return err
	}
	if r.ID.Key() != c.next.ID.Key() {
		return badRequest("The deleted vault '%s' is %s; it is recovered by this id alone.", c.next.ID.Name(), r.ID)
	}
	c.next = &resource.Resource{ID: r.ID, Top: r.Top, Properties: r.Properties, Hidden: r.Hidden, Created: r.Created}
	c.require = append(c.require, store.Exists(deletedVaultKey(r.ID.Name())))
	c.also = append(c.also, store.Delete(deletedVaultKey(r.ID.Name())))
	return nil
}

func (s *Server) viewDeleted(d *deletedVault) (map[string]any, error) {
	r, err := d.resource()
	if err != nil {
		return nil, err
	}
	location, _ := r.Top["location"].(string)
	p := map[string]any{"vaultId": r.ID.String(), "location": location, "tags": r.Top["tags"], "deletionDate": d.Deleted, "scheduledPurgeDate": d.Purged}
	if on, _ := r.Properties["enablePurgeProtection"].(bool); on {
		p["purgeProtectionEnabled"] = true
	}
	return map[string]any{"id": "/subscriptions/" + r.ID.Subscription + "/providers/Microsoft.KeyVault/locations/" + location + "/deletedVaults/" + r.ID.Name(),
		"name": r.ID.Name(), "type": "Microsoft.KeyVault/deletedVaults", "properties": p}, nil
}

// listDeletedVaults answers GET …/deletedVaults of a subscription.
func (s *Server) listDeletedVaults(w http.ResponseWriter, q *request, words []string) error {
	entries, _, err := s.Store.List(q.Context(), deletedVaults)
	if err != nil {
		return err
	}
	var list []any
	for _, e := range entries {
		d, err := s.openDeleted(q.Context(), e)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		view, err := s.viewDeleted(d)
		if err != nil {
			return err
		}
		if strings.HasPrefix(strings.ToLower(view["id"].(string)), strings.ToLower("/subscriptions/"+words[0]+"/")) {
			list = append(list, view)
		}
	}
	return writeList(w, list)
}

// getDeletedVault answers GET …/locations/{location}/deletedVaults/{name}.
func (s *Server) getDeletedVault(w http.ResponseWriter, q *request, words []string) error {
	d, err := s.deletedVault(q.Context(), words[2])
	if err != nil {
		return err
	}
	if d == nil {
		return noDeletedVault(words[2])
	}
	view, err := s.viewDeleted(d)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, view)
	return nil
}

func noDeletedVault(name string) error {
	return coded(fault.NotFound, "DeletedVaultNotFound", "The specified deleted vault '%s' does not exist.", name)
}

// purgeDeletedVault answers POST …/locations/{location}/deletedVaults/{name}/purge.
func (s *Server) purgeDeletedVault(w http.ResponseWriter, q *request, words []string) error {
	name := words[2]
	e, err := s.Store.Get(q.Context(), deletedVaultKey(name))
	if fault.KindOf(err) == fault.NotFound {
		return noDeletedVault(name)
	}
	if err != nil {
		return err
	}
	d, err := s.openDeleted(q.Context(), e)
	if err != nil {
		return err
	}
	if d != nil {
		r, err := d.resource()
		if err != nil {
			return err
		}
		if on, _ := r.Properties["enablePurgeProtection"].(bool); on {
			return coded(fault.Conflict, "DeletedVaultPurgeNotAllowed", "The vault '%s' has purge protection: it is purged at %s and cannot be purged before.", name, d.Purged.Format(time.RFC3339))
		}
		if err := s.purge(q.Context(), e); err != nil {
			return err
		}
	}
	s.audit(q, q.URL.Path)
	w.WriteHeader(http.StatusOK)
	return nil
}

// checkVaultName answers POST …/providers/Microsoft.KeyVault/checkNameAvailability.
func (s *Server) checkVaultName(w http.ResponseWriter, q *request, _ []string) error {
	var sent struct{ Name, Type string }
	if err := resource.DecodeJSON(q.body, &sent); err != nil {
		return badRequest("The request body is not an object with name and type.")
	}
	answer := map[string]any{"nameAvailable": true}
	k := kindByType[resource.VaultType]
	if !k.name.MatchString(sent.Name) || len(sent.Name) < 3 || len(sent.Name) > k.maxName {
		maps.Copy(answer, map[string]any{"nameAvailable": false, "reason": "AccountNameInvalid", "message": "A vault's name must be between 3-24 alphanumeric characters, begin with a letter, and hold no two hyphens in a row."})
		writeJSON(w, http.StatusOK, answer)
		return nil
	}
	for _, key := range []string{resource.VaultKey(sent.Name), deletedVaultKey(sent.Name)} {
		if _, err := s.Store.Get(q.Context(), key); err == nil {
			maps.Copy(answer, map[string]any{"nameAvailable": false, "reason": "AlreadyExists", "message": "The name '" + sent.Name + "' is already in use."})
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}
