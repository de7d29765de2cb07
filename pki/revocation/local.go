package revocation

import (
	"bytes"
	"sync"

	"github.com/postern-gateway/postern/pki/cert"
)

// localLists remembers what the lists of a Local say, until they change.
type localLists struct {
	mu    sync.Mutex
	lists map[[32]byte]*localList
}

type localList struct {
	der  []byte
	list *CRL
	err  error
}

// of is the list of issuer that needs no download, nil if there is none.
func (l *localLists) of(source Local, issuer *cert.Certificate) *localList {
	if source == nil {
		return nil
	}
	raw, ok := source.CRL(issuer)
	if !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.lists[issuer.SHA256]; old != nil && bytes.Equal(old.der, raw) {
		return old
	}
	list, err := ParseCRL(raw)
	if err == nil {
		list.origin = originLocal
	}
	n := &localList{der: bytes.Clone(raw), list: list, err: err}
	if l.lists == nil || len(l.lists) >= maxKept {
		l.lists = make(map[[32]byte]*localList)
	}
	l.lists[issuer.SHA256] = n
	return n
}
