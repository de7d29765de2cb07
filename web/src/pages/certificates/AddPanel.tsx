import { Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { SidePanel } from "../../components/SidePanel";
import { SourceFields } from "../../components/source/SourceFields";
import { emptySource, sourceProblem, type Source } from "../../components/source/source";
import { idProblem, type Pending } from "./pending";

interface Props {
  /** What is edited: a pending one again, or a certificate to replace; null to add one. */
  editing: { id: string; source: Source; replaces: boolean } | null;
  taken: string[];
  onAdd: (pending: Pending) => void;
  onClose: () => void;
}

/** AddPanel enters a certificate; it is saved with the page's Save. */
export function AddPanel({ editing, taken, onAdd, onClose }: Props) {
  const [id, setId] = useState(editing?.id ?? "");
  const [source, setSource] = useState<Source>(editing?.source ?? emptySource);
  const [tried, setTried] = useState(false);
  const fixed = editing?.replaces ?? false;
  const wrongId = fixed ? null : idProblem(id.trim(), taken);
  const problem = sourceProblem(source);
  const submit = () => {
    setTried(true);
    if (!wrongId && !problem) onAdd({ id: id.trim(), source, replaces: fixed, error: null });
  };
  return (
    <SidePanel title={fixed ? `Replace ${id}` : "Add certificate"} open onClose={onClose} onSubmit={submit} submitLabel="Add">
      <Field
        label="Id"
        required
        validationMessage={tried ? (wrongId ?? undefined) : undefined}
        hint="The name that policies refer to it by."
      >
        <Input value={id} disabled={fixed} onChange={(_, d) => setId(d.value)} />
      </Field>
      <SourceFields source={source} onChange={(c) => setSource((s) => ({ ...s, ...c }))} />
      {tried && problem ? (
        <p role="alert" className="problem">
          {problem}
        </p>
      ) : null}
    </SidePanel>
  );
}
