import { Link } from "wouter";
import type { Use } from "../api/postern";
import { policyRoute } from "../lib/armid";
import { routes } from "../lib/routes";

const kinds: Record<string, string> = {
  policy: "Policy",
  hostname: "Host name",
  certificate: "Certificate",
  namedValue: "Named value",
  vault: "Key vault",
};

function target(use: Use): string | null {
  if (use.kind === "policy") return policyRoute(use.id, use.line);
  if (use.kind === "hostname") return routes.domains;
  if (use.kind === "certificate") return routes.certificates;
  return use.kind === "vault" ? routes.vaults : null;
}

/** UseList lists what uses a thing, with links to there. */
export function UseList({ uses }: { uses: Use[] }) {
  return (
    <ul className="break">
      {uses.map((use) => {
        const to = target(use);
        const name = `${kinds[use.kind] ?? use.kind} ${use.name}${use.line ? `, line ${use.line}` : ""}`;
        return (
          <li key={`${use.id} ${use.line ?? ""} ${use.detail}`}>
            {to ? <Link href={to}>{name}</Link> : name}
            {use.detail ? <span className="muted"> – {use.detail}</span> : null}
          </li>
        );
      })}
    </ul>
  );
}
