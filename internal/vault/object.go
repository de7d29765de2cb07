package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Window is a part of a list. The zero value is all of it.
type Window struct {
	// After is the name in lower case behind which it begins.
	After string
	// Limit is how many entries it has at most; 0: all.
	Limit int
}

// List is the current versions of the area's objects, sorted by name without regard to case. Certificates that are asked
// for and not yet issued are in it where pending is wanted.
func (v *Vault) List(ctx context.Context, a Area, pending bool, w Window) ([]Item, error) {
	if err := v.allow(ctx, a.read(), ""); err != nil {
		return nil, err
	}
	return v.list(ctx, a, w, func(o *object) bool { return o.Deleted == nil && (o.Current != nil || pending && a == Certificates) })
}

// ListDeleted is the area's deleted objects, sorted as in List.
func (v *Vault) ListDeleted(ctx context.Context, a Area, w Window) ([]Item, error) {
	if err := v.allow(ctx, a.read(), ""); err != nil {
		return nil, err
	}
	return v.list(ctx, a, w, func(o *object) bool { return o.Deleted != nil })
}

// list decodes what the window shows and no more: clients with many objects ask for page after page.
func (v *Vault) list(ctx context.Context, a Area, w Window, wanted func(*object) bool) ([]Item, error) {
	prefix := objectPrefix + v.name + "/"
	entries, _, err := v.e.o.Store.List(ctx, prefix)
	if err != nil {
		return nil, err
	}
	items := []Item{}
	for _, e := range entries {
		if e.Key[len(prefix):] <= w.After {
			continue
		}
		if w.Limit > 0 && len(items) == w.Limit {
			break
		}
		o := new(object)
		if err := decode(e, o); err != nil {
			return nil, err
		}
		if o.in(a) && wanted(o) {
			items = append(items, v.item(o, o.shown()))
		}
	}
	return items, nil
}

// ListVersions is the versions of an object, the newest last, those of one second by id.
func (v *Vault) ListVersions(ctx context.Context, a Area, name string) ([]Item, error) {
	if err := v.allow(ctx, a.read(), name); err != nil {
		return nil, err
	}
	o, err := v.find(ctx, a, name)
	if err != nil {
		return nil, err
	}
	versions, err := v.versions(ctx, o)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(versions))
	for i, x := range versions {
		items[i] = v.item(o, &x.meta)
	}
	return items, nil
}

// versions are all versions of an object in the order of their making.
func (v *Vault) versions(ctx context.Context, o *object) ([]*version, error) {
	entries, _, err := v.e.o.Store.List(ctx, v.versionsOf(o.Name))
	if err != nil {
		return nil, err
	}
	list := make([]*version, len(entries))
	for i, e := range entries {
		list[i] = new(version)
		if err := decode(e, list[i]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b *version) int { return a.Created.Compare(b.Created) })
	return list, nil
}

// Delete deletes an object of the area: recoverably where the vault has soft delete, else for good. An object in use
// is refused unless force is set.
func (v *Vault) Delete(ctx context.Context, a Area, name string, force bool) (Item, error) {
	if err := v.allow(ctx, a.act("delete"), name); err != nil {
		return Item{}, err
	}
	if err := CheckName(name); err != nil {
		return Item{}, err
	}
	if err := v.checkUnused(ctx, a, name, force); err != nil {
		return Item{}, err
	}
	var item Item
	err := v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkFound(a, o, name); err != nil {
			return edit{}, err
		}
		if err := checkOwn(a, o, "delete"); err != nil {
			return edit{}, err
		}
		days := v.p.retention()
		if days == 0 {
			item = v.item(o, o.shown())
			return edit{}, nil
		}
		now := v.e.now()
		o.Deleted = &Deletion{At: now, Purge: now.AddDate(0, 0, days)}
		item = v.item(o, o.shown())
		return edit{object: o}, nil
	})
	return item, err
}

// checkOwn refuses an operation on the managed secret or key of a certificate.
func checkOwn(a Area, o *object, operation string) error {
	if a != Certificates && o.Kind == certificateKind {
		return isManaged(a, operation)
	}
	return nil
}

func (v *Vault) checkUnused(ctx context.Context, a Area, name string, force bool) error {
	if v.e.o.Uses == nil || force {
		return nil
	}
	users, err := v.e.o.Uses(ctx, v.name, name)
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return inUse(a, name, users)
	}
	return nil
}

// findDeleted is the deleted object of that name in the area.
func (v *Vault) findDeleted(ctx context.Context, a Area, name string) (*object, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	o, _, err := v.load(ctx, name)
	if err != nil {
		return nil, err
	}
	return o, checkDeleted(a, o, name)
}

func checkDeleted(a Area, o *object, name string) error {
	if o == nil || o.Deleted == nil || !o.in(a) {
		return deletedNotFound(a, name)
	}
	return nil
}

// GetDeleted is a deleted object.
func (v *Vault) GetDeleted(ctx context.Context, a Area, name string) (Item, error) {
	if err := v.allow(ctx, a.readDeleted(), name); err != nil {
		return Item{}, err
	}
	o, err := v.findDeleted(ctx, a, name)
	if err != nil {
		return Item{}, err
	}
	if a == Secrets && !o.Current.Enabled {
		return Item{}, forbidden(ReasonDisabled, "Operation get is not allowed on a disabled secret.")
	}
	return v.item(o, o.shown()), nil
}

// Recover undoes Delete.
func (v *Vault) Recover(ctx context.Context, a Area, name string) (Item, error) {
	if err := v.allow(ctx, a.act("recover"), name); err != nil {
		return Item{}, err
	}
	var item Item
	err := v.changeDeleted(ctx, a, name, "recover", func(o *object) edit {
		o.Deleted = nil
		item = v.item(o, o.shown())
		return edit{object: o}
	})
	return item, err
}

