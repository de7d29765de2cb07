package app

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/postern-gateway/postern/internal/identity/azure"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// newCredentials makes the credentials by which references are read: our own tokens for our own vaults, the settings'
// for Azure's.
func (c *components) newCredentials() (reference.Credential, error) {
	outside, err := azure.New(azure.Settings(c.cfg.Azure), nil)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, clientID string, embedded bool) (azcore.TokenCredential, error) {
		if embedded {
			return azure.Own(c.directory, func(ctx context.Context) (string, error) { return c.identityOf(ctx, clientID) }), nil
		}
		credential, err := outside.Credential(clientID)
		if err != nil {
			return nil, &reference.Failure{Code: "CredentialUnusable", Message: err.Error()}
		}
		return credential, nil
	}, nil
}

// identityOf is the object id of the service's identity with that client id; empty: of the system-assigned one.
func (c *components) identityOf(ctx context.Context, clientID string) (string, error) {
	all, err := c.serviceIdentity(ctx)
	if err != nil {
		return "", err
	}
	if all.PrincipalID != "" && (clientID == "" || strings.EqualFold(clientID, all.ClientID)) {
		return all.PrincipalID, nil
	}
	for _, i := range all.UserAssigned {
		if clientID != "" && strings.EqualFold(clientID, i.ClientID) {
			return i.PrincipalID, nil
		}
	}
	if clientID == "" {
		return "", &reference.Failure{Code: "IdentityNotFound", Message: "The service has no system-assigned identity; switch it on, or name a user-assigned one by identityClientId."}
	}
	return "", &reference.Failure{Code: "IdentityNotFound", Message: "The service has no user-assigned identity with the client id '" + clientID + "'."}
}
