import { put, type Certificate, type CertificateInput } from "../../api/arm";
import { sourceWords, vaultReference, type Source } from "../../components/source/source";

/** A certificate that is entered but not saved yet. */
export interface Pending {
  id: string;
  source: Source;
  replaces: boolean;
  error: Error | null;
}

/** input is what ARM takes for a pending certificate. */
export function input(source: Source): CertificateInput {
  if (source.kind === "vault") return { keyVault: vaultReference(source) };
  return { data: source.file?.data ?? "", ...(source.password ? { password: source.password } : {}) };
}

/** idProblem tells what is wrong with an id; null when nothing is. */
export function idProblem(id: string, taken: string[]): string | null {
  if (!id) return "Enter an id.";
  if (id.length > 80) return "An id has 80 characters at most.";
  if (/[*#&+:<>?/\\%]/.test(id)) return "An id has none of * # & + : < > ? / \\ %.";
  if (taken.some((t) => t.toLowerCase() === id.toLowerCase())) return `There is a certificate ${id} already; replace it from the list.`;
  return null;
}

/** saveAll saves one after the other and gives back those that could not be saved, each with its error. */
export async function saveAll(serviceId: string, pending: Pending[]): Promise<Pending[]> {
  const left: Pending[] = [];
  for (const p of pending) {
    try {
      await put<Certificate>(`${serviceId}/certificates/${p.id}`, input(p.source), p.replaces ? "*" : undefined);
    } catch (error) {
      left.push({ ...p, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return left;
}

/** pendingSubject says what is known of a pending certificate. */
export function pendingSubject(p: Pending): string {
  const leaf = p.source.kind === "custom" ? p.source.inspected?.certificates[p.source.inspected.leaf] : undefined;
  return leaf?.subject ?? sourceWords(p.source);
}
