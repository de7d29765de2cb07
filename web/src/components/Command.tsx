import { Button } from "@fluentui/react-components";
import type { ReactElement } from "react";

interface Props {
  label: string;
  icon: ReactElement;
  onClick: () => void;
  disabled?: boolean;
}

/** Command is a button of a page's command bar. */
export function Command({ label, icon, onClick, disabled }: Props) {
  return (
    <Button appearance="subtle" icon={icon} onClick={onClick} disabled={disabled}>
      {label}
    </Button>
  );
}
