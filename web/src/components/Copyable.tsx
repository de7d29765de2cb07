import { Button, Tooltip } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import "./copyable.css";

interface Props {
  value: string;
  /** What is copied, for the button's name: "SHA-1 thumbprint". */
  label: string;
  /** How many characters are shown; all of them without. */
  show?: number;
}

/** Copyable shows a value that is copied with a click. */
export function Copyable({ value, label, show }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  const short = show !== undefined && value.length > show ? `${value.slice(0, show)}…` : value;
  return (
    <span className="copyable">
      <code title={value}>{short}</code>
      <Tooltip content={copied ? "Copied" : `Copy ${label}`} relationship="label">
        <Button size="small" appearance="subtle" icon={copied ? <CheckmarkRegular /> : <CopyRegular />} onClick={() => void copy()} />
      </Tooltip>
      <span role="status" className="visually-hidden">
        {copied ? `${label} copied` : ""}
      </span>
    </span>
  );
}
