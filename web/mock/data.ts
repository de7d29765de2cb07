// Made-up data for looking at the pages without a server: `npx vite --mode mock`.

export const serviceId =
  "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/local/providers/Microsoft.ApiManagement/service/postern";
const day = 86_400_000;
export const inDays = (n: number) => new Date(Date.now() + n * day).toISOString();
const sha1 = (n: number) => Array.from({ length: 40 }, (_, i) => "0123456789ABCDEF"[(i * 7 + n * 13) % 16]).join("");
const sha256 = (n: number) => Array.from({ length: 64 }, (_, i) => "0123456789ABCDEF"[(i * 11 + n * 5) % 16]).join("");

export const session = {
  principal: { id: "11111111-1111-1111-1111-111111111111", name: "administrator" },
  csrfToken: "mock",
  expires: inDays(1),
  service: {
    id: serviceId,
    name: "postern",
    subscriptionId: "00000000-0000-0000-0000-000000000001",
    resourceGroup: "local",
    sku: "Developer",
  },
  urls: {
    gateway: "https://localhost:8443",
    management: "https://localhost:9443",
    vault: "https://default.vault.localhost:9444",
    ops: "http://127.0.0.1:9090",
  },
  version: "0.3.0",
};

const explanation = {
  reason: "revocationUnknown",
  summary:
    "CN=client-17 is not trusted: whether CN=Partner Issuing CA 2 is revoked is not known, as http://crl.partner.example/root.crl gave no answer.",
  paths: [
    {
      certificates: [
        "CN=client-17, OU=Payments, O=Partner GmbH, C=DE",
        "CN=Partner Issuing CA 2, O=Partner GmbH, C=DE",
        "CN=Partner Root CA, O=Partner GmbH, C=DE",
      ],
      reason: "revocationUnknown",
      at: 1,
      detail: "GET http://crl.partner.example/root.crl: connection refused",
      trusted: true,
      failures: [{ at: 1, reason: "revocationUnknown", flag: "RevocationStatusUnknown" }],
      revocation: [
        { certificate: "CN=client-17", status: "good", detail: "CRL number 42 of http://crl.partner.example/issuing2.crl" },
        { certificate: "CN=Partner Issuing CA 2", status: "unknown", detail: "no list" },
      ],
    },
  ],
  notes: ["The client sent 2 certificates."],
};

export const decision = {
  requestId: "0f8fad5b-d9cb-469f-a165-70867728950e",
  time: inDays(-0.01),
  method: "GET",
  host: "localhost:8443",
  path: "/orders/42",
  api: "orders",
  operation: "get-order",
  status: 403,
  reason: "revocationUnknown",
  message: "Invalid client certificate",
  policy: { scope: "api", element: "validate-client-certificate", line: 4, column: 9 },
  certificate: {
    subject: "CN=client-17, OU=Payments, O=Partner GmbH, C=DE",
    issuer: "CN=Partner Issuing CA 2, O=Partner GmbH, C=DE",
    thumbprint: sha1(3),
    notAfter: inDays(90),
  },
  verdict: { verify: false, status: ["RevocationStatusUnknown", "OfflineRevocation"], explanation },
};

export const overview = {
  service: { ...session.service, gatewayUrl: session.urls.gateway },
  addresses: Object.entries(session.urls).map(([name, url]) => ({ name, url })),
  expiring: [
    {
      kind: "client",
      id: `${serviceId}/certificates/partner`,
      name: "partner",
      subject: "CN=partner.example",
      thumbprint: sha1(1),
      notAfter: inDays(9),
      daysLeft: 9,
      inUse: true,
    },
    {
      kind: "ca",
      id: serviceId,
      name: "Partner Issuing CA 2",
      subject: "CN=Partner Issuing CA 2, O=Partner GmbH, C=DE",
      thumbprint: sha1(8),
      notAfter: inDays(40),
      daysLeft: 40,
      inUse: true,
    },
    {
      kind: "server",
      id: serviceId,
      name: "api.contoso.example",
      subject: "CN=api.contoso.example",
      thumbprint: sha1(9),
      notAfter: inDays(200),
      daysLeft: 200,
      inUse: true,
    },
  ],
  refusals: {
    since: inDays(-1),
    total: 37,
    byReason: [
      { reason: "noCertificate", count: 24, last: inDays(-0.002) },
      { reason: "revocationUnknown", count: 9, last: inDays(-0.01) },
      { reason: "thumbprintMismatch", count: 4, last: inDays(-0.3) },
    ],
    recent: [
      decision,
      { ...decision, requestId: "2", reason: "noCertificate", certificate: null, verdict: null, message: "Client certificate missing" },
    ],
  },
};

