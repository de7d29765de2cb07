import { Link } from "wouter";
import type { Inspection, PolicyAdmission } from "../../api/postern";
import { DataTable, type Column } from "../../components/DataTable";
import { StatusText } from "../../components/StatusText";
import { policyRoute } from "../../lib/armid";
import { reasonWords } from "../../lib/words";

const outcomes = {
  in: { tone: "good", text: "Let in" },
  out: { tone: "bad", text: "Refused" },
  unknown: { tone: "unknown", text: "Depends on the request" },
} as const;

const columns: Column<PolicyAdmission>[] = [
  { key: "api", title: "For", isName: true, render: (p) => [p.api, p.operation].filter(Boolean).join(" › ") || "All APIs" },
  {
    key: "outcome",
    title: "Outcome",
    render: (p) => <StatusText tone={outcomes[p.outcome]?.tone ?? "unknown"}>{outcomes[p.outcome]?.text ?? p.outcome}</StatusText>,
  },
  {
    key: "reason",
    title: "Reason",
    render: (p) => (
      <>
        {p.reason ? reasonWords(p.reason) : ""}
        {p.message ? <span className="muted line">{p.message}</span> : null}
      </>
    ),
  },
  {
    key: "place",
    title: "Policy",
    render: (p) => {
      const to = p.line ? policyRoute(p.id, p.line) : null;
      return to ? <Link href={to}>{`<${p.element}> line ${p.line}`}</Link> : p.element ? <code>{`<${p.element}>`}</code> : "–";
    },
  },
];

/** Admissions tell which host names ask for the certificate and which policies let it in. */
export function Admissions({ admits }: { admits: Inspection["admits"] }) {
  return (
    <section className="stack" aria-label="Whom it gets past">
      <h2>Whom it gets past</h2>
      <ul className="findings">
        {(admits.hostnames ?? []).map((h) => (
          <li key={h.name}>
            <StatusText tone={h.asks ? "good" : "unknown"}>
              {h.name} {h.asks ? "asks for a certificate" : "does not ask for a certificate"}
              {h.why ? <span className="muted"> – {h.why}</span> : null}
            </StatusText>
          </li>
        ))}
      </ul>
      <DataTable
        label="Policies"
        columns={columns}
        rows={admits.policies ?? []}
        rowKey={(p) => `${p.id} ${p.api ?? ""} ${p.operation ?? ""}`}
        empty={<span className="muted">No policy looks at client certificates.</span>}
      />
    </section>
  );
}
