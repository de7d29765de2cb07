package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/identity/azure"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/store/seal/kms"
)

// storeDir is the directory of the embedded store.
func storeDir(cfg config.Config) string { return filepath.Join(cfg.DataDir, "etcd") }

// masterKeyFile is the file of the master key.
func masterKeyFile(cfg config.Config) string {
	if cfg.MasterKey != "" {
		return cfg.MasterKey
	}
	return filepath.Join(cfg.DataDir, seal.FileName)
}

// openSealer opens the master key. Where there is a store the key must be there: a store without its key is an error, not
// a reason for a new key.
func openSealer(cfg config.Config) (*seal.Sealer, error) {
	_, err := os.Stat(storeDir(cfg))
	o := seal.Config{File: masterKeyFile(cfg), Keyset: cfg.MasterKeyset, Existing: err == nil}
	if cfg.MasterKeyKMS != "" {
		outside, err := azure.New(azure.Settings(cfg.Azure), nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
		credential, err := outside.Credential("")
		if err != nil && strings.HasPrefix(cfg.MasterKeyKMS, "https://") {
			return nil, fmt.Errorf("%w: --master-key-kms: %w", ErrConfig, err)
		}
		if o.KMS, err = kms.Open(cfg.MasterKeyKMS, kms.Options{Credential: credential}); err != nil {
			return nil, fmt.Errorf("%w: --master-key-kms: %w", ErrConfig, err)
		}
	}
	return seal.OpenConfig(o)
}

// warnOfMasterKey says so where whoever copies the data directory has the secrets too.
func (c *components) warnOfMasterKey() {
	if c.cfg.MasterKeyset != "" || c.cfg.MasterKeyKMS != "" {
		return
	}
	file, err := filepath.Abs(masterKeyFile(c.cfg))
	dir, err2 := filepath.Abs(c.cfg.DataDir)
	if err != nil || err2 != nil || !strings.HasPrefix(file, dir+string(filepath.Separator)) {
		return
	}
	c.log.LogAttrs(context.Background(), slog.LevelWarn, "the master key lies beside the store that it seals: keep it elsewhere with --master-key, and a copy of it apart from backups",
		slog.String("file", file))
}
