import type { Certificate } from "../../api/arm";
import type { CertificateDetails } from "../../api/postern";
import type { Pending } from "./pending";

/** A line of the list: a stored certificate, or one that waits to be saved. */
export interface Row {
  id: string;
  stored: Certificate | null;
  details: CertificateDetails | null;
  pending: Pending | null;
}

/** rowsOf joins what is stored with what waits; a replacement stands on its certificate's line. */
export function rowsOf(stored: Certificate[], details: CertificateDetails[], pending: Pending[]): Row[] {
  const byId = new Map(details.map((d) => [d.id.toLowerCase(), d]));
  const replaced = new Map(pending.filter((p) => p.replaces).map((p) => [p.id.toLowerCase(), p]));
  const fresh = pending.filter((p) => !p.replaces).map((p) => ({ id: p.id, stored: null, details: null, pending: p }));
  return [
    ...fresh,
    ...stored.map((s) => ({
      id: s.name,
      stored: s,
      details: byId.get(s.id.toLowerCase()) ?? null,
      pending: replaced.get(s.name.toLowerCase()) ?? null,
    })),
  ];
}
