import { Button } from "@fluentui/react-components";
import type { LastStatus } from "../../api/arm";
import { Copyable } from "../../components/Copyable";
import type { Column } from "../../components/DataTable";
import { ExpiryBar } from "../../components/ExpiryBar";
import { Findings } from "../../components/Findings";
import { StatusText } from "../../components/StatusText";
import { dateTime } from "../../lib/time";
import { plural } from "../../lib/words";
import { pendingSubject } from "./pending";
import { RowMenu, type RowActions } from "./RowMenu";
import type { Row } from "./rows";

function Refresh({ status }: { status: LastStatus | undefined }) {
  if (!status) return <span className="muted">–</span>;
  const good = /^(success|ok|200)/i.test(status.code ?? "");
  return (
    <StatusText tone={good ? "good" : "bad"}>
      {good ? "Refreshed" : (status.message ?? status.code)}
      <span className="muted line">{dateTime(status.timeStampUtc)}</span>
    </StatusText>
  );
}

function Source({ row }: { row: Row }) {
  const vault = row.stored?.properties.keyVault;
  if (!vault?.secretIdentifier) return "Custom";
  return (
    <>
      Key vault
      <span className="muted line break">{vault.secretIdentifier.replace(/^https:\/\//, "")}</span>
      <span className="muted line">{vault.identityClientId ? "user-assigned identity" : "system-assigned identity"}</span>
      {vault.rotates === false ? <StatusText tone="warn">Names a version: does not rotate</StatusText> : null}
    </>
  );
}

function Name({ row }: { row: Row }) {
  if (!row.pending) return row.id;
  return (
    <>
      {row.id}
      <StatusText tone={row.pending.error ? "bad" : "warn"}>
        {row.pending.error ? `Not saved: ${row.pending.error.message}` : row.stored ? "Replacement, not saved" : "Not saved"}
      </StatusText>
    </>
  );
}

function Subject({ row }: { row: Row }) {
  if (row.pending) return pendingSubject(row.pending);
  return (
    <>
      {row.stored?.properties.subject}
      <Findings findings={row.stored?.properties.report} />
    </>
  );
}

function Thumbprints({ row }: { row: Row }) {
  const sha1 = row.stored?.properties.thumbprint;
  if (!sha1) return <span className="muted">–</span>;
  return (
    <>
      <Copyable value={sha1} label="SHA-1 thumbprint" show={12} />
      {row.details ? (
        <span className="line">
          <Copyable value={row.details.thumbprintSha256} label="SHA-256 thumbprint" show={12} />
        </span>
      ) : null}
    </>
  );
}

/** columns are those of the certificates list. */
export function columns(actions: RowActions): Column<Row>[] {
  return [
    { key: "id", title: "Id", isName: true, render: (r) => <Name row={r} /> },
    { key: "subject", title: "Subject", render: (r) => <Subject row={r} /> },
    { key: "thumbprint", title: "Thumbprint", nowrap: true, render: (r) => <Thumbprints row={r} /> },
    {
      key: "expiry",
      title: "Expires",
      render: (r) => <ExpiryBar notBefore={r.details?.notBefore} notAfter={r.stored?.properties.expirationDate} />,
    },
    { key: "source", title: "Source", render: (r) => (r.stored ? <Source row={r} /> : "") },
    { key: "refresh", title: "Last refresh", render: (r) => <Refresh status={r.stored?.properties.keyVault?.lastStatus} /> },
    {
      key: "used",
      title: "Used",
      nowrap: true,
      render: (r) =>
        r.details ? (
          <Button size="small" appearance="transparent" className="plain" onClick={() => actions.uses(r)}>
            {r.details.uses === undefined ? "show" : r.details.uses === 0 ? "nowhere" : plural(r.details.uses, "place")}
          </Button>
        ) : null,
    },
    { key: "actions", title: "Actions", actions: true, render: (r) => <RowMenu row={r} actions={actions} /> },
  ];
}
