import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { list, put, remove, type Api } from "../../api/arm";
import { Command } from "../../components/Command";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { DataTable, type Column } from "../../components/DataTable";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { useNotify } from "../../shell/notify";
import { useSession } from "../../shell/session";
import { AddApiPanel, type NewApi } from "./AddApiPanel";
import { ApiButtons } from "./ApiButtons";

function columns(onDelete: (api: Api) => void): Column<Api>[] {
  return [
    {
      key: "name",
      title: "Display name",
      isName: true,
      render: (a) => <Link href={`/apis/${encodeURIComponent(a.name)}`}>{a.properties.displayName}</Link>,
    },
    { key: "id", title: "Name", render: (a) => a.name },
    { key: "path", title: "API URL suffix", render: (a) => <code>/{a.properties.path}</code> },
    { key: "backend", title: "Web service URL", render: (a) => a.properties.serviceUrl ?? <span className="muted">none</span> },
    {
      key: "subscription",
      title: "Subscription",
      nowrap: true,
      render: (a) => (a.properties.subscriptionRequired ? "required" : "not required"),
    },
    { key: "actions", title: "Actions", actions: true, render: (a) => <ApiButtons api={a} onDelete={onDelete} /> },
  ];
}

/** ApisPage lists the APIs; the policy of all of them stands first. */
export default function ApisPage() {
  const serviceId = useSession().service.id;
  const client = useQueryClient();
  const notify = useNotify();
  const [, navigate] = useLocation();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Api | null>(null);
  const found = useQuery({ queryKey: ["apis"], queryFn: ({ signal }) => list<Api>(`${serviceId}/apis`, signal) });
  const reload = () => client.invalidateQueries({ queryKey: ["apis"] });
  const add = async ({ name, ...properties }: NewApi) => {
    await put<Api>(`${serviceId}/apis/${name}`, { ...properties, protocols: ["https"] });
    await reload();
    navigate(`/apis/${encodeURIComponent(name)}`);
  };
  return (
    <Page
      title="APIs"
      about="What the gateway serves. Each API and operation has a policy, and all of them share one."
      commands={
        <>
          <Command label="Add API" icon={<AddRegular />} onClick={() => setAdding(true)} />
          <Command label="Refresh list" icon={<ArrowClockwiseRegular />} onClick={() => void reload()} />
        </>
      }
    >
      <div className="card row">
        <strong className="grow">All APIs</strong>
        <Link href="/apis/policy">Edit the policy of all APIs</Link>
      </div>
      <ErrorBar error={found.error} title="The list cannot be read" onRetry={() => void reload()} />
      {found.isPending ? <Loading /> : null}
      {found.data ? (
        <DataTable
          label="APIs"
          columns={columns(setDeleting)}
          rows={found.data}
          rowKey={(a) => a.id}
          empty={
            <Empty title="No APIs yet">
              Add one, or apply files with <code>postern apply</code>.
            </Empty>
          }
        />
      ) : null}
      {adding ? <AddApiPanel taken={(found.data ?? []).map((a) => a.name)} onAdd={add} onClose={() => setAdding(false)} /> : null}
      {deleting ? (
        <ConfirmDelete
          what={`API ${deleting.properties.displayName}`}
          warning="Its operations and policies go with it, and calls to it are answered 404."
          onClose={() => setDeleting(null)}
          onDelete={async () => {
            await remove(deleting.id);
            notify(`API ${deleting.properties.displayName} deleted`);
            await reload();
          }}
        />
      ) : null}
    </Page>
  );
}
