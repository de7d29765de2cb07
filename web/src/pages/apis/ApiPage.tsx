import { Tab, TabList } from "@fluentui/react-components";
import { AddRegular, CodeRegular, PlayRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { list, put, read, type Api, type Operation, type OperationProperties } from "../../api/arm";
import { Command } from "../../components/Command";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { useSession } from "../../shell/session";
import { AddOperationPanel } from "./AddOperationPanel";
import { OperationsTable } from "./OperationsTable";
import { SettingsForm } from "./SettingsForm";

/** ApiPage is one API: its operations and its settings. */
export default function ApiPage({ api }: { api: string }) {
  const id = `${useSession().service.id}/apis/${api}`;
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [tab, setTab] = useState<"design" | "settings">("design");
  const [adding, setAdding] = useState(false);
  const found = useQuery({ queryKey: ["apis", api], queryFn: ({ signal }) => read<Api>(id, "", signal) });
  const operations = useQuery({
    queryKey: ["apis", api, "operations"],
    queryFn: ({ signal }) => list<Operation>(`${id}/operations`, signal),
  });
  const add = async (name: string, properties: OperationProperties) => {
    await put<Operation>(`${id}/operations/${name}`, properties);
    await client.invalidateQueries({ queryKey: ["apis", api, "operations"] });
  };
  const title = found.data?.resource.properties.displayName ?? api;
  return (
    <Page
      title={title}
      crumbs={[{ label: "APIs", to: "/apis" }]}
      commands={
        <>
          <Command label="Add operation" icon={<AddRegular />} onClick={() => setAdding(true)} />
          <Command
            label="Policy of all operations"
            icon={<CodeRegular />}
            onClick={() => navigate(`/apis/${encodeURIComponent(api)}/policy`)}
          />
          <Command label="Try it" icon={<PlayRegular />} onClick={() => navigate(`/tools/try?api=${encodeURIComponent(api)}`)} />
        </>
      }
    >
      <TabList selectedValue={tab} onTabSelect={(_, d) => setTab(d.value === "settings" ? "settings" : "design")}>
        <Tab value="design">Operations</Tab>
        <Tab value="settings">Settings</Tab>
      </TabList>
      <ErrorBar error={found.error ?? operations.error} title="The API cannot be read" onRetry={() => void found.refetch()} />
      {found.isPending ? <Loading /> : null}
      {tab === "design" && operations.data ? <OperationsTable api={api} operations={operations.data} /> : null}
      {tab === "settings" && found.data ? <SettingsForm key={found.data.etag} api={found.data} /> : null}
      {adding ? (
        <AddOperationPanel taken={(operations.data ?? []).map((o) => o.name)} onAdd={add} onClose={() => setAdding(false)} />
      ) : null}
    </Page>
  );
}
