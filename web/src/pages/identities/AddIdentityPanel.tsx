import { Field, Input } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorBar } from "../../components/ErrorBar";
import { SidePanel } from "../../components/SidePanel";

interface Props {
  taken: string[];
  onAdd: (name: string) => Promise<void>;
  onClose: () => void;
}

/** AddIdentityPanel makes a user-assigned identity and gives it to the service. */
export function AddIdentityPanel({ taken, onAdd, onClose }: Props) {
  const [name, setName] = useState("");
  const adding = useMutation({ mutationFn: () => onAdd(name), onSuccess: onClose });
  const clash = taken.some((t) => t.toLowerCase() === name.toLowerCase());
  const valid = /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/.test(name);
  const problem = clash
    ? `There is an identity ${name} already.`
    : name && !valid
      ? "3 to 128 letters, digits, hyphens and underscores; a letter or digit first."
      : undefined;
  return (
    <SidePanel
      title="Add user-assigned identity"
      open
      onClose={onClose}
      onSubmit={() => adding.mutate()}
      submitLabel="Add"
      submitDisabled={!valid || clash}
      busy={adding.isPending}
    >
      <ErrorBar error={adding.error} title="Not added" />
      <Field label="Name" required validationMessage={problem}>
        <Input value={name} onChange={(_, d) => setName(d.value.trim())} />
      </Field>
    </SidePanel>
  );
}
