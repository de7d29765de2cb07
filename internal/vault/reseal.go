package vault

import (
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// fieldPassword is the sealed password of an issuer.
const fieldPassword = "password"

// Sealed knows what the secrets of the vault's records are sealed for.
func Sealed() seal.Owner {
	return seal.Owner{Prefix: root, Places: func(e store.Entry) []string {
		var places []string
		for _, field := range []string{fieldValue, fieldKey, fieldPending, fieldPassword} {
			places = append(places, seal.AssociatedData(e.Key, field))
		}
		return places
	}}
}
