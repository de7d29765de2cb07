import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { certificates, nameOf, secrets, type CertificateItem, type SecretItem } from "../../api/vault";
import { DataTable, type Column } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { ExpiryBar } from "../../components/ExpiryBar";
import { Loading } from "../../components/Loading";
import { StatusText } from "../../components/StatusText";
import { dateTime } from "../../lib/time";
import { time } from "./names";

type Item = Pick<SecretItem, "id" | "attributes">;

function common<T extends Item>(vault: string, kind: string): Column<T>[] {
  return [
    {
      key: "name",
      title: "Name",
      isName: true,
      render: (i) => (
        <Link href={`/key-vault/${encodeURIComponent(vault)}/${kind}/${encodeURIComponent(nameOf(i.id))}`}>{nameOf(i.id)}</Link>
      ),
    },
    {
      key: "status",
      title: "Status",
      render: (i) =>
        i.attributes.enabled === false ? <StatusText tone="unknown">Disabled</StatusText> : <StatusText tone="good">Enabled</StatusText>,
    },
    { key: "expiry", title: "Expires", render: (i) => <ExpiryBar notBefore={time(i.attributes.nbf)} notAfter={time(i.attributes.exp)} /> },
    { key: "updated", title: "Updated", nowrap: true, render: (i) => dateTime(time(i.attributes.updated)) },
  ];
}

/** CertificatesTable lists a vault's certificates. */
export function CertificatesTable({ vault }: { vault: string }) {
  const found = useQuery({ queryKey: ["vault", vault, "certificates"], queryFn: ({ signal }) => certificates(vault, signal) });
  return (
    <>
      <ErrorBar error={found.error} title="The certificates cannot be read" onRetry={() => void found.refetch()} />
      {found.isPending ? <Loading /> : null}
      {found.data ? (
        <DataTable<CertificateItem>
          label="Certificates in the vault"
          columns={common(vault, "certificates")}
          rows={found.data}
          rowKey={(c) => c.id}
          empty={<Empty title="No certificates yet">Import one, or generate one.</Empty>}
        />
      ) : null}
    </>
  );
}

/** SecretsTable lists a vault's secrets, those of certificates marked. */
export function SecretsTable({ vault }: { vault: string }) {
  const found = useQuery({ queryKey: ["vault", vault, "secrets"], queryFn: ({ signal }) => secrets(vault, signal) });
  const type: Column<SecretItem> = {
    key: "type",
    title: "Content type",
    render: (s) => (s.managed ? `${s.contentType ?? ""} (of a certificate)` : (s.contentType ?? "–")),
  };
  return (
    <>
      <ErrorBar error={found.error} title="The secrets cannot be read" onRetry={() => void found.refetch()} />
      {found.isPending ? <Loading /> : null}
      {found.data ? (
        <DataTable<SecretItem>
          label="Secrets in the vault"
          columns={[...common<SecretItem>(vault, "secrets"), type]}
          rows={found.data}
          rowKey={(s) => s.id}
          empty={<Empty title="No secrets yet">Create one for named values and policies to use.</Empty>}
        />
      ) : null}
    </>
  );
}
