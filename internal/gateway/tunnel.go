package gateway

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
)

// tunnels are the switched connections that are open. Policies judged their clients' certificates when they began and
// never look at them again, so that the server does, whenever the trust has changed.
type tunnels struct {
	mu   sync.Mutex
	open map[*tunnel]struct{}
}

// tunnel is the backend's end of a switched connection; closing it ends the client's.
type tunnel struct {
	io.ReadWriteCloser
	all  *tunnels
	peer *message.Peer
	id   message.ID
}

// watch notes the tunnel of an exchange until it is closed.
func (t *tunnels) watch(x *message.Exchange, backend io.ReadWriteCloser) io.ReadWriteCloser {
	if x.Conn.TLS == nil || x.Conn.TLS.Peer == nil {
		return backend
	}
	made := &tunnel{ReadWriteCloser: backend, all: t, peer: x.Conn.TLS.Peer, id: x.ID}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[*tunnel]struct{}{}
	}
	t.open[made] = struct{}{}
	return made
}

// Close implements io.Closer.
func (t *tunnel) Close() error {
	t.all.mu.Lock()
	delete(t.all.open, t)
	t.all.mu.Unlock()
	return t.ReadWriteCloser.Close()
}

// recheck ends the tunnels whose client was trusted by the judge before and is not by the judge now. A client that was
// not trusted before was let in by a policy that does not ask for trust, and stays.
func (t *tunnels) recheck(before, now Judge, log *slog.Logger) {
	t.mu.Lock()
	list := make([]*tunnel, 0, len(t.open))
	for open := range t.open {
		list = append(list, open)
	}
	t.mu.Unlock()
	ctx := context.Background()
	for _, open := range list {
		if !before.VerifyPeer(ctx, open.peer, true).OK {
			continue
		}
		verdict := now.VerifyPeer(ctx, open.peer, true)
		if verdict.OK {
			continue
		}
		log.LogAttrs(ctx, slog.LevelInfo, "connection ended: its client certificate is not trusted any more",
			slog.String(logkey.RequestID, open.id.String()), slog.String(logkey.Cert, open.peer.Leaf.Thumbprint()),
			slog.String(logkey.Reason, verdict.Explanation))
		_ = open.Close()
	}
}
