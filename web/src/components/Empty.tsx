import type { ReactNode } from "react";

/** Empty is what a list shows that has nothing: what it is for and how to begin. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <div className="empty-title">{title}</div>
      <div className="muted">{children}</div>
    </div>
  );
}
