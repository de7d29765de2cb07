import { Link } from "wouter";
import type { Decision } from "../api/postern";
import { scopeRoute } from "../lib/armid";
import { dateTime } from "../lib/time";
import { reasonWords } from "../lib/words";
import { Copyable } from "./Copyable";
import { Explanation } from "./Explanation";
import { Facts } from "./Facts";
import { StatusText } from "./StatusText";

function PolicyLine({ decision: d }: { decision: Decision }) {
  if (!d.policy) return null;
  const p = d.policy;
  return (
    <>
      <Link href={scopeRoute(p.scope, d.api, d.operation, p.line)}>
        line {p.line}, column {p.column}
      </Link>{" "}
      of the {p.scope} policy: <code>{`<${p.element}>`}</code>
    </>
  );
}

/** DecisionView tells why a request was refused or let in: the chain, the failing check, the policy line. */
export function DecisionView({ decision: d }: { decision: Decision }) {
  const refused = d.reason !== "";
  return (
    <div className="stack">
      <section className="card" aria-label="Decision">
        <h2>
          <StatusText tone={refused ? "bad" : "good"}>{refused ? `Refused: ${reasonWords(d.reason)}` : "Let in"}</StatusText>
        </h2>
        <Facts
          facts={[
            ["Message", d.message],
            ["Policy", d.policy ? <PolicyLine decision={d} /> : null],
            ["Request", <code key="r">{`${d.method} https://${d.host}${d.path}`}</code>],
            ["Status", d.status],
            ["API", [d.api, d.operation].filter(Boolean).join(" › ")],
            ["Client certificate", d.certificate ? d.certificate.subject : "none"],
            ["Issuer", d.certificate?.issuer],
            ["Thumbprint", d.certificate ? <Copyable key="t" value={d.certificate.thumbprint} label="thumbprint" /> : null],
            ["Request id", <Copyable key="i" value={d.requestId} label="request id" />],
            ["Time", dateTime(d.time)],
          ]}
        />
      </section>
      {d.verdict ? (
        <section className="card" aria-label="Certificate chain">
          <h2>
            <StatusText tone={d.verdict.verify ? "good" : "bad"}>{d.verdict.verify ? "The chain is good" : "The chain fails"}</StatusText>
          </h2>
          {d.verdict.status?.length ? <p className="mono">{d.verdict.status.join(", ")}</p> : null}
          <Explanation why={d.verdict.explanation} />
        </section>
      ) : null}
    </div>
  );
}
