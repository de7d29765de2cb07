import { Switch } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createUserAssigned, deleteUserAssigned, setServiceIdentity, userAssignedId } from "../../api/identity";
import { identities, type Identity } from "../../api/postern";
import { Command } from "../../components/Command";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { useService } from "../../components/useService";
import { useNotify } from "../../shell/notify";
import { useSession } from "../../shell/session";
import { AddIdentityPanel } from "./AddIdentityPanel";
import { IdentityCard } from "./IdentityCard";

/** IdentitiesPage is Security › Managed identities. */
export default function IdentitiesPage() {
  const session = useSession();
  const service = useService();
  const client = useQueryClient();
  const notify = useNotify();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Identity | null>(null);
  const found = useQuery({ queryKey: ["identities"], queryFn: ({ signal }) => identities(signal) });
  const list = found.data ?? [];
  const own = list.find((i) => i.kind === "SystemAssigned");
  const stored = service.data?.resource.identity;
  const assigned = Object.keys(stored?.userAssignedIdentities ?? {});
  const system = /\bSystemAssigned\b/.test(stored?.type ?? "");
  const reload = () => client.invalidateQueries();
  const set = (on: boolean, ids: string[], force = false) =>
    setServiceIdentity(session.service.id, on, ids, service.data?.etag ?? "*", force);
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

  const switching = useMutation({ mutationFn: (on: boolean) => set(on, assigned), onSettled: reload });
  const add = async (name: string) => {
    const id = userAssignedId(session.service.subscriptionId, session.service.resourceGroup, name);
    await createUserAssigned(id, service.data?.resource.location ?? "local");
    await set(system, [...assigned, id]);
    await reload();
    notify(`Identity ${name} added`);
  };
  const remove = async (gone: Identity, used: boolean) => {
    const others = assigned.filter((id) => !same(id, gone.id));
    if (others.length < assigned.length) await set(system, others, used);
    await deleteUserAssigned(gone.id, used);
    await reload();
    notify(`Identity ${gone.name} deleted`);
  };
  return (
    <Page
      title="Managed identities"
      about="Who the service is when it reads a key vault, and what it may read there."
      busy={switching.isPending ? "Changing the service's identity" : false}
      commands={
        <>
          <Command label="Add user-assigned" icon={<AddRegular />} onClick={() => setAdding(true)} />
          <Command label="Refresh list" icon={<ArrowClockwiseRegular />} onClick={() => void reload()} />
        </>
      }
    >
      <ErrorBar error={found.error ?? service.error} title="The identities cannot be read" onRetry={() => void reload()} />
      <ErrorBar error={switching.error} title="Not changed" />
      {found.isPending || service.isPending ? <Loading /> : null}
      {service.data ? (
        <section className="stack" aria-label="System assigned">
          <h2>System assigned</h2>
          <div className="card stack">
            <Switch
              label={system ? "On" : "Off"}
              aria-label="System-assigned identity"
              checked={system}
              disabled={switching.isPending}
              onChange={(_, d) => switching.mutate(d.checked)}
            />
            {own ? (
              <IdentityCard identity={own} />
            ) : (
              <p className="muted">An identity of the service's own, which lives as long as the service.</p>
            )}
          </div>
        </section>
      ) : null}
      <section className="stack" aria-label="User assigned">
        <h2>User assigned</h2>
        {list
          .filter((i) => i.kind === "UserAssigned")
          .map((i) => (
            <div key={i.id} className="card">
              <IdentityCard identity={i} onDelete={() => setDeleting(i)} />
            </div>
          ))}
        {list.every((i) => i.kind === "SystemAssigned") ? (
          <p className="muted">None yet. A user-assigned identity is a resource of its own, which several services may have.</p>
        ) : null}
      </section>
      {adding ? <AddIdentityPanel taken={list.map((i) => i.name)} onAdd={add} onClose={() => setAdding(false)} /> : null}
      {deleting ? (
        <ConfirmDelete
          what={`identity ${deleting.name}`}
          usesOf={deleting.id}
          onDelete={(used) => remove(deleting, used)}
          onClose={() => setDeleting(null)}
        />
      ) : null}
    </Page>
  );
}
