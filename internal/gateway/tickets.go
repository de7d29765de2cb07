package gateway

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/fault"
)

// Session tickets are sealed with keys that every node makes for itself from one secret: a key for each hostname
// configuration and window of time. Nodes with the same secret and the same configuration so resume each other's
// sessions, no hostname opens another's tickets, and a key is gone from use a window after it was the present one.
const (
	// ticketWindow is how long a key seals; it opens for one more.
	ticketWindow = 12 * time.Hour
	// ticketSkew is how far the clock of another node may be ahead.
	ticketSkew = 5 * time.Minute
	// ticketForm begins each ticket: the form and the window.
	ticketForm   = 1
	ticketHeader = 1 + 8
	// TicketSecretBytes is the least length of a ticket secret.
	TicketSecretBytes = 32
)

// ownSecret is the secret of a process that was given none.
var ownSecret = sync.OnceValue(func() []byte {
	secret := make([]byte, TicketSecretBytes)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	return secret
})

// ticketKeys seal and open the tickets of one hostname configuration. They are safe for concurrent use.
type ticketKeys struct {
	secret []byte
	digest [32]byte
	now    func() time.Time
	made   atomic.Pointer[[]ticketKey]
}

type ticketKey struct {
	window uint64
	aead   cipher.AEAD
}

// newTicketKeys makes the keys of the configuration of that digest; a nil secret is the process's own.
func newTicketKeys(secret []byte, digest [32]byte) (*ticketKeys, error) {
	if secret == nil {
		secret = ownSecret()
	}
	if len(secret) < TicketSecretBytes {
		return nil, fault.New(fault.Invalid, "the secret of session tickets is shorter than %d bytes", TicketSecretBytes)
	}
	return &ticketKeys{secret: secret, digest: digest, now: time.Now}, nil
}

func windowOf(t time.Time) uint64 { return uint64(t.Unix() / int64(ticketWindow/time.Second)) }

// key is the key of a window, made when it is first needed.
func (k *ticketKeys) key(window uint64) (cipher.AEAD, error) {
	var known []ticketKey
	if p := k.made.Load(); p != nil {
		known = *p
	}
	for _, e := range known {
		if e.window == window {
			return e.aead, nil
		}
	}
	info := append([]byte("postern session ticket 1\x00"), k.digest[:]...)
	info = binary.BigEndian.AppendUint64(info, window)
	raw, err := hkdf.Key(sha256.New, k.secret, nil, string(info), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	kept := []ticketKey{{window, aead}}
	for _, e := range known {
		if e.window+1 >= windowOf(k.now()) && len(kept) < 3 {
			kept = append(kept, e)
		}
	}
	k.made.Store(&kept) // another may have made the same; either will do
	return aead, nil
}

// seal makes a ticket of a session's state.
func (k *ticketKeys) seal(state []byte) ([]byte, error) {
	window := windowOf(k.now())
	aead, err := k.key(window)
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint64([]byte{ticketForm}, window)
	return aead.Seal(head, nil, state, head), nil
}

// open is the state in a ticket; false where it is not one of these keys', or too old.
func (k *ticketKeys) open(ticket []byte) ([]byte, bool) {
	if len(ticket) < ticketHeader || ticket[0] != ticketForm {
		return nil, false
	}
	window, now := binary.BigEndian.Uint64(ticket[1:]), k.now()
	present := windowOf(now)
	if window != present && window+1 != present && window != windowOf(now.Add(ticketSkew)) {
		return nil, false
	}
	aead, err := k.key(window)
	if err != nil {
		return nil, false
	}
	state, err := aead.Open(nil, nil, ticket[ticketHeader:], ticket[:ticketHeader])
	return state, err == nil
}
