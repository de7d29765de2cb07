import { Link } from "wouter";
import type { Decision, Overview } from "../../api/postern";
import { DataTable, type Column } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ago, dateTime } from "../../lib/time";
import { plural, reasonWords } from "../../lib/words";

type Refusals = Overview["refusals"];

function Reasons({ refusals }: { refusals: Refusals }) {
  const most = Math.max(1, ...refusals.byReason.map((r) => r.count));
  return (
    <ul className="reasons">
      {refusals.byReason.map((r) => (
        <li key={r.reason}>
          <span className="break" title={r.reason}>
            {reasonWords(r.reason)}
          </span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width={(r.count / most) * 100} height="10" />
          </svg>
          <span>
            {r.count} <span className="muted">{ago(r.last)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

const columns: Column<Decision>[] = [
  {
    key: "time",
    title: "Time",
    isName: true,
    nowrap: true,
    render: (d) => <Link href={`/requests/${encodeURIComponent(d.requestId)}`}>{dateTime(d.time)}</Link>,
  },
  {
    key: "request",
    title: "Request",
    render: (d) => (
      <code>
        {d.method} {d.path}
      </code>
    ),
  },
  { key: "status", title: "Status", render: (d) => d.status },
  {
    key: "reason",
    title: "Reason",
    render: (d) => (
      <>
        {reasonWords(d.reason)}
        {d.message ? <span className="muted line">{d.message}</span> : null}
      </>
    ),
  },
  { key: "certificate", title: "Client certificate", render: (d) => d.certificate?.subject ?? <span className="muted">none</span> },
];

/** RefusalsCard shows who was refused lately, by reason and one by one. */
export function RefusalsCard({ refusals }: { refusals: Refusals }) {
  const recent = (refusals.recent ?? []).slice(0, 10);
  return (
    <section aria-label="Recent refusals" className="stack">
      <h2>Recent refusals</h2>
      {refusals.total === 0 ? (
        <div className="card">
          <Empty title="No request was refused">since {dateTime(refusals.since)}. Refused calls appear here with their reason.</Empty>
        </div>
      ) : (
        <>
          <p className="muted">
            {plural(refusals.total, "request")} refused since {dateTime(refusals.since)}
          </p>
          <Reasons refusals={refusals} />
          <DataTable
            label="Recent refusals"
            columns={columns}
            rows={recent}
            rowKey={(d) => d.requestId}
            empty={<Empty title="No details are kept any more" />}
          />
        </>
      )}
    </section>
  );
}