export const certificates = [
  { name: "partner", subject: "CN=partner.example", days: 9, vault: true, ok: true, uses: 2 },
  {
    name: "backend-mtls",
    subject: "CN=orders-backend, OU=Integration, O=Contoso Ltd, L=Utrecht, C=NL",
    days: 320,
    vault: false,
    ok: true,
    uses: 0,
  },
  { name: "legacy", subject: "CN=legacy.contoso.example", days: -12, vault: true, ok: false, uses: 1 },
].map((c, n) => ({
  arm: {
    id: `${serviceId}/certificates/${c.name}`,
    type: "Microsoft.ApiManagement/service/certificates",
    name: c.name,
    properties: {
      subject: c.subject,
      thumbprint: sha1(n),
      expirationDate: inDays(c.days),
      ...(c.vault
        ? {
            keyVault: {
              secretIdentifier: `https://default.vault.localhost:9444/secrets/${c.name}`,
              identityClientId: null,
              lastStatus: c.ok
                ? { code: "Success", timeStampUtc: inDays(-0.1) }
                : {
                    code: "SecretNotFound",
                    message: "A secret with (name/id) legacy was not found in this key vault.",
                    timeStampUtc: inDays(-0.1),
                  },
            },
          }
        : {}),
    },
  },
  details: {
    id: `${serviceId}/certificates/${c.name}`,
    subject: c.subject,
    issuer: "CN=Contoso Issuing CA",
    thumbprint: sha1(n),
    thumbprintSha256: sha256(n),
    notBefore: inDays(c.days - 365),
    notAfter: inDays(c.days),
    hasPrivateKey: true,
    pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    uses: c.uses,
  },
}));

export const authorities = [
  { cn: "Partner Root CA", store: "Root", parent: null, days: 3000 },
  { cn: "Partner Issuing CA 2", store: "CertificateAuthority", parent: 0, days: 40 },
  { cn: "Partner Devices CA", store: "CertificateAuthority", parent: 1, days: 400 },
  { cn: "Contoso Root R1", store: "Root", parent: null, days: 1200 },
].map((a, index) => ({
  index,
  storeName: a.store,
  subject: `CN=${a.cn}, O=Partner GmbH, C=DE`,
  issuer: "CN=Partner Root CA, O=Partner GmbH, C=DE",
  thumbprint: sha1(index + 20),
  thumbprintSha256: sha256(index + 20),
  notBefore: inDays(-300),
  notAfter: inDays(a.days),
  pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  parent: a.parent,
}));

export const service = {
  id: serviceId,
  name: "postern",
  type: "Microsoft.ApiManagement/service",
  location: "local",
  etag: "1",
  sku: { name: "Developer", capacity: 1 },
  identity: { type: "SystemAssigned", principalId: "22222222-2222-2222-2222-222222222222" },
  properties: {
    gatewayUrl: session.urls.gateway,
    enableClientCertificate: false,
    hostnameConfigurations: [
      {
        type: "Proxy",
        hostName: "localhost",
        defaultSslBinding: false,
        negotiateClientCertificate: false,
        certificateSource: "BuiltIn",
        certificateStatus: "Completed",
        certificate: { subject: "CN=localhost", thumbprint: sha1(30), expiry: inDays(500) },
      },
      {
        type: "Proxy",
        hostName: "api.contoso.example",
        defaultSslBinding: true,
        negotiateClientCertificate: true,
        certificateSource: "Custom",
        certificateStatus: "Completed",
        certificate: { subject: "CN=api.contoso.example", thumbprint: sha1(31), expiry: inDays(200) },
      },
      {
        type: "Proxy",
        hostName: "*.partners.contoso.example",
        keyVaultId: "https://default.vault.localhost:9444/secrets/wildcard",
        defaultSslBinding: false,
        negotiateClientCertificate: true,
        certificateSource: "KeyVault",
        certificateStatus: "Completed",
        certificate: { subject: "CN=*.partners.contoso.example", thumbprint: sha1(32), expiry: inDays(20) },
      },
    ],
    certificates: authorities.map((a) => ({
      storeName: a.storeName,
      certificate: { subject: a.subject, thumbprint: a.thumbprint, expiry: a.notAfter },
    })),
  },
};

