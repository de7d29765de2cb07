package cert

import "crypto"

// KeyMatches reports whether the private key is the one of the certificate's public key. It is
// false without a key, and for keys whose public half is not known.
func (i *Identity) KeyMatches() bool {
	if i.Key == nil || i.Certificate == nil {
		return false
	}
	public, ok := i.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return false
	}
	key, err := i.Certificate.PublicKey()
	return err == nil && public.Equal(key)
}
