import { Checkbox, Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";
import type { HostnameConfiguration } from "../../api/arm";
import { SidePanel } from "../../components/SidePanel";
import { SourceFields } from "../../components/source/SourceFields";
import { emptySource } from "../../components/source/source";
import { entryProblem, hostnameTypes, type Entry } from "./draft";

interface Props {
  /** The host name to change; null to add one. */
  editing: HostnameConfiguration | null;
  others: HostnameConfiguration[];
  /** Whether the tier asks for certificates by host name. */
  perHostname: boolean;
  onDone: (entry: Entry) => void;
  onClose: () => void;
}

function first(editing: HostnameConfiguration | null): Entry {
  if (!editing) return { type: "Proxy", hostName: "", negotiate: false, isDefault: false, source: emptySource };
  return {
    type: editing.type,
    hostName: editing.hostName,
    negotiate: editing.negotiateClientCertificate ?? false,
    isDefault: editing.defaultSslBinding ?? false,
    source: null,
  };
}

/** HostnamePanel edits one host name; it is saved with the page's Save. */
export function HostnamePanel({ editing, others, perHostname, onDone, onClose }: Props) {
  const [entry, setEntry] = useState<Entry>(() => first(editing));
  const [tried, setTried] = useState(false);
  const change = (c: Partial<Entry>) => setEntry((e) => ({ ...e, ...c }));
  const problem = entryProblem(entry, others);
  const submit = () => {
    setTried(true);
    if (!problem) onDone(entry);
  };
  const gateway = entry.type === "Proxy";
  return (
    <SidePanel
      title={editing ? editing.hostName : "Add custom domain"}
      open
      onClose={onClose}
      onSubmit={submit}
      submitLabel={editing ? "Update" : "Add"}
    >
      <Field label="Type" required>
        <Select value={entry.type} disabled={editing !== null} onChange={(_, d) => change({ type: d.value })}>
          {hostnameTypes.map((t) => (
            <option key={t.value} value={t.value}>
              {t.label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Hostname" required>
        <Input
          value={entry.hostName}
          disabled={editing !== null}
          placeholder="api.contoso.com"
          onChange={(_, d) => change({ hostName: d.value })}
        />
      </Field>
      {editing ? (
        <Checkbox
          label="Replace the certificate"
          checked={entry.source !== null}
          onChange={(_, d) => change({ source: d.checked ? emptySource : null })}
        />
      ) : null}
      {entry.source ? (
        <SourceFields
          source={entry.source}
          needsKey
          onChange={(c) => setEntry((e) => ({ ...e, source: e.source ? { ...e.source, ...c } : null }))}
        />
      ) : null}
      {gateway && perHostname ? (
        <Field hint="Clients of this host name are asked for their certificate in the handshake. Policies decide whether it is good.">
          <Checkbox
            label="Negotiate client certificate"
            checked={entry.negotiate}
            onChange={(_, d) => change({ negotiate: d.checked === true })}
          />
        </Field>
      ) : null}
      {gateway ? (
        <Field hint="Clients that name no host, or one that is not in the list, get this host name's certificate.">
          <Checkbox label="Default SSL binding" checked={entry.isDefault} onChange={(_, d) => change({ isDefault: d.checked === true })} />
        </Field>
      ) : null}
      {tried && problem ? (
        <p role="alert" className="problem">
          {problem}
        </p>
      ) : null}
    </SidePanel>
  );
}
