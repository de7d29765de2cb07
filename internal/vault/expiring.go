package vault

import (
	"context"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// Expiring is the current version of an object that has an end.
type Expiring struct {
	// Vault is the vault's name, Area where the object is.
	Vault string
	Area  Area
	// Item is the version; its Attributes have the end. DER is a certificate's.
	Item
	DER []byte
}

// Expiring are the current versions of all objects that have an end, in all vaults, whoever may read them: it is for the
// process itself, which watches them. What is deleted is not among them.
func (e *Engine) Expiring(ctx context.Context) ([]Expiring, error) {
	entries, _, err := e.o.Store.List(ctx, objectPrefix)
	if err != nil {
		return nil, err
	}
	var list []Expiring
	there := map[string]bool{}
	for _, entry := range entries {
		o := new(object)
		if err := decode(entry, o); err != nil {
			return nil, err
		}
		if o.Deleted != nil || o.Current == nil || o.Current.Expires == nil {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(entry.Key, objectPrefix), "/")
		known, asked := there[name]
		if !asked {
			_, err := e.o.Properties(ctx, name)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			known = err == nil
			there[name] = known
		}
		if !known {
			continue // of a vault that is deleted
		}
		v := &Vault{e: e, name: name}
		x := Expiring{Vault: name, Area: Secrets, Item: v.item(o, o.Current)}
		if o.Kind == certificateKind {
			version, err := v.loadVersion(ctx, Certificates, o, "")
			if err != nil {
				return nil, err
			}
			x.Area, x.DER = Certificates, version.Certificate
		}
		list = append(list, x)
	}
	return list, nil
}
