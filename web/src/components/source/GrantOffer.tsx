import { Button, MessageBar, MessageBarActions, MessageBarBody } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { grant, type Identity } from "../../api/postern";
import { missingPermissions } from "../../lib/keyvault";
import { ErrorBar } from "../ErrorBar";
import { StatusText } from "../StatusText";

/** GrantOffer says which permissions an identity lacks in a vault, and grants them with a click. */
export function GrantOffer({ vault, identity }: { vault: string; identity: Identity }) {
  const client = useQueryClient();
  const granting = useMutation({
    mutationFn: () => grant(vault, identity.principalId),
    onSuccess: () => client.invalidateQueries({ queryKey: ["identities"] }),
  });
  const missing = missingPermissions(identity.permissions, vault);
  if (missing.length === 0) return <StatusText tone="good">The identity may read certificates of the vault {vault}.</StatusText>;
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          The identity lacks permissions in the vault {vault}: {missing.join(", ")}.
        </MessageBarBody>
        <MessageBarActions>
          <Button size="small" disabled={granting.isPending} onClick={() => granting.mutate()}>
            {granting.isPending ? "Granting…" : "Grant"}
          </Button>
        </MessageBarActions>
      </MessageBar>
      <ErrorBar error={granting.error} title="Not granted" />
    </>
  );
}
