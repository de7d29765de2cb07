import { ProgressBar } from "@fluentui/react-components";
import { useEffect, useRef, type ReactNode } from "react";
import { Link } from "wouter";
import "./page.css";

export interface Crumb {
  label: string;
  to: string;
}

interface Props {
  title: string;
  /** What the page is for, in one line. */
  about?: ReactNode;
  crumbs?: Crumb[];
  /** Buttons of the command bar. */
  commands?: ReactNode;
  /** Whether an operation runs; says which. */
  busy?: string | false;
  children: ReactNode;
}

let opened = false;

/** useHeading brings the focus to the heading of each page but the first, so that screen readers tell where one is. */
function useHeading() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (opened) heading.current?.focus({ preventScroll: true });
    opened = true;
  }, []);
  return heading;
}

/** Page is a blade: where it is, its name, its commands, its content. */
export function Page({ title, about, crumbs, commands, busy, children }: Props) {
  const heading = useHeading();
  useEffect(() => {
    document.title = `${title} - Postern`;
  }, [title]);
  return (
    <div className="page">
      <div className="page-head">
        {crumbs ? (
          <nav aria-label="Path" className="crumbs">
            {crumbs.map((c) => (
              <span key={c.to}>
                <Link href={c.to}>{c.label}</Link> <span aria-hidden>›</span>{" "}
              </span>
            ))}
          </nav>
        ) : null}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {about ? <p className="muted page-about">{about}</p> : null}
      </div>
      {commands ? (
        <div className="commands" role="toolbar" aria-label={`${title} commands`}>
          {commands}
        </div>
      ) : null}
      <div className="page-busy" role="status">
        {busy ? <ProgressBar aria-label={busy} thickness="medium" /> : null}
        <span className="visually-hidden">{busy || ""}</span>
      </div>
      <div className="page-body stack-wide">{children}</div>
    </div>
  );
}
