import { Field, Input, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useEffect } from "react";
import { CertificateFacts } from "../CertificateFacts";
import { ErrorBar } from "../ErrorBar";
import { FileDrop } from "../FileDrop";
import { useInspection } from "./useInspection";
import type { Source } from "./source";

interface Props {
  source: Source;
  onChange: (change: Partial<Source>) => void;
  needsKey?: boolean;
}

/** CustomFields take a certificate file with its password, and show what is in it before it is saved. */
export function CustomFields({ source, onChange, needsKey }: Props) {
  const reading = useInspection(source.file?.data ?? "", source.password);
  const { data, error, wrongPassword } = reading;
  useEffect(() => {
    onChange({ inspected: data ?? null });
    // onChange is made anew with each render; what was read is what matters.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data]);
  const leaf = data?.certificates[data.leaf];
  return (
    <>
      <FileDrop
        label="Certificate file (.pfx, .cer, .pem)"
        accept=".pfx,.p12,.cer,.crt,.der,.pem"
        file={source.file}
        onFile={(file) => onChange({ file, inspected: null })}
      />
      <Field label="Password" hint="Of a PFX file; leave it empty when the file has none." validationMessage={wrongPassword}>
        <Input
          type="password"
          autoComplete="off"
          value={source.password}
          onChange={(_, d) => onChange({ password: d.value, inspected: null })}
        />
      </Field>
      {error && !wrongPassword ? <ErrorBar error={error} title="The file cannot be read" /> : null}
      {leaf ? (
        <section className="card" aria-label="Certificate in the file">
          <CertificateFacts certificate={leaf} />
          {data && data.certificates.length > 1 ? <p className="muted">and {data.certificates.length - 1} more of its chain</p> : null}
        </section>
      ) : null}
      {leaf && needsKey && !leaf.hasPrivateKey ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>The file has no private key. It is needed to serve a host name: choose a PFX file.</MessageBarBody>
        </MessageBar>
      ) : null}
    </>
  );
}
