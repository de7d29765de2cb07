import { AddRegular, ArrowClockwiseRegular, DismissRegular, SaveRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { list, refreshCertificate, remove, type Certificate } from "../../api/arm";
import { certificates } from "../../api/postern";
import { Command } from "../../components/Command";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { SecurityTabs } from "../../components/SecurityTabs";
import { emptySource, type Source } from "../../components/source/source";
import { UsesPanel } from "../../components/UsesPanel";
import { useKept } from "../../components/useKept";
import { useUnsaved } from "../../components/useUnsaved";
import { download } from "../../lib/files";
import { plural } from "../../lib/words";
import { useNotify } from "../../shell/notify";
import { useSession } from "../../shell/session";
import { AddPanel } from "./AddPanel";
import { columns } from "./columns";
import { saveAll, type Pending } from "./pending";
import type { RowActions } from "./RowMenu";
import { rowsOf, type Row } from "./rows";

type Editing = { id: string; source: Source; replaces: boolean } | "new" | null;

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** CertificatesPage is Security › Certificates. */
export default function CertificatesPage() {
  const serviceId = useSession().service.id;
  const client = useQueryClient();
  const notify = useNotify();
  const [pending, setPending] = useKept<Pending[]>("certificates", []);
  const [editing, setEditing] = useState<Editing>(null);
  const [deleting, setDeleting] = useState<Row | null>(null);
  const [shown, setShown] = useState<Row | null>(null);
  useUnsaved(pending.length > 0);

  const stored = useQuery({ queryKey: ["certificates"], queryFn: ({ signal }) => list<Certificate>(`${serviceId}/certificates`, signal) });
  const details = useQuery({ queryKey: ["certificates", "details"], queryFn: ({ signal }) => certificates(signal) });
  const reload = () => client.invalidateQueries({ queryKey: ["certificates"] });

  const saving = useMutation({
    mutationFn: () => saveAll(serviceId, pending),
    onSuccess: async (left) => {
      const saved = pending.length - left.length;
      setPending(left);
      await reload();
      if (saved > 0) notify("Certificates saved", `${plural(saved, "certificate")} can be used now.`);
    },
  });
  const refreshing = useMutation({
    mutationFn: (row: Row) => refreshCertificate(row.stored?.id ?? ""),
    onSuccess: (_, row) => notify(`${row.id} refreshed`, "The newest version in the vault is in use."),
    onSettled: reload,
  });

  const actions: RowActions = {
    refresh: (row) => refreshing.mutate(row),
    replace: (row) => setEditing({ id: row.id, source: emptySource, replaces: true }),
    edit: (row) => row.pending && setEditing(row.pending),
    discard: (row) => setPending((all) => all.filter((p) => p !== row.pending)),
    download: (row) => row.details && download(`${row.id}.pem`, row.details.pem),
    remove: setDeleting,
    uses: setShown,
  };
  const add = (entered: Pending) => {
    setPending((all) => [...all.filter((p) => !same(p.id, entered.id)), entered]);
    setEditing(null);
  };
  const rows = rowsOf(stored.data ?? [], details.data ?? [], pending);
  const editedId = editing && editing !== "new" ? editing.id : "";
  return (
    <Page
      title="Certificates"
      about="Client certificates for backends, and certificates that policies compare with."
      busy={saving.isPending ? "Saving certificates" : refreshing.isPending ? "Refreshing from key vault" : false}
      commands={
        <>
          <Command label="Add" icon={<AddRegular />} onClick={() => setEditing("new")} />
          <Command
            label="Save"
            icon={<SaveRegular />}
            disabled={pending.length === 0 || saving.isPending}
            onClick={() => saving.mutate()}
          />
          <Command
            label="Discard"
            icon={<DismissRegular />}
            disabled={pending.length === 0 || saving.isPending}
            onClick={() => setPending([])}
          />
          <Command label="Refresh list" icon={<ArrowClockwiseRegular />} onClick={() => void reload()} />
        </>
      }
    >
      <SecurityTabs />
      <ErrorBar error={stored.error ?? details.error} title="The list cannot be read" onRetry={() => void reload()} />
      <ErrorBar error={refreshing.error} title="Not refreshed" />
      {pending.some((p) => p.error) ? (
        <ErrorBar
          error={new Error("What you entered is kept: see the reason in the list, edit it and save again.")}
          title="Not all is saved."
        />
      ) : null}
      {stored.isPending ? (
        <Loading />
      ) : (
        <DataTable
          label="Certificates"
          columns={columns(actions)}
          rows={rows}
          rowKey={(r) => r.id}
          empty={<Empty title="No certificates yet">Add one from a key vault or from a file, for policies and backends to use.</Empty>}
        />
      )}
      {editing ? (
        <AddPanel
          key={editedId}
          editing={editing === "new" ? null : editing}
          taken={rows.map((r) => r.id).filter((id) => !same(id, editedId))}
          onAdd={add}
          onClose={() => setEditing(null)}
        />
      ) : null}
      {deleting?.stored ? (
        <ConfirmDelete
          what={`certificate ${deleting.id}`}
          usesOf={deleting.stored.id}
          onClose={() => setDeleting(null)}
          onDelete={async () => {
            await remove(deleting.stored?.id ?? "");
            notify(`${deleting.id} deleted`);
            await reload();
          }}
        />
      ) : null}
      {shown?.stored ? <UsesPanel title={`Where ${shown.id} is used`} id={shown.stored.id} onClose={() => setShown(null)} /> : null}
    </Page>
  );
}
