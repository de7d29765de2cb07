import type { RevocationState } from "../../api/postern";
import { DataTable, type Column } from "../../components/DataTable";
import { StatusText } from "../../components/StatusText";
import { dateTime } from "../../lib/time";
import { commonName } from "../../lib/words";

const tones = { good: "good", revoked: "bad", unknown: "warn" } as const;
const kinds: Record<RevocationState["kind"], string> = { crl: "CRL", ocsp: "OCSP", local: "Local list", none: "None" };

const columns: Column<RevocationState>[] = [
  { key: "subject", title: "Certificate", isName: true, render: (r) => <span title={r.subject}>{commonName(r.subject)}</span> },
  { key: "status", title: "Status", nowrap: true, render: (r) => <StatusText tone={tones[r.status] ?? "unknown"}>{r.status}</StatusText> },
  { key: "kind", title: "By", render: (r) => `${kinds[r.kind] ?? r.kind}${r.number ? ` ${r.number}` : ""}` },
  { key: "source", title: "Source", render: (r) => r.source },
  {
    key: "updates",
    title: "This and next update",
    render: (r) => (r.thisUpdate ? `${dateTime(r.thisUpdate)} – ${dateTime(r.nextUpdate)}` : "–"),
  },
  { key: "detail", title: "Detail", render: (r) => r.detail },
];

/** Revocation shows the state of each list and responder that was asked. */
export function Revocation({ states }: { states: RevocationState[] }) {
  return (
    <section className="stack" aria-label="Revocation">
      <h2>Revocation</h2>
      <DataTable
        label="Revocation"
        columns={columns}
        rows={states}
        rowKey={(r) => `${r.subject} ${r.kind} ${r.source}`}
        empty={<span className="muted">No list and no responder was asked.</span>}
      />
    </section>
  );
}
