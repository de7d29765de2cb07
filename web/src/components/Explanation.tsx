import type { Explanation as Why, PathReport } from "../api/postern";
import { commonName } from "../lib/words";
import { StatusText } from "./StatusText";
import "./explanation.css";

/** Step is one certificate of a path, from the leaf up, with what is wrong with it. */
function Step({ path, index }: { path: PathReport; index: number }) {
  const name = path.certificates[index] ?? "";
  const fails = Boolean(path.reason) && path.at === index;
  const revocation = path.revocation?.filter((r) => r.startsWith(`${name}:`)) ?? [];
  return (
    <li>
      <StatusText tone={fails ? "bad" : path.reason && index > path.at ? "unknown" : "good"}>
        <strong title={name}>{commonName(name)}</strong>
        {fails ? (
          <span className="why-detail">
            {" "}
            {path.reason}
            {path.detail ? `: ${path.detail}` : ""}
          </span>
        ) : null}
        {revocation.map((r) => (
          <span key={r} className="muted why-revocation">
            {r.slice(name.length + 2)}
          </span>
        ))}
      </StatusText>
    </li>
  );
}

/** Explanation tells why a chain was judged so: each path that was tried, step by step. */
export function Explanation({ why }: { why: Why }) {
  return (
    <div className="stack why">
      <p className="break">{why.summary}</p>
      {(why.paths ?? []).map((path, n) => (
        <div key={path.certificates.join("|") + n} className="why-path">
          <div className="muted">
            Path {n + 1}
            {path.reason ? "" : ", good"}
          </div>
          <ol>
            {path.certificates.map((name, i) => (
              <Step key={name + i} path={path} index={i} />
            ))}
          </ol>
        </div>
      ))}
      {why.notes?.length ? (
        <ul className="muted break">
          {why.notes.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
