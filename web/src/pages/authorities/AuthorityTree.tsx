import { Badge, Button, Tooltip } from "@fluentui/react-components";
import { ArrowDownloadRegular, DeleteRegular } from "@fluentui/react-icons";
import type { Finding } from "../../api/arm";
import type { Authority } from "../../api/postern";
import { Copyable } from "../../components/Copyable";
import { ExpiryBar } from "../../components/ExpiryBar";
import { Findings } from "../../components/Findings";
import { StatusText } from "../../components/StatusText";
import { download } from "../../lib/files";
import { forest, type Node } from "../../lib/tree";
import { commonName } from "../../lib/words";

interface Props {
  authorities: Authority[];
  /** What the server found out about each, by its index. */
  reports: (Finding[] | undefined)[];
  onDelete: (authority: Authority) => void;
}

type Shared = Omit<Props, "authorities">;

function Entry({ node, ...shared }: { node: Node<Authority> } & Shared) {
  const a = node.item;
  const name = commonName(a.subject);
  const orphan = a.parent === null && a.storeName !== "Root";
  return (
    <li>
      <div className="ca">
        <div className="ca-main">
          <div className="row">
            <strong className="break">{name}</strong>
            <Badge appearance="tint" color={a.storeName === "Root" ? "brand" : "informative"}>
              {a.storeName === "Root" ? "Root" : "Intermediate"}
            </Badge>
          </div>
          <div className="muted break">{a.subject}</div>
          {orphan ? <StatusText tone="warn">Its issuer {commonName(a.issuer)} is not here.</StatusText> : null}
          <Findings findings={shared.reports[a.index]} />
          <div className="ca-prints">
            <Copyable value={a.thumbprint} label={`SHA-1 thumbprint of ${name}`} show={16} />
            <Copyable value={a.thumbprintSha256} label={`SHA-256 thumbprint of ${name}`} show={16} />
          </div>
        </div>
        <ExpiryBar notBefore={a.notBefore} notAfter={a.notAfter} />
        <div className="ca-actions">
          <Tooltip content={`Download ${name}`} relationship="label">
            <Button appearance="subtle" icon={<ArrowDownloadRegular />} onClick={() => download(`${name}.pem`, a.pem)} />
          </Tooltip>
          <Tooltip content={`Delete ${name}`} relationship="label">
            <Button appearance="subtle" icon={<DeleteRegular />} onClick={() => shared.onDelete(a)} />
          </Tooltip>
        </div>
      </div>
      {node.children.length ? <Branch nodes={node.children} {...shared} /> : null}
    </li>
  );
}

function Branch({ nodes, ...shared }: { nodes: Node<Authority>[] } & Shared) {
  return (
    <ul className="ca-branch">
      {nodes.map((n) => (
        <Entry key={n.item.index} node={n} {...shared} />
      ))}
    </ul>
  );
}

/** AuthorityTree draws the CA certificates under their issuers. */
export function AuthorityTree({ authorities, ...shared }: Props) {
  return (
    <div className="ca-tree">
      <Branch nodes={forest(authorities)} {...shared} />
    </div>
  );
}
