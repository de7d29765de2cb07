import { Badge, Button, Tooltip } from "@fluentui/react-components";
import { DeleteRegular, EditRegular, PlugConnectedRegular } from "@fluentui/react-icons";
import type { HostnameConfiguration } from "../../api/arm";
import type { Column } from "../../components/DataTable";
import { ExpiryBar } from "../../components/ExpiryBar";
import { StatusText } from "../../components/StatusText";
import { dateTime } from "../../lib/time";
import { hostnameTypes } from "./draft";

/** A line: a host name, its place in the list, whether it waits to be saved. */
export interface Line {
  at: number;
  host: HostnameConfiguration;
  changed: boolean;
}

export interface LineActions {
  edit: (line: Line) => void;
  test: (line: Line) => void;
  remove: (line: Line) => void;
}

const sources: Record<string, string> = { BuiltIn: "Built in", KeyVault: "Key vault", Custom: "Custom", Managed: "Managed" };

function CertificateCell({ host }: { host: HostnameConfiguration }) {
  return (
    <>
      {host.certificate?.subject ?? <span className="muted">set when saved</span>}
      <span className="muted line break">
        {host.keyVaultId ? host.keyVaultId.replace(/^https:\/\//, "") : (sources[host.certificateSource ?? ""] ?? host.certificateSource)}
      </span>
      {host.certificateStatus && host.certificateStatus !== "Completed" ? (
        <StatusText tone="bad">
          {host.lastStatus?.message ?? host.certificateStatus}
          {host.lastStatus ? <span className="muted line">{dateTime(host.lastStatus.timeStampUtc)}</span> : null}
        </StatusText>
      ) : null}
      {host.rotates === false ? <StatusText tone="warn">Names a version: does not rotate</StatusText> : null}
    </>
  );
}

function Buttons({ line, actions }: { line: Line; actions: LineActions }) {
  const name = line.host.hostName;
  return (
    <>
      <Tooltip content={`Edit ${name}`} relationship="label">
        <Button appearance="subtle" icon={<EditRegular />} onClick={() => actions.edit(line)} />
      </Tooltip>
      {line.host.type === "Proxy" ? (
        <Tooltip content={`Test handshake with ${name}`} relationship="label">
          <Button appearance="subtle" icon={<PlugConnectedRegular />} onClick={() => actions.test(line)} />
        </Tooltip>
      ) : null}
      <Tooltip content={`Delete ${name}`} relationship="label">
        <Button
          appearance="subtle"
          icon={<DeleteRegular />}
          disabled={line.host.certificateSource === "BuiltIn"}
          onClick={() => actions.remove(line)}
        />
      </Tooltip>
    </>
  );
}

/** columns are those of the host names list. */
export function columns(perHostname: boolean, actions: LineActions): Column<Line>[] {
  const negotiate: Column<Line> = {
    key: "negotiate",
    title: "Negotiate client certificate",
    render: ({ host }) =>
      host.type !== "Proxy" ? (
        ""
      ) : host.negotiateClientCertificate ? (
        <StatusText tone="good">On</StatusText>
      ) : (
        <span className="muted">Off</span>
      ),
  };
  return [
    {
      key: "name",
      title: "Hostname",
      isName: true,
      render: ({ host, changed }) => (
        <>
          <span className="row">
            {host.hostName}
            {host.defaultSslBinding ? <Badge appearance="tint">Default</Badge> : null}
          </span>
          {changed ? <StatusText tone="warn">Not saved</StatusText> : null}
        </>
      ),
    },
    { key: "type", title: "Type", render: ({ host }) => hostnameTypes.find((t) => t.value === host.type)?.label ?? host.type },
    { key: "certificate", title: "Certificate", render: ({ host }) => <CertificateCell host={host} /> },
    { key: "expiry", title: "Expires", render: ({ host }) => <ExpiryBar notAfter={host.certificate?.expiry} /> },
    ...(perHostname ? [negotiate] : []),
    { key: "actions", title: "Actions", actions: true, render: (line) => <Buttons line={line} actions={actions} /> },
  ];
}
