import { Switch } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, DismissRegular, SaveRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { HostnameConfiguration } from "../../api/arm";
import { Command } from "../../components/Command";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { usePatchService, useService } from "../../components/useService";
import { useKept } from "../../components/useKept";
import { useUnsaved } from "../../components/useUnsaved";
import { certificateSwitch } from "../../lib/sku";
import { useNotify } from "../../shell/notify";
import { columns, type Line } from "./columns";
import { configurationOf, forServer, withEntry, type Entry } from "./draft";
import { HandshakePanel } from "./HandshakePanel";
import { HostnamePanel } from "./HostnamePanel";

/** What is changed and not saved; base is the etag of the service it began from, so that no other change is lost. */
interface Draft {
  base?: string;
  hosts?: HostnameConfiguration[];
  request?: boolean;
}

/** DomainsPage is Deployment › Custom domains. */
export default function DomainsPage() {
  const service = useService();
  const patchService = usePatchService();
  const notify = useNotify();
  const [draft, setDraft] = useKept<Draft>("domains", {});
  const [editing, setEditing] = useState<Line | "new" | null>(null);
  const [testing, setTesting] = useState<string | null>(null);
  const stored = service.data?.resource;
  const storedHosts = stored?.properties.hostnameConfigurations ?? [];
  const hosts = draft.hosts ?? storedHosts;
  const rule = certificateSwitch(stored?.sku.name ?? "Developer");
  const request = draft.request ?? stored?.properties.enableClientCertificate ?? false;
  const dirty = draft.hosts !== undefined || draft.request !== undefined;
  useUnsaved(dirty);

  const saving = useMutation({
    mutationFn: () =>
      patchService(
        {
          ...(draft.hosts ? { hostnameConfigurations: forServer(draft.hosts) } : {}),
          ...(draft.request === undefined ? {} : { enableClientCertificate: draft.request }),
        },
        draft.base ?? "*",
      ),
    onSuccess: () => {
      setDraft({});
      notify("Custom domains saved", "The gateway uses them now.");
    },
  });
  const change = (c: Draft) => setDraft((d) => ({ base: service.data?.etag, ...d, ...c }));
  const discard = () => {
    setDraft({});
    saving.reset();
    void service.refetch();
  };
  const done = (entry: Entry) => {
    const at = editing && editing !== "new" ? editing.at : -1;
    change({ hosts: withEntry(hosts, at, configurationOf(entry, hosts[at] ?? null)) });
    setEditing(null);
  };
  const lines: Line[] = hosts.map((host, at) => ({ at, host, changed: !storedHosts.includes(host) }));
  const actions = {
    edit: setEditing,
    test: (line: Line) => setTesting(line.host.hostName),
    remove: (line: Line) => change({ hosts: hosts.filter((_, i) => i !== line.at) }),
  };
  return (
    <Page
      title="Custom domains"
      about="The host names that the gateway answers for, their certificates, and whether clients are asked for theirs."
      busy={saving.isPending ? "Saving custom domains" : false}
      commands={
        <>
          <Command label="Add" icon={<AddRegular />} onClick={() => setEditing("new")} />
          <Command label="Save" icon={<SaveRegular />} disabled={!dirty || saving.isPending} onClick={() => saving.mutate()} />
          <Command label="Discard" icon={<DismissRegular />} disabled={!dirty || saving.isPending} onClick={discard} />
          <Command label="Refresh list" icon={<ArrowClockwiseRegular />} onClick={() => void service.refetch()} />
        </>
      }
    >
      <ErrorBar error={service.error} title="The service cannot be read" onRetry={() => void service.refetch()} />
      <ErrorBar error={saving.error} title="Not saved." />
      {service.isPending ? <Loading /> : null}
      {stored && !rule.perHostname ? (
        <div className="card">
          <Switch label="Request client certificate" checked={request} onChange={(_, d) => change({ request: d.checked })} />
          <p className="muted">
            In the tier {stored.sku.name} one switch is for all host names. Clients are asked for their certificate in the handshake;
            policies decide whether it is good.
          </p>
        </div>
      ) : null}
      {stored ? (
        <DataTable
          label="Custom domains"
          columns={columns(rule.perHostname, actions)}
          rows={lines}
          rowKey={(l) => `${l.host.type} ${l.host.hostName}`}
          empty={<Empty title="No host names" />}
        />
      ) : null}
      {editing ? (
        <HostnamePanel
          key={editing === "new" ? "" : editing.host.hostName}
          editing={editing === "new" ? null : editing.host}
          others={hosts.filter((h) => editing === "new" || h !== editing.host)}
          perHostname={rule.perHostname}
          onDone={done}
          onClose={() => setEditing(null)}
        />
      ) : null}
      {testing ? <HandshakePanel hostName={testing} onClose={() => setTesting(null)} /> : null}
    </Page>
  );
}
