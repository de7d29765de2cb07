import { Field, Input } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorBar } from "../../components/ErrorBar";
import { SidePanel } from "../../components/SidePanel";
import { CustomFields } from "../../components/source/CustomFields";
import { emptySource, sourceProblem, type Source } from "../../components/source/source";
import type { CertificateFile } from "../../lib/files";
import { nameProblem } from "./names";

interface Props {
  /** The certificate that gets a new version; without, a name is asked for. */
  name?: string;
  onImport: (name: string, file: CertificateFile, password: string) => Promise<void>;
  onClose: () => void;
}

/** ImportPanel brings a certificate with its key into the vault. */
export function ImportPanel({ name: fixed, onImport, onClose }: Props) {
  const [name, setName] = useState(fixed ?? "");
  const [source, setSource] = useState<Source>({ ...emptySource, kind: "custom" });
  const importing = useMutation({
    mutationFn: async () => {
      if (source.file) await onImport(name, source.file, source.password);
    },
    onSuccess: onClose,
  });
  const incomplete = !name || nameProblem(name) !== undefined || sourceProblem(source) !== null;
  return (
    <SidePanel
      title={fixed ? `New version of ${fixed}` : "Import certificate"}
      open
      onClose={onClose}
      onSubmit={() => importing.mutate()}
      submitLabel="Import"
      submitDisabled={incomplete}
      busy={importing.isPending}
    >
      <ErrorBar error={importing.error} title="Not imported" />
      <Field label="Certificate name" required validationMessage={nameProblem(name)}>
        <Input value={name} disabled={fixed !== undefined} onChange={(_, d) => setName(d.value)} />
      </Field>
      <CustomFields source={source} needsKey onChange={(c) => setSource((s) => ({ ...s, ...c }))} />
    </SidePanel>
  );
}