// Purge removes a deleted object for good, unless the vault has purge protection.
func (v *Vault) Purge(ctx context.Context, a Area, name string) error {
	if err := v.allow(ctx, a.act("purge"), name); err != nil {
		return err
	}
	if v.p.EnablePurgeProtection {
		return forbidden("", "Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: %s", v.where())
	}
	return v.changeDeleted(ctx, a, name, "purge", func(*object) edit { return edit{} })
}

func (v *Vault) changeDeleted(ctx context.Context, a Area, name, operation string, plan func(*object) edit) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkDeleted(a, o, name); err != nil {
			return edit{}, err
		}
		if err := checkOwn(a, o, operation); err != nil {
			return edit{}, err
		}
		return plan(o), nil
	})
}

// backup is what a backup blob holds, sealed as a whole.
type backup struct {
	Format   int               `json:"format"`
	Vault    string            `json:"vault"`
	Made     time.Time         `json:"made"`
	Object   *object           `json:"object"`
	Versions []*version        `json:"versions"`
	Secrets  map[string]string `json:"secrets"` // by version: the value
	Keys     map[string][]byte `json:"keys"`    // by version: PKCS#8
}

const backupFormat = 1

// backupPlace is the associated data of backups: they open for their vault alone.
func (v *Vault) backupPlace(a Area) string { return "vault-backup:" + string(a) + ":" + v.name }

// Backup is an object with all its versions, sealed: it can be restored to the same vault only.
func (v *Vault) Backup(ctx context.Context, a Area, name string) ([]byte, error) {
	if err := v.allow(ctx, a.act("backup"), name); err != nil {
		return nil, err
	}
	o, err := v.find(ctx, a, name)
	if err != nil {
		return nil, err
	}
	if err := checkOwn(a, o, "backup"); err != nil {
		return nil, err
	}
	if o.Current == nil {
		return nil, notFound(a, name, "") // asked for and not issued: there is nothing to keep
	}
	o.Pending = nil
	b := backup{Format: backupFormat, Vault: v.name, Made: v.e.now(), Object: o, Secrets: map[string]string{}, Keys: map[string][]byte{}}
	if b.Versions, err = v.versions(ctx, o); err != nil {
		return nil, err
	}
	for _, x := range b.Versions {
		if err := v.open(x, o.Name, &b); err != nil {
			return nil, err
		}
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a backup cannot be written")
	}
	token, err := v.e.o.Sealer.Seal(v.backupPlace(a), plain)
	return []byte(token), err
}

// open moves the secrets of a version to the backup, in the clear.
func (v *Vault) open(x *version, name string, b *backup) error {
	key := v.versionKey(name, x.Version)
	value, err := v.unseal(key, fieldValue, x.Value)
	if err != nil {
		return err
	}
	b.Secrets[x.Version], x.Value = base64.StdEncoding.EncodeToString(value), ""
	if x.Key == "" {
		return nil
	}
	if b.Keys[x.Version], err = v.unseal(key, fieldKey, x.Key); err != nil {
		return err
	}
	x.Key = ""
	return nil
}

// Restore brings a backup back, where no object of its name is there, deleted ones included.
func (v *Vault) Restore(ctx context.Context, a Area, blob []byte) (Item, error) {
	if err := v.allow(ctx, a.act("restore"), ""); err != nil {
		return Item{}, err
	}
	plain, err := v.e.o.Sealer.Unseal(v.backupPlace(a), string(blob))
	var b backup
	if err != nil || json.Unmarshal(plain, &b) != nil || b.Format != backupFormat || b.Object == nil {
		return Item{}, badParameter("The backup blob is not a backup of a %s of this vault.", a.word())
	}
	name := b.Object.Name
	for _, x := range b.Versions {
		if err := v.close(x, name, &b); err != nil {
			return Item{}, err
		}
	}
	err = v.change(ctx, name, func(o *object) (edit, error) {
		if o != nil && o.Deleted != nil {
			return edit{}, isDeleted(a, o.Name)
		}
		if o != nil {
			return edit{}, conflict("", "A %s with the name %s exists in this key vault. Delete and purge it before it is restored.", a.word(), o.Name)
		}
		return edit{b.Object, b.Versions}, nil
	})
	return v.item(b.Object, b.Object.Current), err
}

// close seals the secrets of a version again.
func (v *Vault) close(x *version, name string, b *backup) error {
	key := v.versionKey(name, x.Version)
	value, err := base64.StdEncoding.DecodeString(b.Secrets[x.Version])
	if err != nil {
		return badParameter("The backup blob is damaged.")
	}
	if x.Value, err = v.seal(key, fieldValue, value); err != nil {
		return err
	}
	if pkcs8 := b.Keys[x.Version]; pkcs8 != nil {
		x.Key, err = v.seal(key, fieldKey, pkcs8)
	}
	return err
}

// RemoveVault removes everything that a vault holds, once its document is gone. It needs no permission: deleting the
// document did.
func (e *Engine) RemoveVault(ctx context.Context, name string) error {
	if !vaultName.MatchString(name) {
		return vaultNotFound(name)
	}
	name = strings.ToLower(name)
	var ops []store.Op
	for _, prefix := range []string{objectPrefix, versionPrefix, noticePrefix, issuerPrefix} {
		ops = append(ops, store.DeletePrefix(prefix+name+"/"))
	}
	_, err := e.o.Store.Commit(ctx, store.Txn{Then: append(ops, store.Delete(contactsPrefix+name))})
	return err
}
