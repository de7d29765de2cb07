package config

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/postern-gateway/postern/pki/revocation"
)

// Revocation is what serve is told of lists and responders.
type Revocation struct {
	// Lists are files and addresses of lists that the operator names; they are asked before anything is fetched.
	Lists []string
	// BlockList is a file of certificates that are refused whatever lists say; empty: none.
	BlockList string
	// Proxy is fetched through; nil: none.
	Proxy *url.URL
	// Refresh is how often lists and answers in use are asked for newer ones, at least.
	Refresh time.Duration
	// MaxListBytes bounds a list.
	MaxListBytes int64
	// Nonce sends a nonce to responders.
	Nonce bool
}

func setFetchProxy(c *Config, s string) (err error) {
	c.Revocation.Proxy, err = revocation.ParseProxy(s)
	return err
}

func setMaxList(c *Config, s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1<<10 || n > 1<<30 {
		return fmt.Errorf("%q is not a number of bytes from 1024 to 1073741824", s)
	}
	c.Revocation.MaxListBytes = n
	return nil
}

func setNonce(c *Config, s string) error {
	if s != "on" && s != "off" {
		return fmt.Errorf("%q is not one of on, off", s)
	}
	c.Revocation.Nonce = s == "on"
	return nil
}
