import { call, get } from "./http";
import { change } from "./operation";

export const apiVersion = "2024-05-01";

/** An ARM resource: P are its properties. */
export interface Resource<P> {
  id: string;
  name: string;
  type: string;
  properties: P;
}

/** What the server knows of a certificate that keeps it from being good, or soon will. */
export interface Finding {
  code: string;
  severity: "error" | "warning" | "info";
  message: string;
}

export interface CertificateInformation {
  expiry: string;
  thumbprint: string;
  subject: string;
}

export interface HostnameConfiguration {
  type: string;
  hostName: string;
  keyVaultId?: string | null;
  identityClientId?: string | null;
  encodedCertificate?: string;
  certificatePassword?: string;
  defaultSslBinding?: boolean;
  negotiateClientCertificate?: boolean;
  certificate?: CertificateInformation;
  certificateSource?: string;
  certificateStatus?: string;
  lastStatus?: LastStatus;
  rotates?: boolean;
}

export interface CertificateConfiguration {
  storeName: "Root" | "CertificateAuthority";
  encodedCertificate?: string;
  certificatePassword?: string;
  certificate?: CertificateInformation;
  report?: Finding[];
}

export interface ServiceProperties {
  gatewayUrl?: string;
  managementApiUrl?: string;
  provisioningState?: string;
  createdAtUtc?: string;
  publisherEmail?: string;
  publisherName?: string;
  enableClientCertificate?: boolean;
  hostnameConfigurations?: HostnameConfiguration[];
  certificates?: CertificateConfiguration[];
  customProperties?: Record<string, string>;
}

export interface Service extends Resource<ServiceProperties> {
  location: string;
  etag: string;
  sku: { name: string; capacity: number };
  identity?: { type: string; principalId?: string; userAssignedIdentities?: Record<string, { principalId?: string; clientId?: string }> };
}

export interface LastStatus {
  code?: string;
  message?: string;
  timeStampUtc?: string;
}

export interface CertificateProperties {
  subject?: string;
  thumbprint?: string;
  expirationDate?: string;
  report?: Finding[];
  keyVault?: { secretIdentifier?: string; identityClientId?: string | null; lastStatus?: LastStatus; rotates?: boolean };
}

/** What a PUT of a certificate takes: a file, or a reference into a vault. */
export interface CertificateInput {
  data?: string;
  password?: string;
  keyVault?: { secretIdentifier: string; identityClientId?: string };
}

export interface ApiProperties {
  displayName: string;
  description?: string;
  path: string;
  protocols?: string[];
  serviceUrl?: string | null;
  subscriptionRequired?: boolean;
  isCurrent?: boolean;
  apiRevision?: string;
}

export interface OperationProperties {
  displayName: string;
  method: string;
  urlTemplate: string;
  description?: string;
  templateParameters?: { name: string; type: string; required?: boolean }[];
}

export interface PolicyProperties {
  value: string;
  format?: string;
}

/** A page of a collection. */
interface Page<T> {
  value: T[] | null;
  nextLink?: string | null;
}

export type Certificate = Resource<CertificateProperties>;
export type Api = Resource<ApiProperties>;
export type Operation = Resource<OperationProperties>;

/** url is the address of an ARM id on this origin. */
export function url(id: string, query = ""): string {
  const path = id.split("/").map(encodeURIComponent).join("/");
  return `${path}?${query ? query + "&" : ""}api-version=${apiVersion}`;
}

/** list reads a whole collection, page by page. */
export async function list<T>(id: string, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let next: string | null = url(id);
  while (next) {
    const page: Page<T> = await get<Page<T>>(next, signal);
    all.push(...(page.value ?? []));
    next = page.nextLink ? sameOrigin(page.nextLink) : null;
  }
  return all;
}

function sameOrigin(link: string): string {
  const parsed = new URL(link, "https://origin.invalid");
  return parsed.pathname + parsed.search;
}

/** Tagged is a resource with the entity tag to change it by. */
export interface Tagged<T> {
  resource: T;
  etag: string;
}

export async function read<T>(id: string, query = "", signal?: AbortSignal): Promise<Tagged<T>> {
  const answer = await call<T>("GET", url(id, query), undefined, { signal });
  return { resource: answer.data, etag: answer.etag ?? "*" };
}

/** put creates or replaces; ifMatch guards against another's change, "none" against an existing one of that name is the caller's. */
export async function put<T>(id: string, properties: unknown, ifMatch?: string): Promise<T> {
  return (await change<T>("PUT", url(id), { properties }, { ifMatch })).data;
}

export async function patch<T>(id: string, body: unknown, ifMatch = "*"): Promise<T> {
  return (await change<T>("PATCH", url(id), body, { ifMatch })).data;
}

export async function remove(id: string): Promise<void> {
  await change<void>("DELETE", url(id), undefined, { ifMatch: "*" });
}

export async function refreshCertificate(id: string): Promise<void> {
  await change<void>("POST", url(`${id}/refreshSecret`));
}
