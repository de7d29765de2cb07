import { Button, Field, Input, Link as TextLink, MessageBar, MessageBarBody, Select } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { identities } from "../../api/postern";
import { vaults } from "../../api/vault";
import { parseIdentifier, versionWarning, withoutVersion } from "../../lib/keyvault";
import { routes } from "../../lib/routes";
import { ErrorBar } from "../ErrorBar";
import { GrantOffer } from "./GrantOffer";
import { KeyVaultPicker } from "./KeyVaultPicker";
import type { Source } from "./source";

interface Props {
  source: Source;
  onChange: (change: Partial<Source>) => void;
}

function VersionWarning({ source, onChange }: Props) {
  const warning = versionWarning(source.identifier);
  if (!warning) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody className="break">
        {warning} <TextLink onClick={() => onChange({ identifier: withoutVersion(source.identifier) })}>Remove the version</TextLink>
      </MessageBarBody>
    </MessageBar>
  );
}

/** KeyVaultFields ask for a vault's certificate and the identity that reads it. */
export function KeyVaultFields({ source, onChange }: Props) {
  const [picking, setPicking] = useState(false);
  const known = useQuery({ queryKey: ["identities"], queryFn: ({ signal }) => identities(signal) });
  const own = useQuery({ queryKey: ["vaults"], queryFn: ({ signal }) => vaults(signal) });
  const parsed = source.identifier ? parseIdentifier(source.identifier) : null;
  const wrong = typeof parsed === "string" ? parsed : undefined;
  const list = known.data ?? [];
  const identity = list.find((i) => (source.identity === "system" ? i.kind === "SystemAssigned" : i.clientId === source.identity));
  const vault = parsed && typeof parsed !== "string" ? own.data?.find((v) => new URL(v.url).host === parsed.host) : undefined;
  return (
    <>
      <Field label="Identifier" required hint="Of a key vault's certificate or secret, without a version." validationMessage={wrong}>
        <div className="row">
          <Input
            className="grow"
            aria-label="Identifier"
            value={source.identifier}
            placeholder="https://myvault.vault.azure.net/secrets/mycertificate"
            onChange={(_, d) => onChange({ identifier: d.value })}
          />
          <Button onClick={() => setPicking(true)}>Select</Button>
        </div>
      </Field>
      <VersionWarning source={source} onChange={onChange} />
      {picking ? (
        <KeyVaultPicker
          onClose={() => setPicking(false)}
          onPick={(identifier) => {
            onChange({ identifier });
            setPicking(false);
          }}
        />
      ) : null}
      <Field
        label="Client identity"
        required
        hint={
          known.data && list.length === 0 ? (
            <>
              The service has no identity yet; <a href={routes.identities}>Managed identities</a> gives it one.
            </>
          ) : (
            "The identity that the service reads the vault with."
          )
        }
      >
        <Select value={source.identity} onChange={(_, d) => onChange({ identity: d.value })}>
          <option value="">Choose an identity</option>
          {list.map((i) => (
            <option key={i.id} value={i.kind === "SystemAssigned" ? "system" : i.clientId}>
              {i.kind === "SystemAssigned" ? "System-assigned" : `User-assigned: ${i.name}`}
            </option>
          ))}
        </Select>
      </Field>
      <ErrorBar error={known.error} title="The identities cannot be read" />
      {vault && identity ? <GrantOffer vault={vault.name} identity={identity} /> : null}
    </>
  );
}
