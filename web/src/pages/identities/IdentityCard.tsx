import { Button, Tooltip } from "@fluentui/react-components";
import { DeleteRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { Identity } from "../../api/postern";
import { vaults } from "../../api/vault";
import { Copyable } from "../../components/Copyable";
import { Facts } from "../../components/Facts";
import { GrantOffer } from "../../components/source/GrantOffer";
import { DataTable } from "../../components/DataTable";

const words = (list: string[] | null | undefined) => (list?.length ? list.join(", ") : "–");

/** IdentityCard shows an identity, what it may do in which vault, and grants what it lacks. */
export function IdentityCard({ identity, onDelete }: { identity: Identity; onDelete?: () => void }) {
  const known = useQuery({ queryKey: ["vaults"], queryFn: ({ signal }) => vaults(signal) });
  return (
    <div className="stack">
      <div className="row">
        <h3 className="grow break">{identity.name}</h3>
        {onDelete ? (
          <Tooltip content={`Delete ${identity.name}`} relationship="label">
            <Button appearance="subtle" icon={<DeleteRegular />} onClick={onDelete} />
          </Tooltip>
        ) : null}
      </div>
      <Facts
        facts={[
          ["Object (principal) id", <Copyable key="p" value={identity.principalId} label="principal id" />],
          ["Client id", identity.clientId ? <Copyable key="c" value={identity.clientId} label="client id" /> : null],
        ]}
      />
      <DataTable
        label={`Permissions of ${identity.name}`}
        rows={identity.permissions ?? []}
        rowKey={(p) => p.vault}
        columns={[
          { key: "vault", title: "Key vault", isName: true, render: (p) => p.vault },
          { key: "secrets", title: "Secrets", render: (p) => words(p.secrets) },
          { key: "certificates", title: "Certificates", render: (p) => words(p.certificates) },
          { key: "keys", title: "Keys", render: (p) => words(p.keys) },
        ]}
        empty={<span className="muted">No permissions in any key vault.</span>}
      />
      {known.data?.map((v) => (
        <GrantOffer key={v.id} vault={v.name} identity={identity} />
      ))}
    </div>
  );
}
