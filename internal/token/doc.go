// Package token is the front that gives tokens: the part of the Microsoft
// identity platform that Azure's clients need to log in, the managed identity
// endpoints that processes on this machine ask, and the administration of
// long-lived tokens and applications.
//
// Answered are
//
//   - POST /{tenant}/oauth2/v2.0/token and /{tenant}/oauth2/token, grant
//     client_credentials with a secret or an assertion;
//   - the discovery documents and keys that clients read before and after;
//   - GET /metadata/endpoints, by which Terraform, az and the SDKs find a cloud;
//   - GET /msi/token in the shape of App Service, and, on a listener of its own
//     ([Server.Local]), GET /metadata/identity/oauth2/token in the shape of
//     virtual machines (IMDS);
//   - /postern/v1/tokens and /postern/v1/applications, for the administrator.
//
// Errors of the token endpoint have the shape and the codes (AADSTS…) of
// Microsoft Entra ID. There is one tenant; "common" and "organizations" name it too.
package token
