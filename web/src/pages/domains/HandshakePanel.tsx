import { Button } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { handshake, type Handshake } from "../../api/postern";
import { Copyable } from "../../components/Copyable";
import { ErrorBar } from "../../components/ErrorBar";
import { ExpiryBar } from "../../components/ExpiryBar";
import { Facts } from "../../components/Facts";
import { Loading } from "../../components/Loading";
import { SidePanel } from "../../components/SidePanel";
import { StatusText } from "../../components/StatusText";

function Result({ seen }: { seen: Handshake }) {
  return (
    <>
      <StatusText tone={seen.ok ? "good" : "bad"}>
        {seen.ok
          ? `The handshake succeeded in ${Math.max(1, Math.round(seen.durationMs))} ms.`
          : `The handshake failed: ${seen.error ?? ""}`}
      </StatusText>
      {seen.ok ? (
        <StatusText tone={seen.asksForClientCertificate ? "good" : "warn"}>
          {seen.asksForClientCertificate
            ? "The server asks for a client certificate."
            : "The server does not ask for a client certificate."}
        </StatusText>
      ) : null}
      <Facts
        facts={[
          ["Protocol", seen.version],
          ["Cipher", seen.cipher],
          ["Application protocol", seen.alpn],
          [
            "Accepted authorities",
            seen.acceptableAuthorities?.length
              ? seen.acceptableAuthorities.join("; ")
              : seen.asksForClientCertificate
                ? "any; policies decide"
                : "",
          ],
          ["Host name known", seen.sni ? "yes" : "no, the default binding answered"],
        ]}
      />
      {(seen.serverCertificates ?? []).map((c, i) => (
        <section key={c.thumbprint} className="card" aria-label={`Server certificate ${i + 1}`}>
          <Facts
            facts={[
              ["Subject", c.subject],
              ["Issuer", c.issuer],
              ["Names", c.dnsNames?.join(", ")],
              ["Thumbprint", <Copyable key="t" value={c.thumbprint} label="thumbprint" />],
              ["Expires", <ExpiryBar key="e" notAfter={c.notAfter} />],
            ]}
          />
        </section>
      ))}
    </>
  );
}

/** HandshakePanel makes a handshake with the gateway and shows what the server asks for. */
export function HandshakePanel({ hostName, onClose }: { hostName: string; onClose: () => void }) {
  const test = useQuery({ queryKey: ["handshake", hostName], queryFn: () => handshake(hostName), staleTime: 0, gcTime: 0 });
  return (
    <SidePanel title={`Handshake with ${hostName}`} open onClose={onClose}>
      <ErrorBar error={test.error} title="No handshake was made" />
      {test.isFetching ? <Loading label="Connecting" /> : test.data ? <Result seen={test.data} /> : null}
      <div>
        <Button onClick={() => void test.refetch()}>Test again</Button>
      </div>
    </SidePanel>
  );
}
