import { CheckmarkCircleFilled, DismissCircleFilled, QuestionCircleFilled, WarningFilled } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import "./status.css";

export type Tone = "good" | "bad" | "warn" | "unknown";

const icons = { good: CheckmarkCircleFilled, bad: DismissCircleFilled, warn: WarningFilled, unknown: QuestionCircleFilled };

/** StatusText is a state with its sign: never colour alone. */
export function StatusText({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = icons[tone];
  return (
    <span className={`status status-${tone}`}>
      <Icon fontSize={16} aria-hidden />
      <span>{children}</span>
    </span>
  );
}
