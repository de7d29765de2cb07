import type { InspectedCertificate } from "../../api/postern";
import { CertificateFacts } from "../../components/CertificateFacts";
import { Facts } from "../../components/Facts";

/** Names prints a certificate as .NET's X509Certificate2 does. */
export function Names({ certificate: c, title }: { certificate: InspectedCertificate; title: string }) {
  return (
    <section className="card stack" aria-label={`${title}: ${c.subject}`}>
      <h2>{title}</h2>
      <div className="grid-2">
        <CertificateFacts certificate={c} />
        <Facts
          facts={[
            ["SimpleName", c.nameInfoSimpleName],
            ["DnsName", c.nameInfoDnsName],
            ["EmailName", c.nameInfoEmailName],
            ["UpnName", c.nameInfoUpnName],
            ["UrlName", c.nameInfoUrlName],
            ["FriendlyName", c.friendlyName],
            ["Key algorithm", c.keyAlgorithm],
            ["Signature algorithm", c.signatureAlgorithm],
            ...(c.extensions ?? []).map((e): [string, string] => [`${e.name || e.oid}${e.critical ? " (critical)" : ""}`, e.format]),
          ]}
        />
      </div>
    </section>
  );
}
