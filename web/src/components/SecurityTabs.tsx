import { Link, useLocation } from "wouter";
import { routes } from "../lib/routes";

const tabs = [
  { label: "Certificates", to: routes.certificates },
  { label: "CA certificates", to: routes.authorities },
];

/** SecurityTabs are the two lists of the Certificates blade. */
export function SecurityTabs() {
  const [location] = useLocation();
  return (
    <nav className="tabs" aria-label="Kinds of certificates">
      {tabs.map((t) => (
        <Link key={t.to} href={t.to} aria-current={location === t.to ? "page" : undefined}>
          {t.label}
        </Link>
      ))}
    </nav>
  );
}
