// Package azure runs Azure's own clients, unmodified, against the built
// binary: for Go those of Key Vault secrets and certificates, of identities
// and of API Management; for JavaScript those of identities, secrets and
// certificates (js/). `make compat` adds the vault's names to the hosts file,
// which these clients need and Debian's resolver does not know.
package azure
