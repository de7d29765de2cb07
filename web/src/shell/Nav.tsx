import {
  BeakerRegular,
  CertificateRegular,
  CloudFlowRegular,
  GlobeRegular,
  HomeRegular,
  KeyMultipleRegular,
  PersonKeyRegular,
  PlayRegular,
  ShieldKeyholeRegular,
  type FluentIcon,
} from "@fluentui/react-icons";
import { Link, useLocation } from "wouter";
import { routes } from "../lib/routes";

interface Item {
  label: string;
  to: string;
  icon: FluentIcon;
}

const groups: { title: string | null; items: Item[] }[] = [
  {
    title: null,
    items: [
      { label: "Overview", to: routes.overview, icon: HomeRegular },
      { label: "APIs", to: routes.apis, icon: CloudFlowRegular },
    ],
  },
  {
    title: "Security",
    items: [
      { label: "Certificates", to: routes.certificates, icon: CertificateRegular },
      { label: "CA certificates", to: routes.authorities, icon: ShieldKeyholeRegular },
      { label: "Managed identities", to: routes.identities, icon: PersonKeyRegular },
    ],
  },
  {
    title: "Deployment",
    items: [
      { label: "Custom domains", to: routes.domains, icon: GlobeRegular },
      { label: "Key vault", to: routes.vaults, icon: KeyMultipleRegular },
    ],
  },
  {
    title: "Tools",
    items: [
      { label: "Try it", to: routes.tryIt, icon: PlayRegular },
      { label: "Certificate lab", to: routes.lab, icon: BeakerRegular },
    ],
  },
];

function isCurrent(location: string, to: string): boolean {
  return to === "/" ? location === "/" || location.startsWith("/requests/") : location === to || location.startsWith(`${to}/`);
}

/** Nav is the menu of the service, in Azure's groups. */
export function Nav({ onNavigate }: { onNavigate?: () => void }) {
  const [location] = useLocation();
  return (
    <nav aria-label="Service" className="nav">
      {groups.map((group) => (
        <div key={group.title ?? "top"} className="nav-group" role="group" aria-label={group.title ?? "Service"}>
          {group.title ? <div className="nav-title">{group.title}</div> : null}
          {group.items.map(({ label, to, icon: Icon }) => (
            <Link key={to} href={to} className="nav-item" aria-current={isCurrent(location, to) ? "page" : undefined} onClick={onNavigate}>
              <Icon fontSize={18} aria-hidden />
              {label}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}
