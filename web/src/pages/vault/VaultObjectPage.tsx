import { AddRegular, ArrowImportRegular, DeleteRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import {
  certificateVersions,
  createCertificate,
  deleteObject,
  importCertificate,
  secretVersions,
  setSecret,
  versionOf,
  vaults,
  type SecretItem,
} from "../../api/vault";
import { Command } from "../../components/Command";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { Copyable } from "../../components/Copyable";
import { DataTable, type Column } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { ExpiryBar } from "../../components/ExpiryBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { StatusText } from "../../components/StatusText";
import { secretIdentifier } from "../../lib/keyvault";
import { dateTime } from "../../lib/time";
import { useNotify } from "../../shell/notify";
import { GeneratePanel } from "./GeneratePanel";
import { ImportPanel } from "./ImportPanel";
import { time } from "./names";
import { SecretPanel } from "./SecretPanel";

const columns: Column<Pick<SecretItem, "id" | "attributes">>[] = [
  { key: "version", title: "Version", isName: true, render: (v) => <code className="break">{versionOf(v.id)}</code> },
  {
    key: "status",
    title: "Status",
    render: (v) =>
      v.attributes.enabled === false ? <StatusText tone="unknown">Disabled</StatusText> : <StatusText tone="good">Enabled</StatusText>,
  },
  { key: "created", title: "Created", nowrap: true, render: (v) => dateTime(time(v.attributes.created)) },
  { key: "expiry", title: "Expires", render: (v) => <ExpiryBar notBefore={time(v.attributes.nbf)} notAfter={time(v.attributes.exp)} /> },
];

interface Props {
  vault: string;
  kind: string;
  name: string;
}

/** VaultObjectPage is one certificate or secret of the vault with its versions. */
export default function VaultObjectPage({ vault, kind: asked, name }: Props) {
  const kind = asked === "secrets" ? "secrets" : "certificates";
  const client = useQueryClient();
  const notify = useNotify();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<"import" | "generate" | "secret" | "delete" | null>(null);
  const known = useQuery({ queryKey: ["vaults"], queryFn: ({ signal }) => vaults(signal) });
  const versions = useQuery<Pick<SecretItem, "id" | "attributes">[]>({
    queryKey: ["vault", vault, kind, name],
    queryFn: ({ signal }) => (kind === "certificates" ? certificateVersions(vault, name, signal) : secretVersions(vault, name, signal)),
  });
  const sorted = [...(versions.data ?? [])].sort((a, b) => (b.attributes.created ?? 0) - (a.attributes.created ?? 0));
  const url = known.data?.find((v) => v.name === vault)?.url;
  const back = `/key-vault?${new URLSearchParams({ vault, kind })}`;
  const added = async () => {
    await client.invalidateQueries({ queryKey: ["vault"] });
    notify(`${name} has a new version`, "Those who follow it pick it up.");
  };
  const close = () => setOpen(null);
  return (
    <Page
      title={name}
      crumbs={[{ label: `Key vault: ${vault}`, to: back }]}
      commands={
        <>
          {kind === "certificates" ? (
            <Command label="New version from a file" icon={<ArrowImportRegular />} onClick={() => setOpen("import")} />
          ) : null}
          {kind === "certificates" ? (
            <Command label="Generate new version" icon={<AddRegular />} onClick={() => setOpen("generate")} />
          ) : (
            <Command label="New version" icon={<AddRegular />} onClick={() => setOpen("secret")} />
          )}
          <Command label="Delete" icon={<DeleteRegular />} onClick={() => setOpen("delete")} />
        </>
      }
    >
      {url ? (
        <p>
          Identifier for services: <Copyable value={secretIdentifier(url, name)} label="identifier" />
        </p>
      ) : null}
      <ErrorBar error={versions.error} title="The versions cannot be read" onRetry={() => void versions.refetch()} />
      {versions.isPending ? <Loading /> : null}
      {versions.data ? (
        <DataTable label="Versions" columns={columns} rows={sorted} rowKey={(v) => v.id} empty={<Empty title="No versions" />} />
      ) : null}
      {open === "import" ? (
        <ImportPanel
          name={name}
          onImport={async (n, file, password) => {
            await importCertificate(vault, n, file.data, password);
            await added();
          }}
          onClose={close}
        />
      ) : null}
      {open === "generate" ? (
        <GeneratePanel
          name={name}
          onGenerate={async (n, subject) => {
            await createCertificate(vault, n, subject);
            await added();
          }}
          onClose={close}
        />
      ) : null}
      {open === "secret" ? (
        <SecretPanel
          name={name}
          onSet={async (n, value, type) => {
            await setSecret(vault, n, value, type);
            await added();
          }}
          onClose={close}
        />
      ) : null}
      {open === "delete" ? (
        <ConfirmDelete
          what={`${kind === "certificates" ? "certificate" : "secret"} ${name}`}
          usesOf={url ? `${url}/${kind}/${name}` : undefined}
          onClose={close}
          onDelete={async () => {
            await deleteObject(vault, kind, name);
            await client.invalidateQueries({ queryKey: ["vault"] });
            navigate(back);
          }}
        />
      ) : null}
    </Page>
  );
}
