import { Field, Input } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorBar } from "../../components/ErrorBar";
import { SidePanel } from "../../components/SidePanel";
import { nameProblem } from "./names";

interface Props {
  name?: string;
  onGenerate: (name: string, subject: string) => Promise<void>;
  onClose: () => void;
}

/** GeneratePanel has the vault make a self-signed certificate. */
export function GeneratePanel({ name: fixed, onGenerate, onClose }: Props) {
  const [name, setName] = useState(fixed ?? "");
  const [subject, setSubject] = useState(`CN=${fixed ?? ""}`);
  const making = useMutation({ mutationFn: () => onGenerate(name, subject), onSuccess: onClose });
  const incomplete = !name || nameProblem(name) !== undefined || !/^\w+=./.test(subject);
  return (
    <SidePanel
      title={fixed ? `New version of ${fixed}` : "Generate certificate"}
      open
      onClose={onClose}
      onSubmit={() => making.mutate()}
      submitLabel="Create"
      submitDisabled={incomplete}
      busy={making.isPending}
    >
      <ErrorBar error={making.error} title="Not created" />
      <Field label="Certificate name" required validationMessage={nameProblem(name)}>
        <Input value={name} disabled={fixed !== undefined} onChange={(_, d) => setName(d.value)} />
      </Field>
      <Field label="Subject" required hint="It is self-signed, RSA with 2048 bits, valid for 12 months.">
        <Input value={subject} onChange={(_, d) => setSubject(d.value)} />
      </Field>
    </SidePanel>
  );
}
