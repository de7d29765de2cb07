// Package bettertls runs the path building and name constraints suites of Netflix's BetterTLS against pki/chain.
// The results are in ../bettertls.md; `make compat` runs it.
package bettertls
