// Package reference resolves references to secrets of vaults: those of
// certificates, host names and named values, in Azure Key Vault and in the
// embedded vault alike, by Azure's own client.
//
// A Resolver fetches one secret now. A Refresher looks at all references that
// stored resources hold, again and again: a reference without a version gets
// a new version on its own. What cannot be fetched keeps its last good value;
// its Status says what is wrong and since when, and mends by itself.
//
// # Trust
//
// A token goes to a vault only, since whoever may write a resource chooses the
// address: hosts are those of the embedded vault and those below the suffixes
// that are configured (Azure's by default); the client refuses a challenge for
// another authority than its host's (aka.ms/azsdk/blog/vault-uri), redirects
// are not followed, and addresses are checked when they are dialled.
package reference
