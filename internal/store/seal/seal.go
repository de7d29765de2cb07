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
// seals with it from then on. A key management service can come to guard the
// keyset (Tink stores keysets encrypted by one) or to do the sealing itself
// (New takes any AEAD), and tokens stay as they are.
//
// # The master key
//
// Open keeps the keyset in DIR/master.key: JSON, readable by its owner alone.
// Without that file nothing that was sealed can be opened again: back it up,
// apart from the store. Nodes of one cluster need the same file.
package seal

import (
	"encoding/base64"
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
	file     string     // of the keyset; empty with New
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
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a sealed secret does not open: it was sealed with another key or for another place, or it was changed")
	}
	return plaintext, nil
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
	if err != nil || handle == nil || len(sealed) < keyIDEnd {
		return false
	}
	primary, err := handle.Primary()
	if err != nil {
		return false
	}
	id := uint32(0)
	for _, b := range sealed[keyIDStart:keyIDEnd] {
		id = id<<8 | uint32(b)
	}
	return id != primary.KeyID()
}

// Rotate adds a key to the keyset and seals with it from now on; what older
// keys sealed still opens. It starts from the file, which another process may
// have rotated, and the new keyset is durable before it is used.
func (s *Sealer) Rotate() error {
	if s.file == "" {
		return fault.New(fault.Unsupported, "this sealer's key is kept elsewhere and is rotated there")
	}
	s.rotating.Lock()
	defer s.rotating.Unlock()
	current, err := load(s.file)
	if err != nil {
		return err
	}
	next, err := withNewPrimary(keyset.NewManagerFromHandle(current.handle))
	if err != nil {
		return err
	}
	if err := replaceFile(s.file, next.handle); err != nil {
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
