import { Button, Tooltip } from "@fluentui/react-components";
import { CodeRegular, DeleteRegular, PlayRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { remove, type Operation } from "../../api/arm";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { DataTable } from "../../components/DataTable";
import { Empty } from "../../components/Empty";

interface ButtonsProps {
  api: string;
  operation: Operation;
  onDelete: (operation: Operation) => void;
}

function Buttons({ api, operation, onDelete }: ButtonsProps) {
  const [, navigate] = useLocation();
  const name = operation.properties.displayName;
  const at = `/apis/${encodeURIComponent(api)}/operations/${encodeURIComponent(operation.name)}/policy`;
  return (
    <>
      <Tooltip content={`Policy of ${name}`} relationship="label">
        <Button appearance="subtle" icon={<CodeRegular />} onClick={() => navigate(at)} />
      </Tooltip>
      <Tooltip content={`Try ${name}`} relationship="label">
        <Button
          appearance="subtle"
          icon={<PlayRegular />}
          onClick={() => navigate(`/tools/try?api=${encodeURIComponent(api)}&operation=${encodeURIComponent(operation.name)}`)}
        />
      </Tooltip>
      <Tooltip content={`Delete ${name}`} relationship="label">
        <Button appearance="subtle" icon={<DeleteRegular />} onClick={() => onDelete(operation)} />
      </Tooltip>
    </>
  );
}

/** OperationsTable lists an API's operations. */
export function OperationsTable({ api, operations }: { api: string; operations: Operation[] }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState<Operation | null>(null);
  return (
    <>
      <DataTable
        label="Operations"
        rows={operations}
        rowKey={(o) => o.id}
        columns={[
          { key: "name", title: "Operation", isName: true, render: (o) => o.properties.displayName },
          { key: "method", title: "Method", render: (o) => <code>{o.properties.method}</code> },
          { key: "url", title: "URL", render: (o) => <code className="break">{o.properties.urlTemplate}</code> },
          { key: "id", title: "Name", render: (o) => o.name },
          { key: "actions", title: "Actions", actions: true, render: (o) => <Buttons api={api} operation={o} onDelete={setDeleting} /> },
        ]}
        empty={<Empty title="No operations yet">Calls need an operation that fits method and URL; add one.</Empty>}
      />
      {deleting ? (
        <ConfirmDelete
          what={`operation ${deleting.properties.displayName}`}
          warning="Its policy goes with it, and calls to it are answered 404."
          onClose={() => setDeleting(null)}
          onDelete={async () => {
            await remove(deleting.id);
            await client.invalidateQueries({ queryKey: ["apis", api, "operations"] });
          }}
        />
      ) : null}
    </>
  );
}
