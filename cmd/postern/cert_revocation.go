package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/postern-gateway/postern/pki/revocation"
)

// revocationFlags say how `cert verify` asks for revocation.
type revocationFlags struct {
	resolve, allow, lists       []string
	mode, compat, proxy, blocks string
	nonce                       bool
}

func (o *revocationFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&o.resolve, "resolve", nil, "HOST:PORT=ADDR:PORT to fetch from in place of what the name resolves to")
	f.StringArrayVar(&o.allow, "fetch-allow", nil, "address prefix, beyond public addresses, that may be fetched from")
	f.StringVar(&o.proxy, "fetch-proxy", "", "proxy to fetch through, such as http://proxy.example:3128")
	f.StringArrayVar(&o.lists, "crl", nil, "revocation list, a file or an address, that is used before any is fetched")
	f.StringVar(&o.blocks, "block-list", "", "file of certificates that are refused whatever lists say")
	f.StringVar(&o.mode, "revocation-mode", "FailClosed", "what an unknown status means: FailClosed, FailOpen or FailOpenUntil=PT24H")
	f.StringVar(&o.compat, "revocation-compat", "", "None: by all lists and responders that the RFCs allow, as serve judges; DotNet: as .NET, where that is laxer too; left out: whom .NET asks, and nothing but proofs")
	f.BoolVar(&o.nonce, "ocsp-nonce", false, "send a nonce to OCSP responders")
}

// checker is what the flags ask for.
func (o *revocationFlags) checker() (*revocation.Checker, revocation.Mode, error) {
	mode, err := revocation.ParseMode(o.mode)
	if err != nil {
		return nil, mode, fmt.Errorf("--revocation-mode: %w", err)
	}
	switch o.compat {
	case "":
	case "None":
		mode.Wide = true
	case "DotNet":
		mode.Lax = true
	default:
		return nil, mode, fmt.Errorf("--revocation-compat: %q is not one of None, DotNet", o.compat)
	}
	fetch := revocation.FetchOptions{}
	if fetch.Allow, err = revocation.ParseAllow(o.allow); err != nil {
		return nil, mode, fmt.Errorf("--fetch-allow: %w", err)
	}
	if fetch.Resolve, err = revocation.ParseResolve(o.resolve); err != nil {
		return nil, mode, fmt.Errorf("--resolve: %w", err)
	}
	if fetch.Proxy, err = revocation.ParseProxy(o.proxy); err != nil {
		return nil, mode, fmt.Errorf("--fetch-proxy: %w", err)
	}
	named, err := revocation.NewNamed(o.lists, fetch)
	if err != nil {
		return nil, mode, fmt.Errorf("--crl: %w", err)
	}
	blocked := &revocation.BlockList{}
	if o.blocks != "" {
		if err := blocked.Watch(o.blocks); err != nil {
			return nil, mode, fmt.Errorf("--block-list: %w", err)
		}
	}
	return revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(fetch), Named: named, Blocked: blocked, Nonce: o.nonce}), mode, nil
}
