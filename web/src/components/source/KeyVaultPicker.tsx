import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Select,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { certificates, nameOf, vaults } from "../../api/vault";
import { secretIdentifier } from "../../lib/keyvault";
import { ErrorBar } from "../ErrorBar";

interface Props {
  onPick: (identifier: string) => void;
  onClose: () => void;
}

/** KeyVaultPicker chooses a vault and one of its certificates. */
export function KeyVaultPicker({ onPick, onClose }: Props) {
  const [chosen, setChosen] = useState("");
  const [name, setName] = useState("");
  const list = useQuery({ queryKey: ["vaults"], queryFn: ({ signal }) => vaults(signal) });
  const vault = list.data?.find((v) => v.name === chosen) ?? (list.data?.length === 1 ? list.data[0] : undefined);
  const inside = useQuery({
    queryKey: ["vault", vault?.name, "certificates"],
    queryFn: ({ signal }) => certificates(vault?.name ?? "", signal),
    enabled: vault !== undefined,
  });
  const pick = () => {
    if (vault && name) onPick(secretIdentifier(vault.url, name));
  };
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Select certificate from Key Vault</DialogTitle>
          <DialogContent>
            <div className="stack">
              <ErrorBar error={list.error ?? inside.error} title="The vault cannot be read" />
              <Field label="Key vault" required>
                <Select
                  value={vault?.name ?? ""}
                  onChange={(_, d) => {
                    setChosen(d.value);
                    setName("");
                  }}
                >
                  <option value="">Choose a key vault</option>
                  {list.data?.map((v) => (
                    <option key={v.id} value={v.name}>
                      {v.name}
                    </option>
                  ))}
                </Select>
              </Field>
              <Field
                label="Certificate"
                required
                hint={inside.data?.length === 0 ? "This vault has no certificates yet: import one on the page Key vault." : undefined}
              >
                <Select value={name} disabled={!inside.data?.length} onChange={(_, d) => setName(d.value)}>
                  <option value="">Choose a certificate</option>
                  {inside.data?.map((c) => (
                    <option key={c.id} value={nameOf(c.id)}>
                      {nameOf(c.id)}
                    </option>
                  ))}
                </Select>
              </Field>
            </div>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" disabled={!name} onClick={pick}>
              Select
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
