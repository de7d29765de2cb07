import type { Verdict } from "../api/postern";
import { Explanation } from "./Explanation";
import { StatusText } from "./StatusText";

/** VerdictCard is what a call to Verify() gives, and why. */
export function VerdictCard({ title, verdict }: { title: string; verdict: Verdict }) {
  return (
    <section className="card" aria-label={title}>
      <h2>
        <code>{title}</code> <StatusText tone={verdict.ok ? "good" : "bad"}>{verdict.ok ? "true" : "false"}</StatusText>
      </h2>
      {verdict.status?.length ? <p className="mono">{verdict.status.join(", ")}</p> : null}
      <Explanation why={verdict.explanation} />
    </section>
  );
}
