import { get, post } from "./http";
import type { ServiceInfo } from "./session";

/** Why a chain was judged as it was (the server's pki/chain.Explanation). */
export interface Explanation {
  reason?: string;
  summary: string;
  paths?: PathReport[];
  notes?: string[];
}

export interface PathReport {
  certificates: string[];
  /** Whether the path ends in a trusted root. */
  trusted?: boolean;
  reason?: string;
  at: number;
  detail?: string;
  /** All failures, each at the index of its certificate, with .NET's word for it. */
  failures?: { at: number; reason: string; flag?: string }[];
  /** What was found out about each certificate but the root, the leaf first. */
  revocation?: { certificate: string; status: string; detail?: string }[];
}

export interface Verdict {
  ok: boolean;
  status: string[];
  explanation: Explanation;
}

export interface Expiring {
  kind: "client" | "ca" | "server" | "vault" | "crl";
  id: string;
  name: string;
  subject: string;
  thumbprint: string;
  notAfter: string;
  daysLeft: number;
  inUse: boolean;
}

/** The whole decision about one request. */
export interface Decision {
  requestId: string;
  time: string;
  method: string;
  host: string;
  path: string;
  api: string;
  operation: string;
  status: number;
  reason: string;
  message: string;
  policy: { scope: string; element: string; line: number; column: number } | null;
  certificate: { subject: string; issuer: string; thumbprint: string; notAfter: string } | null;
  verdict: { verify: boolean; status: string[]; explanation: Explanation } | null;
}

export interface Overview {
  service: ServiceInfo & { gatewayUrl?: string };
  addresses: { name: string; url: string }[];
  expiring: Expiring[];
  refusals: { since: string; total: number; byReason: { reason: string; count: number; last: string }[]; recent: Decision[] };
}

export interface PublicCertificate {
  subject: string;
  issuer: string;
  thumbprint: string;
  thumbprintSha256: string;
  notBefore: string;
  notAfter: string;
  pem: string;
}

export type CertificateDetails = PublicCertificate & { id: string; hasPrivateKey: boolean; uses?: number };
export type Authority = PublicCertificate & { index: number; storeName: string; parent: number | null };

export interface Use {
  id: string;
  kind: string;
  name: string;
  detail: string;
  line?: number;
}

export interface InspectedCertificate {
  subject: string;
  issuer: string;
  subjectName: string;
  thumbprint: string;
  thumbprintSha256: string;
  serialNumber: string;
  notBefore: string;
  notAfter: string;
  hasPrivateKey: boolean;
  keyAlgorithm: string;
  signatureAlgorithm: string;
  friendlyName: string;
  nameInfoSimpleName: string;
  nameInfoEmailName: string;
  nameInfoUpnName: string;
  nameInfoDnsName: string;
  nameInfoUrlName: string;
  extensions: { oid: string; name: string | null; critical: boolean; format: string }[];
}

export interface RevocationState {
  subject: string;
  kind: "crl" | "ocsp" | "local" | "none";
  source: string;
  number?: string;
  thisUpdate?: string;
  nextUpdate?: string;
  status: "good" | "revoked" | "unknown";
  detail: string;
}

export interface PolicyAdmission {
  id: string;
  scope: string;
  api?: string;
  operation?: string;
  outcome: "in" | "out" | "unknown";
  reason: string;
  message: string;
  element: string;
  line: number;
  column: number;
}

export interface Inspection {
  certificates: InspectedCertificate[];
  leaf: number;
  verify: Verdict;
  verifyNoRevocation: Verdict;
  revocation: RevocationState[];
  admits: { hostnames: { name: string; asks: boolean; why: string }[]; policies: PolicyAdmission[] };
}

export interface InspectRequest {
  data: string;
  password?: string;
  extra?: string[];
  at?: string;
  clientCheck?: boolean;
}

export interface Handshake {
  ok: boolean;
  error?: string;
  version: string;
  cipher: string;
  alpn: string;
  asksForClientCertificate: boolean;
  acceptableAuthorities: string[];
  serverCertificates: { subject: string; issuer: string; thumbprint: string; notAfter: string; dnsNames: string[] }[];
  sni: boolean;
  durationMs: number;
}

export type ClientChoice = null | { development: { name: string } } | { pfx: string; password: string };

export interface TryRequest {
  method: string;
  host?: string;
  path: string;
  headers: [string, string][];
  body?: string;
  certificate: ClientChoice;
}

export interface TryResponse {
  status: number;
  reason: string;
  headers: [string, string][];
  body: string;
  bodyTruncated: boolean;
  durationMs: number;
  requestId: string;
  decision: Decision | null;
}

export interface Permission {
  vault: string;
  secrets: string[];
  certificates: string[];
  keys: string[];
}

export interface Identity {
  id: string;
  name: string;
  kind: "SystemAssigned" | "UserAssigned";
  principalId: string;
  clientId: string;
  permissions: Permission[];
}

const base = "/postern/v1";

export const overview = (signal?: AbortSignal) => get<Overview>(`${base}/overview`, signal);
export const decision = (id: string, signal?: AbortSignal) => get<Decision>(`${base}/requests/${encodeURIComponent(id)}`, signal);
export const certificates = async (signal?: AbortSignal) =>
  (await get<{ certificates: CertificateDetails[] }>(`${base}/certificates`, signal)).certificates;
export const authorities = async (signal?: AbortSignal) =>
  (await get<{ authorities: Authority[] }>(`${base}/authorities`, signal)).authorities;
export const inspect = (q: InspectRequest, signal?: AbortSignal) => post<Inspection>(`${base}/certificates/inspect`, q, signal);
export const uses = async (resource: string, signal?: AbortSignal) =>
  (await get<{ uses: Use[] }>(`${base}/uses?resource=${encodeURIComponent(resource)}`, signal)).uses;
export const handshake = (hostName: string) => post<Handshake>(`${base}/handshake`, { hostName });
export const tryIt = (q: TryRequest) => post<TryResponse>(`${base}/try`, q);
export const identities = async (signal?: AbortSignal) => (await get<{ identities: Identity[] }>(`${base}/identities`, signal)).identities;
export const grant = (vault: string, principalId: string) =>
  post<void>(`${base}/vaults/${encodeURIComponent(vault)}/grant`, {
    principalId,
    secrets: ["get", "list"],
    certificates: ["get", "list"],
  });
