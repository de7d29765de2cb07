package resource

import (
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// Sealed knows what the secrets of stored resources are sealed for.
func Sealed() seal.Owner {
	return seal.Owner{Prefix: KeyPrefix, Places: func(e store.Entry) []string {
		r, err := Decode(e)
		if err != nil {
			return nil
		}
		var places []string
		for slot := range r.Hidden.Identities {
			places = append(places, associated(r.ID, "identity/"+slot))
		}
		for slot := range r.Hidden.Secrets {
			places = append(places, associated(r.ID, "secret/"+slot))
		}
		return places
	}}
}
