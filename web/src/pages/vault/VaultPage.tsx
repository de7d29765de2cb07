import { Field, Select, Tab, TabList } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, ArrowImportRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { createCertificate, importCertificate, setSecret, vaults } from "../../api/vault";
import { Command } from "../../components/Command";
import { Copyable } from "../../components/Copyable";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { useNotify } from "../../shell/notify";
import { GeneratePanel } from "./GeneratePanel";
import { ImportPanel } from "./ImportPanel";
import { CertificatesTable, SecretsTable } from "./ObjectTables";
import { SecretPanel } from "./SecretPanel";

type Open = "import" | "generate" | "secret" | null;

/** VaultPage is the embedded key vault: its certificates and secrets. */
export default function VaultPage() {
  const client = useQueryClient();
  const notify = useNotify();
  const [, navigate] = useLocation();
  const search = new URLSearchParams(useSearch());
  const [open, setOpen] = useState<Open>(null);
  const known = useQuery({ queryKey: ["vaults"], queryFn: ({ signal }) => vaults(signal) });
  const vault = known.data?.find((v) => v.name === search.get("vault")) ?? known.data?.[0];
  const kind = search.get("kind") === "secrets" ? "secrets" : "certificates";
  const show = (change: Record<string, string>) =>
    navigate(`/key-vault?${new URLSearchParams({ vault: vault?.name ?? "", kind, ...change })}`, { replace: true });
  const reload = () => client.invalidateQueries({ queryKey: ["vault"] });
  const after = async (message: string) => {
    await reload();
    notify(message);
  };
  const name = vault?.name ?? "";
  return (
    <Page
      title={name ? `Key vault: ${name}` : "Key vault"}
      about="The embedded key vault. Services read it as they read Azure's, with a client identity that has permission."
      commands={
        <>
          <Command label="Import certificate" icon={<ArrowImportRegular />} disabled={!vault} onClick={() => setOpen("import")} />
          <Command label="Generate certificate" icon={<AddRegular />} disabled={!vault} onClick={() => setOpen("generate")} />
          <Command label="Create secret" icon={<AddRegular />} disabled={!vault} onClick={() => setOpen("secret")} />
          <Command label="Refresh list" icon={<ArrowClockwiseRegular />} onClick={() => void reload()} />
        </>
      }
    >
      <ErrorBar error={known.error} title="The vaults cannot be read" onRetry={() => void known.refetch()} />
      {known.isPending ? <Loading /> : null}
      {known.data?.length === 0 ? (
        <div className="card">
          <Empty title="There is no key vault" />
        </div>
      ) : null}
      {vault ? (
        <>
          <div className="row">
            {(known.data?.length ?? 0) > 1 ? (
              <Field label="Key vault">
                <Select value={vault.name} onChange={(_, d) => show({ vault: d.value })}>
                  {known.data?.map((v) => (
                    <option key={v.id}>{v.name}</option>
                  ))}
                </Select>
              </Field>
            ) : null}
            <Copyable value={vault.url} label="vault address" />
          </div>
          <TabList selectedValue={kind} onTabSelect={(_, d) => show({ kind: String(d.value) })}>
            <Tab value="certificates">Certificates</Tab>
            <Tab value="secrets">Secrets</Tab>
          </TabList>
          {kind === "certificates" ? <CertificatesTable vault={name} /> : <SecretsTable vault={name} />}
        </>
      ) : null}
      {open === "import" ? (
        <ImportPanel
          onImport={async (n, file, password) => {
            await importCertificate(name, n, file.data, password);
            await after(`Certificate ${n} imported`);
          }}
          onClose={() => setOpen(null)}
        />
      ) : null}
      {open === "generate" ? (
        <GeneratePanel
          onGenerate={async (n, subject) => {
            await createCertificate(name, n, subject);
            await after(`Certificate ${n} is being made`);
          }}
          onClose={() => setOpen(null)}
        />
      ) : null}
      {open === "secret" ? (
        <SecretPanel
          onSet={async (n, value, type) => {
            await setSecret(name, n, value, type);
            await after(`Secret ${n} saved`);
          }}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </Page>
  );
}
