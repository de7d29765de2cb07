import type { HostnameConfiguration } from "../../api/arm";
import { sourceProblem, vaultReference, type Source } from "../../components/source/source";

/** A host name as the panel edits it. */
export interface Entry {
  type: string;
  hostName: string;
  negotiate: boolean;
  isDefault: boolean;
  /** The new certificate; null keeps the present one. */
  source: Source | null;
}

export const hostnameTypes: { value: string; label: string }[] = [
  { value: "Proxy", label: "Gateway" },
  { value: "Management", label: "Management" },
  { value: "DeveloperPortal", label: "Developer portal" },
  { value: "Portal", label: "Portal (legacy)" },
  { value: "Scm", label: "SCM" },
  { value: "ConfigurationApi", label: "Configuration API" },
];

const hostPattern = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** entryProblem tells what is wrong with an entry; null when nothing is. */
export function entryProblem(entry: Entry, others: HostnameConfiguration[]): string | null {
  const name = entry.hostName.trim().toLowerCase();
  if (!name) return "Enter a host name.";
  if (!hostPattern.test(name)) return `'${name}' is not a host name.`;
  if (others.some((h) => h.type === entry.type && h.hostName.toLowerCase() === name))
    return `The host name ${name} is in the list already.`;
  return entry.source ? sourceProblem(entry.source) : null;
}

/** configurationOf is what ARM gets of an entry; old is the one it changes. */
export function configurationOf(entry: Entry, old: HostnameConfiguration | null): HostnameConfiguration {
  const { certificate: _c, certificateStatus: _s, certificateSource, ...kept } = old ?? ({} as Partial<HostnameConfiguration>);
  const base: HostnameConfiguration = {
    ...kept,
    type: entry.type,
    hostName: entry.hostName.trim().toLowerCase(),
    negotiateClientCertificate: entry.negotiate,
    defaultSslBinding: entry.isDefault,
  };
  if (!entry.source)
    return certificateSource ? { ...base, certificateSource, ...(old?.certificate ? { certificate: old.certificate } : {}) } : base;
  delete base.keyVaultId;
  delete base.identityClientId;
  delete base.encodedCertificate;
  delete base.certificatePassword;
  if (entry.source.kind === "vault") {
    const { secretIdentifier, identityClientId } = vaultReference(entry.source);
    return { ...base, keyVaultId: secretIdentifier, ...(identityClientId ? { identityClientId } : {}), certificateSource: "KeyVault" };
  }
  const password = entry.source.password;
  return {
    ...base,
    encodedCertificate: entry.source.file?.data ?? "",
    ...(password ? { certificatePassword: password } : {}),
    certificateSource: "Custom",
  };
}

/** withEntry puts a configuration in its place in the list; a new default takes the mark from the old one. */
export function withEntry(list: HostnameConfiguration[], at: number, next: HostnameConfiguration): HostnameConfiguration[] {
  const out = at < 0 ? [...list, next] : list.map((h, i) => (i === at ? next : h));
  const place = at < 0 ? out.length - 1 : at;
  return next.defaultSslBinding ? out.map((h, i) => (i !== place && h.defaultSslBinding ? { ...h, defaultSslBinding: false } : h)) : out;
}

/** forServer leaves out what only the server says of a host name. */
export function forServer(list: HostnameConfiguration[]): HostnameConfiguration[] {
  return list.map(({ certificate: _c, certificateStatus: _s, certificateSource: source, ...rest }) =>
    source === "Managed" ? { ...rest, certificateSource: source } : rest,
  );
}
