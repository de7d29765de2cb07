import type { PolicyDiagnostic } from "../../api/policies";
import { StatusText } from "../../components/StatusText";
import { plural } from "../../lib/words";

interface Props {
  diagnostics: PolicyDiagnostic[] | undefined;
  onGo: (line: number, column: number) => void;
}

function summary(diagnostics: PolicyDiagnostic[]): string {
  const errors = diagnostics.filter((d) => d.severity === "error").length;
  const warnings = diagnostics.length - errors;
  return [errors ? plural(errors, "error") : "", warnings ? plural(warnings, "warning") : ""].filter(Boolean).join(", ");
}

/** Problems lists what the server's compiler says of the document; a click goes there. */
export function Problems({ diagnostics, onGo }: Props) {
  return (
    <section aria-label="Problems" className="problems">
      <div role="status">
        {diagnostics === undefined ? <span className="muted">Checking…</span> : null}
        {diagnostics?.length === 0 ? <StatusText tone="good">No problems: the document compiles.</StatusText> : null}
        {diagnostics?.length ? <strong>{summary(diagnostics)}</strong> : null}
      </div>
      <ul>
        {diagnostics?.map((d, i) => (
          <li key={`${d.line}:${d.column} ${d.code} ${i}`}>
            <button type="button" className="problem-line" onClick={() => onGo(d.line, d.column)}>
              <StatusText tone={d.severity === "error" ? "bad" : "warn"}>
                <span className="mono">
                  {d.line}:{d.column}
                </span>{" "}
                {d.code ? <span className="mono">{d.code}</span> : null} {d.message}
              </StatusText>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
