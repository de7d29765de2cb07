import { Button, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { FormEvent, ReactNode } from "react";
import "./sidepanel.css";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  /** Runs with the form's button; without, the panel only shows. */
  onSubmit?: () => void;
  submitLabel?: string;
  submitDisabled?: boolean;
  busy?: boolean;
  children: ReactNode;
}

function Form({ onSubmit, children }: { onSubmit?: () => void; children: ReactNode }) {
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onSubmit?.();
  };
  return (
    <form className="panel-form" onSubmit={submit} noValidate>
      {children}
    </form>
  );
}

/** SidePanel is the blade that opens on the right, with its buttons at the bottom. */
export function SidePanel({ title, open, onClose, onSubmit, submitLabel = "Save", submitDisabled, busy, children }: Props) {
  return (
    <OverlayDrawer
      position="end"
      size="medium"
      open={open}
      onOpenChange={(_, d) => !d.open && onClose()}
      className="panel"
      aria-label={title}
    >
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label="Close" icon={<DismissRegular />} onClick={onClose} />}>
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <Form onSubmit={onSubmit}>
        <DrawerBody>
          <div className="stack panel-body">{children}</div>
        </DrawerBody>
        <DrawerFooter>
          {onSubmit ? (
            <Button appearance="primary" type="submit" disabled={submitDisabled || busy}>
              {busy ? `${submitLabel}…` : submitLabel}
            </Button>
          ) : null}
          <Button onClick={onClose}>{onSubmit ? "Cancel" : "Close"}</Button>
        </DrawerFooter>
      </Form>
    </OverlayDrawer>
  );
}
