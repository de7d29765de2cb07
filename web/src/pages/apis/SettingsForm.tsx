import { Button } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { patch, type Api, type Tagged } from "../../api/arm";
import { ErrorBar } from "../../components/ErrorBar";
import { useUnsaved } from "../../components/useUnsaved";
import { useNotify } from "../../shell/notify";
import { ApiFields, formOf, propertiesOf, type ApiForm } from "./ApiFields";

/** SettingsForm changes an API's settings, if nobody else did meanwhile. */
export function SettingsForm({ api }: { api: Tagged<Api> }) {
  const client = useQueryClient();
  const notify = useNotify();
  const [form, setForm] = useState<ApiForm>(() => formOf(api.resource.properties));
  const dirty = JSON.stringify(form) !== JSON.stringify(formOf(api.resource.properties));
  useUnsaved(dirty);
  const saving = useMutation({
    mutationFn: () => patch<Api>(api.resource.id, { properties: propertiesOf(form) }, api.etag),
    onSuccess: async () => {
      notify("Settings saved");
      await client.invalidateQueries({ queryKey: ["apis"] });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    saving.mutate();
  };
  return (
    <form className="card stack settings" onSubmit={submit}>
      <ErrorBar error={saving.error} title="Not saved" />
      <ApiFields form={form} onChange={(c) => setForm((f) => ({ ...f, ...c }))} />
      <div className="row">
        <Button appearance="primary" type="submit" disabled={!dirty || saving.isPending}>
          {saving.isPending ? "Saving…" : "Save"}
        </Button>
        <Button disabled={!dirty} onClick={() => setForm(formOf(api.resource.properties))}>
          Discard
        </Button>
      </div>
    </form>
  );
}
