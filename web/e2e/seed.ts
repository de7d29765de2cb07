import { request, type APIRequestContext } from "@playwright/test";
import { readFileSync } from "node:fs";
import { hostName, type Pki } from "./pki";
import type { Postern } from "./server";

/** service is the ARM id of a new postern's service. */
export const service =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/postern/providers/Microsoft.ApiManagement/service/local";
const version = "api-version=2024-05-01";
const base64 = (path: string) => readFileSync(path).toString("base64");

/** What the pages look at. */
export interface Seed {
  /** A request that was refused. */
  refusedId: string;
}

const policy = `<policies>
    <inbound>
        <base />
        <validate-client-certificate validate-revocation="false" validate-trust="true" validate-not-before="true" validate-not-after="true">
            <identities>
                <identity common-name="partner-client" />
            </identities>
        </validate-client-certificate>
        <return-response>
            <set-body>@("Hello, " + context.Request.Certificate.Subject)</set-body>
        </return-response>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
`;

async function send(api: APIRequestContext, method: string, path: string, data?: unknown): Promise<unknown> {
  const answer = await api.fetch(path, {
    method,
    ...(data === undefined ? {} : { data }),
    headers: method === "PATCH" ? { "If-Match": "*" } : {},
  });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  const text = await answer.text();
  return text ? (JSON.parse(text) as unknown) : undefined;
}

async function serviceAndVault(api: APIRequestContext, pki: Pki): Promise<void> {
  await send(api, "PATCH", `${service}?${version}`, {
    identity: { type: "SystemAssigned" },
    properties: {
      hostnameConfigurations: [
        { type: "Proxy", hostName: "localhost" },
        {
          type: "Proxy",
          hostName,
          encodedCertificate: base64(pki.serverPfx),
          certificatePassword: pki.password,
          negotiateClientCertificate: true,
          defaultSslBinding: true,
        },
      ],
      certificates: [
        { storeName: "Root", encodedCertificate: base64(pki.root) },
        { storeName: "CertificateAuthority", encodedCertificate: readFileSync(pki.intermediate, "utf8") },
      ],
    },
  });
  await send(api, "POST", "/postern/v1/vaults/default/certificates/partner/import?api-version=7.5", {
    value: base64(pki.clientPfx),
    pwd: pki.password,
  });
  await send(api, "PUT", "/postern/v1/vaults/default/secrets/api-key?api-version=7.5", { value: "s3cret", contentType: "text/plain" });
  const { identities } = (await send(api, "GET", "/postern/v1/identities")) as { identities: { principalId: string }[] };
  await send(api, "POST", "/postern/v1/vaults/default/grant", {
    principalId: identities[0]?.principalId,
    secrets: ["get", "list"],
    certificates: ["get", "list"],
  });
}

async function resources(api: APIRequestContext, pki: Pki): Promise<void> {
  const { vaults } = (await send(api, "GET", "/postern/v1/vaults")) as { vaults: { url: string }[] };
  await send(api, "PUT", `${service}/certificates/partner?${version}`, {
    properties: { keyVault: { secretIdentifier: `${vaults[0]?.url}/secrets/partner` } },
  });
  await send(api, "PUT", `${service}/certificates/stranger?${version}`, {
    properties: { data: base64(pki.strangerPfx), password: pki.password },
  });
  await send(api, "PUT", `${service}/apis/hello?${version}`, {
    properties: { displayName: "Hello", path: "hello", protocols: ["https"], subscriptionRequired: false },
  });
  await send(api, "PUT", `${service}/apis/hello/operations/say-hello?${version}`, {
    properties: { displayName: "Say hello", method: "GET", urlTemplate: "/", templateParameters: [] },
  });
  await send(api, "PUT", `${service}/apis/hello/policies/policy?${version}`, { properties: { format: "rawxml", value: policy } });
}

/** seed fills a postern, so that its pages have something to show. */
export async function seed(postern: Postern, pki: Pki): Promise<Seed> {
  const api = await request.newContext({
    baseURL: postern.url,
    ignoreHTTPSErrors: true,
    extraHTTPHeaders: { Authorization: `Bearer ${postern.token}` },
  });
  await serviceAndVault(api, pki);
  await resources(api, pki);
  const call = { method: "GET", host: hostName, path: "/hello", headers: [] };
  await send(api, "POST", "/postern/v1/try", { ...call, certificate: null });
  const refused = (await send(api, "POST", "/postern/v1/try", {
    ...call,
    certificate: { pfx: base64(pki.strangerPfx), password: pki.password },
  })) as { requestId: string };
  await api.dispose();
  return { refusedId: refused.requestId };
}
