import type { CertificateFile } from "../../lib/files";
import { parseIdentifier } from "../../lib/keyvault";
import type { Inspection } from "../../api/postern";

/** Where a certificate comes from, as a form holds it. */
export interface Source {
  kind: "vault" | "custom";
  identifier: string;
  /** "system", or the client id of a user-assigned identity; "" before one is chosen. */
  identity: string;
  file: CertificateFile | null;
  password: string;
  /** What the server read in the file; null until it has. */
  inspected: Inspection | null;
}

export const emptySource: Source = { kind: "vault", identifier: "", identity: "", file: null, password: "", inspected: null };

/** sourceProblem tells what is missing before the source can be used; null when nothing is. */
export function sourceProblem(source: Source): string | null {
  if (source.kind === "custom") {
    if (!source.file) return "Choose a certificate file.";
    return source.inspected ? null : "The certificate file is not read yet.";
  }
  const id = parseIdentifier(source.identifier);
  if (typeof id === "string") return id;
  return source.identity ? null : "Choose a client identity.";
}

/** vaultReference is the keyVault property that ARM takes for the source. */
export function vaultReference(source: Source): { secretIdentifier: string; identityClientId?: string } {
  return {
    secretIdentifier: source.identifier.trim(),
    ...(source.identity === "system" ? {} : { identityClientId: source.identity }),
  };
}

/** sourceWords names the source for a list. */
export function sourceWords(source: Source): string {
  return source.kind === "custom" ? `Custom, ${source.file?.name ?? ""}` : `Key vault, ${source.identifier}`;
}
