import { Link } from "wouter";
import type { Expiring } from "../../api/postern";
import { DataTable, type Column } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ExpiryBar } from "../../components/ExpiryBar";
import { routes } from "../../lib/routes";
import { commonName } from "../../lib/words";

const kinds: Record<Expiring["kind"], { label: string; to: string }> = {
  client: { label: "Certificate", to: routes.certificates },
  ca: { label: "CA certificate", to: routes.authorities },
  server: { label: "Host name's certificate", to: routes.domains },
  vault: { label: "In key vault", to: routes.vaults },
  crl: { label: "Revocation list", to: routes.authorities },
};

const columns: Column<Expiring>[] = [
  {
    key: "name",
    title: "Name",
    isName: true,
    render: (e) => <Link href={kinds[e.kind]?.to ?? "/"}>{e.kind === "ca" ? commonName(e.subject) : e.name}</Link>,
  },
  { key: "kind", title: "Kind", render: (e) => kinds[e.kind]?.label ?? e.kind },
  { key: "subject", title: "Subject", render: (e) => e.subject },
  { key: "expiry", title: "Expires", render: (e) => <ExpiryBar notAfter={e.notAfter} /> },
  { key: "use", title: "In use", render: (e) => (e.inUse ? "yes" : "no") },
];

/** ExpiringCard lists what expires next, soonest first. */
export function ExpiringCard({ expiring }: { expiring: Expiring[] }) {
  return (
    <section aria-label="Expires next" className="stack">
      <h2>Expires next</h2>
      <DataTable
        label="Expires next"
        columns={columns}
        rows={expiring}
        rowKey={(e) => `${e.kind} ${e.id} ${e.thumbprint}`}
        empty={<Empty title="Nothing expires soon" />}
      />
    </section>
  );
}
