package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// Peer is a certificate that a client presented, with those that it sent beside it. It remembers
// the verdicts of the Trust that judged it last.
type Peer struct {
	leaf *Info
	sent []*Info

	mu   sync.Mutex
	bare atomic.Pointer[memory]
	// full are the verdicts with revocation, by epoch, so that trusts of several revocation modes do not push each other out.
	full [memories]atomic.Pointer[memory]
}

// memories is how many verdicts with revocation a Peer remembers.
const memories = 4

// NewPeer makes a Peer that no Cache shares.
func NewPeer(leaf *cert.Certificate, sent []*cert.Certificate) *Peer {
	return &Peer{leaf: NewInfo(leaf), sent: infos(firstSent(sent))}
}

// Certificate is the certificate that the client presented.
func (p *Peer) Certificate() *cert.Certificate { return p.leaf.Cert }

// Sent are the certificates beside it.
func (p *Peer) Sent() []*cert.Certificate {
	list := make([]*cert.Certificate, len(p.sent))
	for n, i := range p.sent {
		list[n] = i.Cert
	}
	return list
}

// DefaultCacheSize is how many peers a Cache keeps.
const DefaultCacheSize = 16384

// cacheShards is a power of two, so that the key's first octet chooses one.
const cacheShards = 16

// Cache keeps peers, so that all connections of one client share what was found out about its
// certificate. It is bounded and safe for concurrent use; a hit allocates nothing.
type Cache struct {
	perShard int
	shards   [cacheShards]shard
}

type shard struct {
	mu    sync.RWMutex
	peers map[[32]byte]*Peer
}

// NewCache makes a Cache of about size peers; 0 means DefaultCacheSize.
func NewCache(size int) *Cache {
	if size <= 0 {
		size = DefaultCacheSize
	}
	c := &Cache{perShard: (size + cacheShards - 1) / cacheShards}
	for n := range c.shards {
		c.shards[n].peers = make(map[[32]byte]*Peer)
	}
	return c
}

// Peer is the peer with the given certificates in DER, the leaf first, as a handshake has them.
// It reads them only if they are new. Certificates beside the leaf that cannot be read are left
// out; for the leaf that is a fault.Invalid.
func (c *Cache) Peer(raw [][]byte) (*Peer, error) {
	if len(raw) == 0 {
		return nil, fault.New(fault.Invalid, "no certificate")
	}
	key := peerKey(raw)
	s := &c.shards[key[0]%cacheShards]
	s.mu.RLock()
	p := s.peers[key]
	s.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	p, err := readPeer(raw)
	if err != nil {
		return nil, err
	}
	return s.keep(key, p, c.perShard), nil
}

// Len is the number of peers that are kept.
func (c *Cache) Len() int {
	n := 0
	for i := range c.shards {
		c.shards[i].mu.RLock()
		n += len(c.shards[i].peers)
		c.shards[i].mu.RUnlock()
	}
	return n
}

// peerKey is a digest of the certificates and of where each ends.
func peerKey(raw [][]byte) [32]byte {
	h := sha256.New()
	var length [8]byte
	for _, c := range raw {
		binary.BigEndian.PutUint64(length[:], uint64(len(c)))
		h.Write(length[:]) //nolint:errcheck // never fails
		h.Write(c)         //nolint:errcheck // never fails
	}
	var key [32]byte
	h.Sum(key[:0])
	return key
}

func readPeer(raw [][]byte) (*Peer, error) {
	leaf, err := cert.Parse(raw[0])
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the certificate cannot be read")
	}
	var sent []*cert.Certificate
	for _, r := range raw[1:min(len(raw), 1+maxSent)] {
		if c, err := cert.Parse(r); err == nil {
			sent = append(sent, c)
		}
	}
	return NewPeer(leaf, sent), nil
}

// keep puts a peer into the shard, unless another was quicker, and drops one at random where there is no room.
func (s *shard) keep(key [32]byte, p *Peer, room int) *Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.peers[key]; old != nil {
		return old
	}
	for victim := range s.peers {
		if len(s.peers) < room {
			break
		}
		delete(s.peers, victim)
	}
	s.peers[key] = p
	return p
}
