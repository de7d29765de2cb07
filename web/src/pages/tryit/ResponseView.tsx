import type { TryResponse } from "../../api/postern";
import { DecisionView } from "../../components/DecisionView";
import { StatusText } from "../../components/StatusText";

/** ResponseView shows what came back, and why. */
export function ResponseView({ response: r }: { response: TryResponse }) {
  const good = r.status < 400;
  return (
    <div className="stack">
      <section className="card" aria-label="Response">
        <h2>
          <StatusText tone={good ? "good" : "bad"}>
            {r.status} {r.reason}
          </StatusText>{" "}
          <span className="muted try-time">{Math.max(1, Math.round(r.durationMs))} ms</span>
        </h2>
        <pre className="try-text" tabIndex={0} aria-label="Response headers">
          {(r.headers ?? []).map(([n, v]) => `${n}: ${v}`).join("\n")}
        </pre>
        <pre className="try-text try-body" tabIndex={0} aria-label="Response body">
          {r.body || "(no body)"}
        </pre>
        {r.bodyTruncated ? <p className="muted">The body goes on; only its beginning is shown.</p> : null}
      </section>
      {r.decision ? <DecisionView decision={r.decision} /> : null}
    </div>
  );
}
