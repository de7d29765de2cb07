/** routes are the pages' addresses. */
export const routes = {
  overview: "/",
  apis: "/apis",
  certificates: "/security/certificates",
  authorities: "/security/ca-certificates",
  identities: "/security/managed-identities",
  domains: "/deployment/custom-domains",
  vaults: "/key-vault",
  tryIt: "/tools/try",
  lab: "/tools/lab",
} as const;
