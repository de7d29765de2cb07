import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import * as data from "./data.ts";

type Answer = [status: number, body: unknown];
let signedIn = true;

async function bodyOf(req: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of req) text += String(chunk);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

const refuse = (status: number, code: string, message: string, target?: string): Answer => [status, { error: { code, message, target } }];

function session(method: string, body: Record<string, unknown>): Answer {
  if (method === "DELETE") signedIn = false;
  if (method === "POST") {
    if (body.token === "wrong") return refuse(401, "InvalidAuthenticationToken", "The token is not valid.");
    signedIn = true;
  }
  if (method === "DELETE") return [204, undefined];
  return signedIn ? [200, data.session] : refuse(401, "Unauthenticated", "Sign in first.");
}

function fixed(path: string): unknown {
  const table: Record<string, unknown> = {
    overview: data.overview,
    certificates: { certificates: data.certificates.map((c) => c.details) },
    authorities: { authorities: data.authorities },
    identities: { identities: data.identities },
    vaults: { vaults: [{ name: "default", url: "https://default.vault.localhost:9444", id: "/subscriptions/x/vaults/default" }] },
    "vaults/default/certificates": { value: data.vaultCertificates },
    "vaults/default/secrets": { value: data.vaultSecrets },
    "policies/snippets": { snippets: data.snippets },
    uses: {
      uses: [
        {
          id: `${data.serviceId}/apis/orders/policies/policy`,
          kind: "policy",
          name: "orders",
          detail: "validate-client-certificate",
          line: 4,
        },
      ],
    },
  };
  if (path.startsWith("requests/")) return data.decision;
  if (/^vaults\/default\/(certificates|secrets)\/[^/]+\/versions$/.test(path)) return { value: data.versions };
  return table[path];
}

function posted(path: string, body: Record<string, unknown>): Answer {
  switch (path) {
    case "certificates/inspect":
      if (body.password === "wrong") return refuse(400, "ValidationError", "The password is wrong.", "password");
      return [200, data.inspection];
    case "policies/check":
      return [
        200,
        {
          diagnostics: String(body.text).includes("oops")
            ? [
                {
                  line: 3,
                  column: 9,
                  endLine: 3,
                  endColumn: 17,
                  code: "CS0103",
                  severity: "error",
                  message: "The name 'oops' does not exist in the current context",
                },
              ]
            : [],
        },
      ];
    case "policies/complete":
      return [
        200,
        {
          items: [{ label: "set-header", kind: "element", doc: "Sets a header.", insert: "set-header" }],
          from: { line: body.line, column: body.column },
        },
      ];
    case "handshake":
      return [
        200,
        {
          ok: true,
          version: "TLS 1.3",
          cipher: "TLS_AES_128_GCM_SHA256",
          alpn: "h2",
          asksForClientCertificate: true,
          acceptableAuthorities: [],
          serverCertificates: [
            {
              subject: "CN=api.contoso.example",
              issuer: "CN=Contoso Issuing CA",
              thumbprint: "AB12",
              notAfter: data.inDays(200),
              dnsNames: ["api.contoso.example"],
            },
          ],
          sni: true,
          durationMs: 3,
        },
      ];
    case "try":
      return [
        200,
        {
          status: 403,
          reason: "Invalid client certificate",
          headers: [
            ["Content-Type", "application/json"],
            ["Date", "now"],
          ],
          body: '{"statusCode":403}',
          bodyTruncated: false,
          durationMs: 12,
          requestId: "x",
          decision: data.decision,
        },
      ];
    default:
      return [200, {}];
  }
}

function arm(method: string, path: string): Answer {
  const rest = path.slice(data.serviceId.length);
  if (method === "DELETE") return [200, undefined];
  if (method !== "GET")
    return rest.startsWith("/certificates/fail")
      ? refuse(400, "ValidationError", "The certificate could not be loaded: it is no certificate.")
      : [200, data.service];
  if (rest === "") return [200, data.service];
  if (rest === "/certificates") return [200, { value: data.certificates.map((c) => c.arm) }];
  if (rest === "/apis") return [200, { value: data.apis }];
  if (rest.endsWith("/operations")) return [200, { value: data.operations }];
  if (rest.endsWith("/policies")) return [200, { value: [{ name: "policy" }] }];
  if (rest.endsWith("/policies/policy")) return [200, { properties: { format: "rawxml", value: data.policy } }];
  const api = data.apis.find((a) => a.id === path);
  return api ? [200, api] : refuse(404, "ResourceNotFound", "Not found.");
}

async function answer(req: IncomingMessage): Promise<Answer> {
  const path = new URL(req.url ?? "/", "http://mock").pathname;
  const method = req.method ?? "GET";
  const body = method === "GET" ? {} : await bodyOf(req);
  if (path === "/postern/v1/session") return session(method, body);
  if (path.startsWith("/subscriptions/")) return arm(method, path);
  const name = path.slice("/postern/v1/".length);
  if (method !== "GET") return posted(name, body);
  const found = fixed(name);
  return found ? [200, found] : refuse(404, "NotFound", `There is no ${name}.`);
}

/** mockApi answers the management API from made-up data on Vite's development server. */
export function mockApi(): Plugin {
  return {
    name: "mock-api",
    configureServer(server) {
      server.middlewares.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
        if (!/^\/(postern|subscriptions)\//.test(req.url ?? "")) return next();
        void answer(req).then(([status, body]) => {
          res.writeHead(status, { "Content-Type": "application/json", ETag: '"1"' });
          res.end(body === undefined ? undefined : JSON.stringify(body));
        });
      });
    },
  };
}