export const inspection = {
  leaf: 0,
  certificates: [
    {
      subject: "CN=client-17, OU=Payments, O=Partner GmbH, C=DE",
      issuer: "CN=Partner Issuing CA 2, O=Partner GmbH, C=DE",
      subjectName: "CN=client-17, OU=Payments, O=Partner GmbH, C=DE",
      issuerName: "CN=Partner Issuing CA 2, O=Partner GmbH, C=DE",
      thumbprint: sha1(3),
      thumbprintSha256: sha256(3),
      serialNumber: "4A3F00112233445566",
      notBefore: inDays(-275),
      notAfter: inDays(90),
      hasPrivateKey: true,
      keyAlgorithm: "1.2.840.10045.2.1",
      signatureAlgorithm: "sha256ECDSA",
      friendlyName: "",
      nameInfoSimpleName: "client-17",
      nameInfoEmailName: "",
      nameInfoUpnName: "",
      nameInfoDnsName: "client-17.partner.example",
      nameInfoUrlName: "",
      extensions: [
        { oid: "2.5.29.15", name: "X509v3 Key Usage", critical: true, format: "Digital Signature (80)" },
        { oid: "2.5.29.37", name: null, critical: false, format: "TLS Web Client Authentication" },
      ],
    },
  ],
  verify: { ok: false, status: ["RevocationStatusUnknown", "OfflineRevocation"], explanation },
  verifyNoRevocation: {
    ok: true,
    status: [],
    explanation: {
      summary: "The chain ends in a trusted root.",
      paths: [{ certificates: explanation.paths[0]?.certificates ?? [], at: 0 }],
    },
  },
  revocation: [
    {
      subject: "CN=client-17, OU=Payments, O=Partner GmbH, C=DE",
      kind: "crl",
      source: "http://crl.partner.example/issuing2.crl",
      number: "42",
      thisUpdate: inDays(-1),
      nextUpdate: inDays(6),
      status: "good",
      detail: "not on the list",
    },
    {
      subject: "CN=Partner Issuing CA 2, O=Partner GmbH, C=DE",
      kind: "crl",
      source: "http://crl.partner.example/root.crl",
      status: "unknown",
      detail: "connection refused",
    },
  ],
  admits: {
    hostnames: [
      { name: "localhost", asks: false, why: "Negotiate client certificate is off" },
      { name: "api.contoso.example", asks: true, why: "Negotiate client certificate is on" },
    ],
    policies: [
      {
        id: `${serviceId}/apis/orders/policies/policy`,
        scope: "api",
        api: "orders",
        outcome: "out",
        reason: "revocationUnknown",
        message: "Invalid client certificate",
        element: "validate-client-certificate",
        line: 4,
        column: 9,
      },
      {
        id: `${serviceId}/apis/hello/policies/policy`,
        scope: "api",
        api: "hello",
        outcome: "in",
        reason: "",
        message: "",
        element: "choose",
        line: 4,
        column: 9,
      },
    ],
  },
};

export const apis = [
  { name: "orders", displayName: "Orders", path: "orders", serviceUrl: "https://orders.internal.contoso.example" },
  { name: "hello", displayName: "Hello", path: "hello", serviceUrl: null },
].map((a) => ({
  id: `${serviceId}/apis/${a.name}`,
  name: a.name,
  type: "Microsoft.ApiManagement/service/apis",
  properties: {
    displayName: a.displayName,
    path: a.path,
    serviceUrl: a.serviceUrl,
    protocols: ["https"],
    subscriptionRequired: false,
    isCurrent: true,
    apiRevision: "1",
  },
}));

export const operations = [
  { name: "get-order", displayName: "Get order", method: "GET", urlTemplate: "/{id}" },
  { name: "create-order", displayName: "Create order", method: "POST", urlTemplate: "/" },
].map((o) => ({
  id: `${serviceId}/apis/orders/operations/${o.name}`,
  name: o.name,
  type: "Microsoft.ApiManagement/service/apis/operations",
  properties: { ...o, templateParameters: [] },
}));

export const policy = `<policies>
    <inbound>
        <base />
        <choose>
            <!-- only the partner's certificates -->
            <when condition="@(context.Request.Certificate == null || !context.Request.Certificate.Verify() || context.Request.Certificate.Thumbprint != "D2F40F2C3A1B")">
                <return-response>
                    <set-status code="403" reason="Invalid client certificate" />
                    <set-body>@{ var c = context.Request.Certificate; return c == null ? "none" : c.Subject; }</set-body>
                </return-response>
            </when>
        </choose>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
`;

export const snippets = [
  {
    name: "thumbprint",
    title: "Check a certificate's thumbprint",
    doc: "Only the certificate with this thumbprint is let in.",
    text: "<choose>…</choose>",
  },
  {
    name: "validate",
    title: "Validate client certificate",
    doc: "Chain, revocation and identities.",
    text: '<validate-client-certificate validate-revocation="true" />',
  },
];

export const identities = [
  {
    id: serviceId,
    name: "postern",
    kind: "SystemAssigned",
    principalId: "22222222-2222-2222-2222-222222222222",
    clientId: "33333333-3333-3333-3333-333333333333",
    permissions: [{ vault: "default", secrets: ["get"], certificates: [], keys: [] }],
  },
  {
    id: "/subscriptions/x/resourceGroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader",
    name: "reader",
    kind: "UserAssigned",
    principalId: "44444444-4444-4444-4444-444444444444",
    clientId: "55555555-5555-5555-5555-555555555555",
    permissions: [],
  },
];

const seconds = (n: number) => Math.floor((Date.now() + n * day) / 1000);
export const vaultCertificates = ["partner", "wildcard", "legacy"].map((name, n) => ({
  id: `https://default.vault.localhost:9444/certificates/${name}`,
  x5t: "abc",
  attributes: { enabled: true, created: seconds(-300), updated: seconds(-20), nbf: seconds(-300), exp: seconds(60 * n + 9) },
}));
export const versions = [2, 1].map((n) => ({
  id: `https://default.vault.localhost:9444/certificates/partner/0000000000000000000000000000000${n}`,
  attributes: { enabled: true, created: seconds(-100 / n), updated: seconds(-100 / n), nbf: seconds(-300), exp: seconds(9 * n) },
}));
export const vaultSecrets = [
  {
    id: "https://default.vault.localhost:9444/secrets/api-key",
    contentType: "text/plain",
    attributes: { enabled: true, created: seconds(-9), updated: seconds(-9) },
  },
];
