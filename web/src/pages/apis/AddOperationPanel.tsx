import { Field, Input, Select } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { OperationProperties } from "../../api/arm";
import { ErrorBar } from "../../components/ErrorBar";
import { SidePanel } from "../../components/SidePanel";
import { nameFrom } from "./AddApiPanel";
import { templateParameters } from "./template";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];

interface Props {
  taken: string[];
  onAdd: (name: string, properties: OperationProperties) => Promise<void>;
  onClose: () => void;
}

/** AddOperationPanel makes an operation of an API. */
export function AddOperationPanel({ taken, onAdd, onClose }: Props) {
  const [displayName, setDisplayName] = useState("");
  const [method, setMethod] = useState("GET");
  const [urlTemplate, setUrl] = useState("/");
  const name = nameFrom(displayName);
  const clash = taken.some((t) => t.toLowerCase() === name);
  const adding = useMutation({
    mutationFn: () => onAdd(name, { displayName, method, urlTemplate, templateParameters: templateParameters(urlTemplate) }),
    onSuccess: onClose,
  });
  return (
    <SidePanel
      title="Add operation"
      open
      onClose={onClose}
      onSubmit={() => adding.mutate()}
      submitLabel="Create"
      submitDisabled={!name || clash}
      busy={adding.isPending}
    >
      <ErrorBar error={adding.error} title="Not created" />
      <Field label="Display name" required validationMessage={clash ? `There is an operation ${name} already.` : undefined}>
        <Input value={displayName} onChange={(_, d) => setDisplayName(d.value)} />
      </Field>
      <Field label="Method" required>
        <Select value={method} onChange={(_, d) => setMethod(d.value)}>
          {methods.map((m) => (
            <option key={m}>{m}</option>
          ))}
        </Select>
      </Field>
      <Field label="URL" required hint="After the API's suffix; {name} stands for a part that varies, /* for the rest.">
        <Input value={urlTemplate} onChange={(_, d) => setUrl(d.value)} />
      </Field>
    </SidePanel>
  );
}
