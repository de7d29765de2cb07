// Package vault is the engine of the embedded vault: secrets, certificates and
// the keys of certificates, with versions, soft delete, policies, issuance and
// access control, over a store and a sealer. It speaks no HTTP: package
// keyvault spells it as Azure Key Vault's data plane does.
//
// # Objects
//
// An object has a name, unique in its vault without regard to case, and
// versions. A secret is an object; a certificate is one too, and shows itself
// in three areas under one name and one version: as certificate, as the
// managed secret that holds its PFX or PEM, and as the managed key.
//
// In the store an object is one header and one record a version. Every change
// of an object rewrites its header on the condition that nobody else did, in
// the same transaction as everything else that it changes, so that a change is
// there whole or not at all, on every node.
//
// # Secrets at rest
//
// Values and private keys are sealed with the key of their record in the store
// as associated data: a ciphertext that is moved elsewhere does not open. They
// are in no log, and an answer holds them only where it was asked for them.
//
// # Access
//
// Open judges the network rules of the vault, each operation then the caller's
// permission: by the vault's access policies, or by role assignments where it
// says so. What is not allowed by name is refused.
//
// # Concurrency
//
// An Engine is safe for concurrent use. Run does what time brings: renewal,
// purge at the end of the retention, notices of expiry, events.
package vault
