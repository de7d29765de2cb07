import { call, get, post } from "./http";

/** Key Vault's version that the pages speak. */
const version = "7.5";

export interface Vault {
  name: string;
  url: string;
  id: string;
}

export interface Attributes {
  enabled?: boolean;
  created?: number;
  updated?: number;
  nbf?: number;
  exp?: number;
}

export interface CertificateItem {
  id: string;
  x5t?: string;
  attributes: Attributes;
  subject?: string;
}

export interface CertificateBundle extends CertificateItem {
  sid?: string;
  kid?: string;
  cer: string;
}

export interface SecretItem {
  id: string;
  contentType?: string;
  managed?: boolean;
  attributes: Attributes;
}

interface Page<T> {
  value: T[];
  nextLink?: string | null;
}

export const vaults = async (signal?: AbortSignal) => (await get<{ vaults: Vault[] }>("/postern/v1/vaults", signal)).vaults;

/** path is the address of a path of the embedded vault, on this origin. */
export function path(vault: string, rest: string): string {
  return `/postern/v1/vaults/${encodeURIComponent(vault)}/${rest}${rest.includes("?") ? "&" : "?"}api-version=${version}`;
}

async function pages<T>(vault: string, rest: string, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let next: string | null = path(vault, rest);
  while (next) {
    const page: Page<T> = await get<Page<T>>(next, signal);
    all.push(...(page.value ?? []));
    next = page.nextLink ? nextPath(vault, page.nextLink) : null;
  }
  return all;
}

/** nextPath brings a vault's absolute nextLink to this origin. */
export function nextPath(vault: string, link: string): string {
  const parsed = new URL(link, "https://origin.invalid");
  const prefix = `/postern/v1/vaults/${encodeURIComponent(vault)}`;
  const own = parsed.pathname.startsWith(prefix) ? "" : prefix;
  return own + parsed.pathname + parsed.search;
}

export const certificates = (vault: string, signal?: AbortSignal) => pages<CertificateItem>(vault, "certificates", signal);
export const certificateVersions = (vault: string, name: string, signal?: AbortSignal) =>
  pages<CertificateItem>(vault, `certificates/${encodeURIComponent(name)}/versions`, signal);
export const secrets = (vault: string, signal?: AbortSignal) => pages<SecretItem>(vault, "secrets", signal);
export const secretVersions = (vault: string, name: string, signal?: AbortSignal) =>
  pages<SecretItem>(vault, `secrets/${encodeURIComponent(name)}/versions`, signal);
export const certificate = (vault: string, name: string, signal?: AbortSignal) =>
  get<CertificateBundle>(path(vault, `certificates/${encodeURIComponent(name)}`), signal);

/** importCertificate makes the first or a new version of a certificate from a PFX (base64) or PEM text. */
export const importCertificate = (vault: string, name: string, value: string, pwd: string) =>
  post<CertificateBundle>(path(vault, `certificates/${encodeURIComponent(name)}/import`), { value, ...(pwd ? { pwd } : {}) });

/** createCertificate asks the vault for a self-signed certificate. */
export const createCertificate = (vault: string, name: string, subject: string) =>
  post<unknown>(path(vault, `certificates/${encodeURIComponent(name)}/create`), {
    policy: {
      issuer: { name: "Self" },
      key_props: { exportable: true, kty: "RSA", key_size: 2048 },
      secret_props: { contentType: "application/x-pkcs12" },
      x509_props: { subject, validity_months: 12 },
    },
  });

export async function setSecret(vault: string, name: string, value: string, contentType: string): Promise<void> {
  await call("PUT", path(vault, `secrets/${encodeURIComponent(name)}`), { value, ...(contentType ? { contentType } : {}) });
}

export async function deleteObject(vault: string, kind: "certificates" | "secrets", name: string): Promise<void> {
  await call("DELETE", path(vault, `${kind}/${encodeURIComponent(name)}`));
}

/** nameOf is the object's name in a vault identifier, versionOf its version ("" when it has none). */
export function nameOf(id: string): string {
  return new URL(id).pathname.split("/")[2] ?? "";
}

export function versionOf(id: string): string {
  return new URL(id).pathname.split("/")[3] ?? "";
}
