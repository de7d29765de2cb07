package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/backup"
	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/etcdstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/vault"
)

// The paths of the management listener that keep the store: rotation of its key, and backups. They need the administrator.
const (
	RotatePath = "/postern/v1/store/key/rotate"
	BackupPath = "/postern/v1/store/backup"
)

// keeping answers them.
type keeping struct {
	store        store.Store
	sealer       *seal.Sealer
	authenticate func(ctx context.Context, token string) (*identity.Principal, error)
	log          *slog.Logger
}

func (c *components) keeping() *keeping {
	return &keeping{c.store, c.sealer, c.directory.Authenticate, c.log.With(slog.String(logkey.Component, "store"))}
}

// owners are all who seal something in the store.
func owners() []seal.Owner {
	return []seal.Owner{
		resource.Sealed(), vault.Sealed(),
		{Prefix: "/", Places: func(e store.Entry) []string { return []string{e.Key} }}, // the others seal for the key itself
	}
}

func (k *keeping) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+RotatePath, k.guarded(k.rotate))
	mux.HandleFunc("GET "+BackupPath, k.guarded(k.backup))
	return mux
}

// guarded lets the administrator in.
func (k *keeping) guarded(answer func(w http.ResponseWriter, r *http.Request, p *identity.Principal) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, err := bearer(r)
		var p *identity.Principal
		if err == nil {
			p, err = k.authenticate(r.Context(), token)
		}
		if err == nil && p.Kind != identity.Administrator {
			err = fault.New(fault.Forbidden, "only the administrator may do this")
		}
		if err == nil {
			err = answer(w, r, p)
		}
		if err != nil {
			status, body := developmentError(err)
			writeJSON(w, status, body)
		}
	}
}

// rotate adds a key, and seals anew what older keys made, while everything goes on.
func (k *keeping) rotate(w http.ResponseWriter, r *http.Request, p *identity.Principal) error {
	if err := k.sealer.Rotate(); err != nil {
		return err
	}
	report, err := k.sealer.ResealAll(r.Context(), k.store, owners())
	if err != nil {
		return err
	}
	k.log.LogAttrs(r.Context(), slog.LevelInfo, "the master key was rotated", slog.String(logkey.Principal, p.ID),
		slog.Int("secrets", report.Tokens), slog.Any("left", report.Left))
	writeJSON(w, http.StatusOK, report)
	return nil
}

// backup sends a backup. A client knows that it is whole by reading it: one that was cut does not open.
func (k *keeping) backup(w http.ResponseWriter, r *http.Request, p *identity.Principal) error {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := &begun{w: w}
	h, err := backup.Write(r.Context(), k.store, k.sealer, out, time.Now())
	if err != nil && !out.yes {
		return err // nothing was sent yet
	}
	if err != nil {
		k.log.LogAttrs(r.Context(), slog.LevelError, "a backup was not written to its end", slog.Any(logkey.Error, err))
		panic(http.ErrAbortHandler) // so that the client sees an end that is none
	}
	k.log.LogAttrs(r.Context(), slog.LevelInfo, "a backup was made", slog.String(logkey.Principal, p.ID), slog.Int("entries", h.Entries), slog.Int64(logkey.Revision, h.Revision))
	return nil
}

// begun notes whether anything was written.
type begun struct {
	w   io.Writer
	yes bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.w.Write(p)
}

// refuseUnfinished is an error where a backup was restored by half.
func refuseUnfinished(ctx context.Context, st store.Store, cfg config.Config) error {
	unfinished, err := backup.Unfinished(ctx, st)
	if err == nil && unfinished {
		return fmt.Errorf("a backup was restored to %s and not to its end: remove that directory and restore again", storeDir(cfg))
	}
	return err
}

// Restore puts a backup into the data directory of cfg, whose store must be empty and not be running. The master key that
// made the backup must be where cfg says.
func Restore(ctx context.Context, cfg config.Config, in io.Reader) (backup.Header, error) {
	sealer, err := existingSealer(cfg)
	if err != nil {
		return backup.Header{}, err
	}
	h, entries, err := backup.Read(in, sealer)
	if err != nil {
		return h, err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return h, err
	}
	st, err := etcdstore.Embedded(etcdstore.Config{Dir: storeDir(cfg), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return h, err
	}
	return h, errors.Join(backup.Restore(ctx, st, entries), st.Close())
}

// existingSealer is openSealer where no new key may be made.
func existingSealer(cfg config.Config) (*seal.Sealer, error) {
	if cfg.MasterKeyset == "" {
		if _, err := os.Stat(masterKeyFile(cfg)); err != nil {
			return nil, fmt.Errorf("%w: the master key that made the backup is needed at %s (or give --master-key)", ErrConfig, filepath.Clean(masterKeyFile(cfg)))
		}
	}
	return openSealer(cfg)
}
