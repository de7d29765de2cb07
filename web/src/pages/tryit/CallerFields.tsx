import { Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import { FileDrop } from "../../components/FileDrop";
import type { Caller, TryForm } from "./form";

interface Props {
  form: TryForm;
  onChange: (change: Partial<TryForm>) => void;
}

/** CallerFields choose the client certificate of the call. */
export function CallerFields({ form, onChange }: Props) {
  return (
    <>
      <Field label="Client certificate">
        <RadioGroup value={form.caller} onChange={(_, d) => onChange({ caller: d.value as Caller })}>
          <Radio value="none" label="None" />
          <Radio value="development" label="Of the development CA" />
          <Radio value="pfx" label="PFX file" />
        </RadioGroup>
      </Field>
      {form.caller === "development" ? (
        <Field label="Client name" required hint="The development CA issues a certificate with this common name for the call.">
          <Input value={form.developmentName} onChange={(_, d) => onChange({ developmentName: d.value })} />
        </Field>
      ) : null}
      {form.caller === "pfx" ? (
        <>
          <FileDrop
            label="Certificate with private key (.pfx)"
            accept=".pfx,.p12,.pem"
            file={form.pfx}
            onFile={(pfx) => onChange({ pfx })}
          />
          <Field label="Password">
            <Input type="password" autoComplete="off" value={form.password} onChange={(_, d) => onChange({ password: d.value })} />
          </Field>
        </>
      ) : null}
    </>
  );
}
