import type { Explanation as Why, PathReport } from "../api/postern";
import { commonName, reasonWords } from "../lib/words";
import { StatusText } from "./StatusText";
import "./explanation.css";

/** failuresAt are the failed checks of one certificate of a path, the first of all with its detail. */
function failuresAt(path: PathReport, index: number): string[] {
  const all = path.failures ?? (path.reason ? [{ at: path.at, reason: path.reason, flag: "" }] : []);
  return all
    .filter((f) => f.at === index)
    .map((f) => {
      const detail = f.at === path.at && f.reason === path.reason && path.detail ? `: ${path.detail}` : "";
      return `${reasonWords(f.reason)}${f.flag ? ` (${f.flag})` : ""}${detail}`;
    });
}

/** Step is one certificate of a path, from the leaf up, with what is wrong with it. */
function Step({ path, index }: { path: PathReport; index: number }) {
  const name = path.certificates[index] ?? "";
  const failures = failuresAt(path, index);
  const revocation = path.revocation?.[index];
  return (
    <li>
      <StatusText tone={failures.length > 0 ? "bad" : "good"}>
        <strong title={name}>{commonName(name)}</strong>
        {failures.map((f) => (
          <span key={f} className="why-detail">
            {f}
          </span>
        ))}
        {revocation ? (
          <span className="muted why-revocation">
            Revocation: {revocation.status}
            {revocation.detail ? `, ${revocation.detail}` : ""}
          </span>
        ) : null}
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
            {path.reason && path.trusted === false ? ", does not end in a trusted root" : ""}
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
