import { Field, Radio, RadioGroup } from "@fluentui/react-components";
import { CustomFields } from "./CustomFields";
import { KeyVaultFields } from "./KeyVaultFields";
import type { Source } from "./source";

interface Props {
  source: Source;
  onChange: (change: Partial<Source>) => void;
  /** Whether the file must have a private key. */
  needsKey?: boolean;
}

/** SourceFields ask where a certificate comes from: a key vault, or a file. */
export function SourceFields({ source, onChange, needsKey }: Props) {
  return (
    <>
      <Field label="Certificate" required>
        <RadioGroup
          layout="horizontal"
          value={source.kind}
          onChange={(_, d) => onChange({ kind: d.value === "custom" ? "custom" : "vault" })}
        >
          <Radio value="vault" label="Key vault" />
          <Radio value="custom" label="Custom" />
        </RadioGroup>
      </Field>
      {source.kind === "vault" ? (
        <KeyVaultFields source={source} onChange={onChange} />
      ) : (
        <CustomFields source={source} onChange={onChange} needsKey={needsKey} />
      )}
    </>
  );
}
