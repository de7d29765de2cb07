import type { Session } from "../../api/session";
import { Copyable } from "../../components/Copyable";
import { Facts, type Fact } from "../../components/Facts";

const names: Record<string, string> = {
  gateway: "Gateway URL",
  management: "Management URL",
  vault: "Key vault URL",
  ops: "Health and metrics",
  operations: "Health and metrics",
};

/** Essentials are the facts at the top of the overview. */
export function Essentials({ session, addresses }: { session: Session; addresses: { name: string; url: string }[] }) {
  const { service } = session;
  const listed = addresses.length ? addresses : Object.entries(session.urls).map(([name, url]) => ({ name, url: url ?? "" }));
  const left: Fact[] = [
    ["Service", service.name],
    ["Tier", service.sku],
    ["Resource group", service.resourceGroup],
    ["Subscription", <code key="s">{service.subscriptionId}</code>],
    ["Version", session.version],
  ];
  const right: Fact[] = listed.map((a) => [
    names[a.name] ?? a.name,
    a.url ? <Copyable key={a.name} value={a.url} label={names[a.name] ?? a.name} /> : null,
  ]);
  return (
    <section className="card essentials" aria-label="Essentials">
      <Facts facts={left} />
      <Facts facts={right} />
    </section>
  );
}
