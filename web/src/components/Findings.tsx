import type { Finding } from "../api/arm";
import { StatusText, type Tone } from "./StatusText";

const tones: Record<Finding["severity"], Tone> = { error: "bad", warning: "warn", info: "unknown" };

/** Findings lists what the server knows against a certificate; the mere facts only when asked for. */
export function Findings({ findings, all }: { findings: Finding[] | undefined; all?: boolean }) {
  const shown = (findings ?? []).filter((f) => all || f.severity !== "info");
  if (shown.length === 0) return null;
  return (
    <ul className="findings">
      {shown.map((f) => (
        <li key={f.code + f.message}>
          <StatusText tone={tones[f.severity] ?? "unknown"}>{f.message}</StatusText>
        </li>
      ))}
    </ul>
  );
}
