import type { InspectedCertificate } from "../api/postern";
import { Copyable } from "./Copyable";
import { ExpiryBar } from "./ExpiryBar";
import { Facts } from "./Facts";

type Shown = Pick<InspectedCertificate, "subject" | "issuer" | "thumbprint" | "notBefore" | "notAfter"> & Partial<InspectedCertificate>;

/** CertificateFacts is a certificate in short, with .NET's spelling of its names. */
export function CertificateFacts({ certificate: c }: { certificate: Shown }) {
  return (
    <Facts
      facts={[
        ["Subject", c.subject],
        ["Issuer", c.issuer],
        ["Thumbprint (SHA-1)", <Copyable key="1" value={c.thumbprint} label="SHA-1 thumbprint" />],
        ["Thumbprint (SHA-256)", c.thumbprintSha256 ? <Copyable key="2" value={c.thumbprintSha256} label="SHA-256 thumbprint" /> : null],
        ["Serial number", c.serialNumber],
        ["Expires", <ExpiryBar key="3" notBefore={c.notBefore} notAfter={c.notAfter} />],
        ["Private key", c.hasPrivateKey === undefined ? null : c.hasPrivateKey ? "included" : "none"],
      ]}
    />
  );
}
