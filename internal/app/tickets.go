package app

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// ticketSecretKey is where the secret is that the nodes of a cluster make the keys of session tickets from. It is sealed
// for the key itself, as owners tells key rotation.
const ticketSecretKey = "/gateway/ticket-secret"

// openTickets reads the secret of session tickets, or makes it.
func (c *components) openTickets(ctx context.Context) (err error) {
	c.ticketSecret, err = ticketSecret(ctx, c.store, c.sealer)
	return err
}

// ticketSecret is the secret that every node of the store has; the first one makes it.
func ticketSecret(ctx context.Context, s store.Store, sealer *seal.Sealer) ([]byte, error) {
	e, err := s.Get(ctx, ticketSecretKey)
	switch {
	case err == nil:
		secret, err := sealer.Unseal(ticketSecretKey, string(e.Value))
		if err != nil {
			return nil, fmt.Errorf("the secret of session tickets: %w", err)
		}
		return secret, nil
	case fault.KindOf(err) != fault.NotFound:
		return nil, err
	}
	secret := make([]byte, gateway.TicketSecretBytes)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	token, err := sealer.Seal(ticketSecretKey, secret)
	if err != nil {
		return nil, err
	}
	_, err = s.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(ticketSecretKey)}, Then: []store.Op{store.Put(ticketSecretKey, []byte(token))}})
	if err != nil && fault.KindOf(err) == fault.PreconditionFailed { // another node was first
		return ticketSecret(ctx, s, sealer)
	}
	return secret, err
}
