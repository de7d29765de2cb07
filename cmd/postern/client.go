package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/postern-gateway/postern/internal/apply"
	"github.com/postern-gateway/postern/internal/config"
)

// connect reads admin.json of the data directory and makes a client of it.
func connect(dataDir string) (*apply.Client, config.Admin, error) {
	if dataDir == "" {
		if env, ok := os.LookupEnv("POSTERN_DATA_DIR"); ok {
			dataDir = env
		} else {
			var err error
			if dataDir, err = config.DefaultDataDir(os.LookupEnv); err != nil {
				return nil, config.Admin{}, err
			}
		}
	}
	admin, err := config.ReadAdmin(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, admin, fmt.Errorf("there is no %s in %s: start postern serve first, or name its data directory with --data-dir", config.AdminFile, dataDir)
	}
	if err != nil {
		return nil, admin, err
	}
	client, err := admin.Client()
	if err != nil {
		return nil, admin, err
	}
	return &apply.Client{HTTP: client, URL: admin.ManagementURL, Token: admin.BearerToken}, admin, nil
}

// clientError tells a server's refusal from one that could not be reached.
func clientError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*apply.ServerError](err); ok {
		return refusal{err}
	}
	return fmt.Errorf("%w (is postern serve running?)", err)
}

// decodeBytes reads base64 that the server wrote.
func decodeBytes(text string) ([]byte, error) { return base64.StdEncoding.DecodeString(text) }
