package app

import (
	"bytes"
	"testing"

	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// TestTicketSecret: the nodes of one store have one secret, which is not stored in the clear; one that does not open is
// an error and not a reason for a new one.
func TestTicketSecret(t *testing.T) {
	dir := t.TempDir()
	sealer, err := seal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := memstore.New()
	one, err := ticketSecret(t.Context(), s, sealer)
	if err != nil || len(one) != gateway.TicketSecretBytes {
		t.Fatalf("%d bytes, %v", len(one), err)
	}
	two, err := ticketSecret(t.Context(), s, sealer)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("another node has another secret: %v", err)
	}
	e, err := s.Get(t.Context(), ticketSecretKey)
	if err != nil || bytes.Contains(e.Value, one) {
		t.Errorf("stored as %q, %v", e.Value, err)
	}
	stranger, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ticketSecret(t.Context(), s, stranger); err == nil {
		t.Error("a secret that does not open was replaced")
	}
}
