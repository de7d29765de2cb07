import { Field, Input, Textarea } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorBar } from "../../components/ErrorBar";
import { SidePanel } from "../../components/SidePanel";
import { nameProblem } from "./names";

interface Props {
  name?: string;
  onSet: (name: string, value: string, contentType: string) => Promise<void>;
  onClose: () => void;
}

/** SecretPanel makes a secret, or a new version of one. */
export function SecretPanel({ name: fixed, onSet, onClose }: Props) {
  const [name, setName] = useState(fixed ?? "");
  const [value, setValue] = useState("");
  const [type, setType] = useState("");
  const setting = useMutation({ mutationFn: () => onSet(name, value, type), onSuccess: onClose });
  return (
    <SidePanel
      title={fixed ? `New version of ${fixed}` : "Create secret"}
      open
      onClose={onClose}
      onSubmit={() => setting.mutate()}
      submitLabel="Create"
      submitDisabled={!name || nameProblem(name) !== undefined || !value}
      busy={setting.isPending}
    >
      <ErrorBar error={setting.error} title="Not saved" />
      <Field label="Name" required validationMessage={nameProblem(name)}>
        <Input value={name} disabled={fixed !== undefined} onChange={(_, d) => setName(d.value)} />
      </Field>
      <Field label="Secret value" required>
        <Textarea value={value} rows={4} onChange={(_, d) => setValue(d.value)} />
      </Field>
      <Field label="Content type">
        <Input value={type} placeholder="text/plain" onChange={(_, d) => setType(d.value)} />
      </Field>
    </SidePanel>
  );
}
