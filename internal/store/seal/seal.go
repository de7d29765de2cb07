// Package seal keeps private keys and secrets unreadable at rest.
//
// A Sealer turns a secret into a token that may be stored anywhere, and back.
// A token is bound to its place by associated data: moved to another resource
// or field, it does not open.
//
// # Format
//
//	sealed:v1:<base64url without padding of a Tink AEAD ciphertext>
//
// The ciphertext begins with the id of the key that made it, so a keyset may
// hold several keys and tokens of all of them open: rotation adds a key and
// seals with it from then on; ResealAll then seals anew what older keys sealed.
//
// # The master key
//
// OpenConfig takes the keyset from a file (JSON, readable by its owner alone),
// from the environment, or from a file that a key management service encrypts
// (package kms). Without it nothing that was sealed can be opened again: back
// it up, apart from the store. Nodes of one cluster need the same keyset; one
// that meets a token of a key that it does not have reads its file again.
package seal

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/postern-gateway/postern/fault"
)

// tokenPrefix begins every token; the number is the format's.
const tokenPrefix = "sealed:v1:"

// encoding, with decode, refuses what it would not write itself: a token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// Sealer seals and unseals. It may be used by many goroutines. Make one with
// Open, OpenExisting or New.
type Sealer struct {
	file     *keyFile   // of the keyset; nil with New and for one of the environment
	rotating sync.Mutex // one Rotate at a time
	state    atomic.Pointer[state]
}

// state is what Rotate swaps.
type state struct {
	aead   tink.AEAD
	handle *keyset.Handle // nil with New
}

// New makes a sealer of any AEAD, such as one of a key management service.
func New(a tink.AEAD) *Sealer {
	s := &Sealer{}
	s.state.Store(&state{aead: a})
	return s
}

// AssociatedData names the place of a secret: the key of its resource in the
// store, and the field. No two places have the same name.
func AssociatedData(key, field string) string {
	return strconv.Itoa(len(key)) + ":" + key + "#" + field
}

// IsSealed says whether text looks like a token, of this or a later format.
func IsSealed(text string) bool { return strings.HasPrefix(text, "sealed:") }

// Seal makes a token of plaintext that opens with the same associated data
// only. Sealing twice gives two different tokens.
func (s *Sealer) Seal(associatedData string, plaintext []byte) (string, error) {
	sealed, err := s.state.Load().aead.Encrypt(plaintext, []byte(associatedData))
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "a secret cannot be sealed")
	}
	return tokenPrefix + encoding.EncodeToString(sealed), nil
}

// Unseal opens a token. The fault is of Kind Invalid for text that is no token
// of a known format, Internal for one that does not open: made with another
// key, for another place, or changed since.
func (s *Sealer) Unseal(associatedData, token string) ([]byte, error) {
	sealed, err := decode(token)
	if err != nil {
		return nil, err
	}
	plaintext, err := s.state.Load().aead.Decrypt(sealed, []byte(associatedData))
	if err != nil && s.reload(sealed) {
		plaintext, err = s.state.Load().aead.Decrypt(sealed, []byte(associatedData))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a sealed secret does not open: it was sealed with another key or for another place, or it was changed")
	}
	return plaintext, nil
}

// reload reads the file again where it has got the key that made a ciphertext since: another process has rotated it.
func (s *Sealer) reload(sealed []byte) bool {
	id, ok := keyID(sealed)
	if s.file == nil || !ok || s.state.Load().has(id) {
		return false
	}
	s.rotating.Lock()
	defer s.rotating.Unlock()
	next, err := s.file.load()
	if err != nil || !next.has(id) {
		return false
	}
	s.state.Store(next)
	return true
}

// has tells whether the keyset has a key of that id.
func (s *state) has(id uint32) bool {
	if s.handle == nil {
		return false
	}
	for i := range s.handle.Len() {
		if e, err := s.handle.Entry(i); err == nil && e.KeyID() == id {
			return true
		}
	}
	return false
}

// keyID is the id of the key that made a ciphertext.
func keyID(sealed []byte) (id uint32, ok bool) {
	if len(sealed) < keyIDEnd {
		return 0, false
	}
	return binary.BigEndian.Uint32(sealed[keyIDStart:keyIDEnd]), true
}

// decode is the ciphertext of a token.
func decode(token string) ([]byte, error) {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	switch {
	case !ok && IsSealed(token):
		return nil, fault.New(fault.Invalid, "a sealed secret has a format that this version does not know")
	case !ok:
		return nil, fault.New(fault.Invalid, "a secret is not sealed")
	}
	sealed, err := encoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return nil, fault.New(fault.Invalid, "a sealed secret is damaged")
	}
	return sealed, nil
}

// keyIDStart and keyIDEnd are where Tink writes a ciphertext's key id, behind
// a version byte.
const keyIDStart, keyIDEnd = 1, 5

// Stale says whether a token opens, but with a key that is not the one that
// seals now: seal its secret anew after a rotation. With New it is always false.
func (s *Sealer) Stale(token string) bool {
	sealed, err := decode(token)
	handle := s.state.Load().handle
	id, ok := keyID(sealed)
	if err != nil || handle == nil || !ok {
		return false
	}
	primary, err := handle.Primary()
	return err == nil && id != primary.KeyID()
}

// Rotate adds a key to the keyset and seals with it from now on; what older
// keys sealed still opens. It starts from the file, which another process may
// have rotated, and the new keyset is durable before it is used.
func (s *Sealer) Rotate() error {
	if s.file == nil {
		return fault.New(fault.Unsupported, "the master key is kept elsewhere, and is rotated there")
	}
	s.rotating.Lock()
	defer s.rotating.Unlock()
	current, err := s.file.load()
	if err != nil {
		return err
	}
	next, err := withNewPrimary(keyset.NewManagerFromHandle(current.handle))
	if err != nil {
		return err
	}
	if err := s.file.replace(next.handle); err != nil {
		return err
	}
	s.state.Store(next)
	return nil
}

// withNewPrimary adds an AES-256-GCM key and makes it the one that seals.
func withNewPrimary(manager *keyset.Manager) (*state, error) {
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = manager.SetPrimary(id)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a master key cannot be made")
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a master key cannot be made")
	}
	return newState(handle)
}

func newState(handle *keyset.Handle) (*state, error) {
	a, err := aead.New(handle)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the master key is not for authenticated encryption")
	}
	return &state{aead: a, handle: handle}, nil
}
