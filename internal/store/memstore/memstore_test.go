package memstore

import (
	"testing"

	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s := New()
		t.Cleanup(func() { s.Close() })
		return s
	})
}
