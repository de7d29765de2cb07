import { Field, Input } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiProperties } from "../../api/arm";
import { ErrorBar } from "../../components/ErrorBar";
import { SidePanel } from "../../components/SidePanel";
import { ApiFields, propertiesOf, type ApiForm } from "./ApiFields";

export type NewApi = Omit<ApiProperties, "protocols"> & { name: string };

interface Props {
  taken: string[];
  onAdd: (api: NewApi) => Promise<void>;
  onClose: () => void;
}

/** nameFrom proposes a resource name for a display name. */
export function nameFrom(displayName: string): string {
  return displayName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80);
}

/** AddApiPanel makes an HTTP API. */
export function AddApiPanel({ taken, onAdd, onClose }: Props) {
  const [form, setForm] = useState<ApiForm>({ displayName: "", path: "", serviceUrl: "", subscriptionRequired: false, description: "" });
  const [own, setOwn] = useState<string | null>(null);
  const name = own ?? nameFrom(form.displayName);
  const clash = taken.some((t) => t.toLowerCase() === name.toLowerCase());
  const adding = useMutation({ mutationFn: () => onAdd({ name, ...propertiesOf(form) }), onSuccess: onClose });
  return (
    <SidePanel
      title="Add HTTP API"
      open
      onClose={onClose}
      onSubmit={() => adding.mutate()}
      submitLabel="Create"
      submitDisabled={!name || clash || !form.displayName}
      busy={adding.isPending}
    >
      <ErrorBar error={adding.error} title="Not created" />
      <ApiFields form={form} onChange={(c) => setForm((f) => ({ ...f, ...c }))} />
      <Field
        label="Name"
        required
        hint="Of the resource, in the management API."
        validationMessage={clash ? `There is an API ${name} already.` : undefined}
      >
        <Input value={name} onChange={(_, d) => setOwn(d.value)} />
      </Field>
    </SidePanel>
  );
}
