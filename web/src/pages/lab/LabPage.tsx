import { Button, Checkbox, Field, Input, Textarea } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ApiError } from "../../api/http";
import { inspect } from "../../api/postern";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { FileDrop } from "../../components/FileDrop";
import { Page } from "../../components/Page";
import type { CertificateFile } from "../../lib/files";
import { InspectionView } from "./InspectionView";
import { atProblem, labRequest, type LabForm } from "./form";

const empty: LabForm = { text: "", file: null, password: "", chain: null, at: "", clientCheck: true };

/** LabPage judges any certificate and chain, step by step; nothing is stored. */
export default function LabPage() {
  const [form, setForm] = useState<LabForm>(empty);
  const change = (c: Partial<LabForm>) => setForm((f) => ({ ...f, ...c }));
  const judging = useMutation({ mutationFn: (asked: LabForm) => inspect(labRequest(asked)) });
  const wrongPassword = judging.error instanceof ApiError && judging.error.target === "password" ? judging.error.message : undefined;
  const ready = (form.text.trim() !== "" || form.file !== null) && atProblem(form.at) === undefined;
  const take = (file: CertificateFile) => {
    const next = { ...form, file, text: file.kind === "pem" ? file.data : "" };
    setForm(next);
    if (file.kind !== "pfx") judging.mutate(next);
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (ready) judging.mutate(form);
  };
  return (
    <Page
      title="Certificate lab"
      about="Paste or drop any certificate: its names as .NET prints them, how it is judged and why, whom it gets past."
      busy={judging.isPending ? "Judging the certificate" : false}
    >
      <form className="card stack" onSubmit={submit} aria-label="Certificate">
        <div className="grid-2">
          <Field label="Certificate and chain, as PEM or base64">
            <Textarea
              className="mono"
              rows={7}
              value={form.text}
              placeholder="-----BEGIN CERTIFICATE-----"
              onChange={(_, d) => change({ text: d.value, file: null })}
            />
          </Field>
          <div className="stack">
            <FileDrop label="Or a file" accept=".pem,.cer,.crt,.der,.pfx,.p12" file={form.file} onFile={take} />
            <Field label="Password" hint="Of a PFX file." validationMessage={wrongPassword}>
              <Input type="password" autoComplete="off" value={form.password} onChange={(_, d) => change({ password: d.value })} />
            </Field>
            <FileDrop
              label="Intermediates that the client would send"
              accept=".pem,.cer,.crt,.der"
              file={form.chain}
              onFile={(chain) => change({ chain })}
            />
            <Field label="Judged at" hint="Now, when empty; else a date or time, as 2027-03-01." validationMessage={atProblem(form.at)}>
              <Input value={form.at} onChange={(_, d) => change({ at: d.value })} />
            </Field>
            <Checkbox
              label="Judge as a client's certificate"
              checked={form.clientCheck}
              onChange={(_, d) => change({ clientCheck: d.checked === true })}
            />
          </div>
        </div>
        <div>
          <Button appearance="primary" type="submit" disabled={!ready || judging.isPending}>
            {judging.isPending ? "Judging…" : "Judge"}
          </Button>
        </div>
      </form>
      {judging.error && !wrongPassword ? <ErrorBar error={judging.error} title="The certificate cannot be read" /> : null}
      <div className="stack-wide" aria-live="polite">
        {judging.data ? (
          <InspectionView seen={judging.data} />
        ) : judging.error ? null : (
          <div className="card">
            <Empty title="No certificate yet">Nothing that you enter here is stored.</Empty>
          </div>
        )}
      </div>
    </Page>
  );
}
