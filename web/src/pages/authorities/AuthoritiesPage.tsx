import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CertificateConfiguration } from "../../api/arm";
import { authorities, type Authority } from "../../api/postern";
import { Command } from "../../components/Command";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { SecurityTabs } from "../../components/SecurityTabs";
import { usePatchService, useService } from "../../components/useService";
import { commonName, plural } from "../../lib/words";
import { useNotify } from "../../shell/notify";
import { AddAuthorityPanel } from "./AddAuthorityPanel";
import { AuthorityTree } from "./AuthorityTree";
import { configurations, type Upload } from "./report";
import "./authorities.css";

/** AuthoritiesPage is Security › CA certificates. */
export default function AuthoritiesPage() {
  const notify = useNotify();
  const service = useService();
  const patchService = usePatchService();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Authority | null>(null);
  const found = useQuery({ queryKey: ["authorities"], queryFn: ({ signal }) => authorities(signal) });
  const present = found.data ?? [];

  const change = async (make: (stored: CertificateConfiguration[]) => CertificateConfiguration[]) => {
    const fresh = (await service.refetch()).data;
    if (!fresh) throw new Error("The service cannot be read.");
    await patchService({ certificates: make(fresh.resource.properties.certificates ?? []) }, fresh.etag);
  };
  const save = async (uploads: Upload[], password: string) => {
    await change((stored) => configurations(stored, uploads, password));
    notify(`${plural(uploads.length, "CA certificate")} added`, "Clients are judged by it from now on.");
  };
  const remove = async (gone: Authority) => {
    await change((stored) =>
      configurations(
        stored.filter((_, i) => i !== gone.index),
        [],
        "",
      ),
    );
    notify(`${commonName(gone.subject)} deleted`);
  };
  return (
    <Page
      title="CA certificates"
      about="Whom client certificates may come from: a chain has to end at a root of this list."
      commands={
        <>
          <Command label="Add" icon={<AddRegular />} onClick={() => setAdding(true)} />
          <Command label="Refresh list" icon={<ArrowClockwiseRegular />} onClick={() => void found.refetch()} />
        </>
      }
    >
      <SecurityTabs />
      <ErrorBar error={found.error ?? service.error} title="The list cannot be read" onRetry={() => void found.refetch()} />
      {found.isPending ? <Loading /> : null}
      {found.data?.length === 0 ? (
        <div className="card">
          <Empty title="No CA certificates yet">Add the root, and the intermediates that clients do not send.</Empty>
        </div>
      ) : null}
      {present.length ? (
        <AuthorityTree
          authorities={present}
          reports={(service.data?.resource.properties.certificates ?? []).map((c) => c.report)}
          onDelete={setDeleting}
        />
      ) : null}
      {adding ? <AddAuthorityPanel present={present} onSave={save} onClose={() => setAdding(false)} /> : null}
      {deleting ? (
        <ConfirmDelete
          what={`CA certificate ${commonName(deleting.subject)}`}
          warning={
            present.some((a) => a.parent === deleting.index)
              ? "Certificates below it in the tree are no longer trusted through it."
              : "Client certificates that it issued are refused from then on."
          }
          onDelete={() => remove(deleting)}
          onClose={() => setDeleting(null)}
        />
      ) : null}
    </Page>
  );
}
