/** The parts of a Key Vault identifier, https://{vault}/{certificates|secrets|keys}/{name}[/{version}]. */
export interface VaultIdentifier {
  host: string;
  kind: "certificates" | "secrets" | "keys";
  name: string;
  version: string;
}

/** parseIdentifier reads an identifier; a string is what is wrong with it. */
export function parseIdentifier(text: string): VaultIdentifier | string {
  let parsed: URL;
  try {
    parsed = new URL(text.trim());
  } catch {
    return "Enter an identifier like https://myvault.vault.azure.net/secrets/mycertificate.";
  }
  if (parsed.protocol !== "https:") return "The identifier begins with https://.";
  const [kind, name, version, ...more] = parsed.pathname.split("/").filter((part) => part !== "");
  if (kind !== "secrets" && kind !== "certificates" && kind !== "keys") {
    return "After the vault's address, the identifier has /secrets/ or /certificates/.";
  }
  if (kind === "keys") return "That is the identifier of a key; a certificate's has /secrets/ or /certificates/.";
  if (!name) return "The identifier ends with the certificate's name.";
  if (more.length > 0) return "The identifier has nothing after the version.";
  return { host: parsed.host, kind, name, version: version ?? "" };
}

/** versionWarning tells that an identifier is bound to one version, which will not rotate; null when it is not. */
export function versionWarning(text: string): string | null {
  const id = parseIdentifier(text);
  if (typeof id === "string" || !id.version) return null;
  return `The identifier names version ${id.version}. It will not rotate: a renewed certificate is not picked up. Remove the version to follow the newest one.`;
}

/** withoutVersion is the same identifier, following the newest version. */
export function withoutVersion(text: string): string {
  const id = parseIdentifier(text);
  return typeof id === "string" ? text : `https://${id.host}/${id.kind}/${id.name}`;
}

/** secretIdentifier is what a certificate of a vault is referred to by: its secret, without a version. */
export function secretIdentifier(vaultUrl: string, name: string): string {
  return `${vaultUrl.replace(/\/+$/, "")}/secrets/${name}`;
}

const needed = ["get", "list"];

/** Grants of a principal in one vault. */
interface Grants {
  vault: string;
  secrets?: string[] | null;
  certificates?: string[] | null;
}

/** missingPermissions names what a principal lacks to use a vault's certificates: "secrets get", … */
export function missingPermissions(permissions: Grants[] | null | undefined, vault: string): string[] {
  const own = (permissions ?? []).filter((p) => sameVault(p.vault, vault));
  const has = (kind: "secrets" | "certificates", verb: string) =>
    own.some((p) => (p[kind] ?? []).some((v) => v.toLowerCase() === verb || v.toLowerCase() === "all"));
  const kinds = ["secrets", "certificates"] as const;
  return kinds.flatMap((kind) => needed.filter((verb) => !has(kind, verb)).map((verb) => `${kind} ${verb}`));
}

/** sameVault compares a vault's name, ARM id or address with its name. */
function sameVault(said: string, name: string): boolean {
  const last = said.replace(/\/+$/, "").split("/").pop() ?? "";
  return [said, last, last.split(".")[0]].some((s) => s?.toLowerCase() === name.toLowerCase());
}
