import type { CertificateConfiguration } from "../../api/arm";
import { inspect, type Authority, type InspectedCertificate } from "../../api/postern";
import { splitPem, type CertificateFile } from "../../lib/files";
import { daysLeft } from "../../lib/time";
import { commonName } from "../../lib/words";

export type Store = CertificateConfiguration["storeName"];

/** A certificate of an uploaded file, with the store it will go to. */
export interface Upload {
  data: string;
  certificate: InspectedCertificate;
  store: Store;
}

/** One line of the upload report. */
export interface Finding {
  tone: "good" | "warn" | "bad";
  text: string;
}

const selfSigned = (c: InspectedCertificate) => c.subject === c.issuer;

/** readUploads reads each certificate of a file and proposes its store. */
export async function readUploads(file: CertificateFile, password: string, signal?: AbortSignal): Promise<Upload[]> {
  const parts = file.kind === "pem" ? splitPem(file.data) : [file.data];
  return Promise.all(
    parts.map(async (data) => {
      const seen = await inspect({ data, ...(password ? { password } : {}) }, signal);
      const certificate = seen.certificates[seen.leaf];
      if (!certificate) throw new Error("The file has no certificate.");
      return { data, certificate, store: selfSigned(certificate) ? "Root" : "CertificateAuthority" } satisfies Upload;
    }),
  );
}

/** findings is the report about one uploaded certificate beside those that are there. */
export function findings(upload: Upload, others: Upload[], present: Authority[]): Finding[] {
  const c = upload.certificate;
  const out: Finding[] = [];
  if (present.some((p) => p.thumbprint === c.thumbprint && p.storeName === upload.store)) {
    out.push({ tone: "warn", text: "It is in this store already." });
  }
  if (selfSigned(c)) {
    out.push(
      upload.store === "Root"
        ? { tone: "good", text: "It signed itself: chains may end here." }
        : { tone: "warn", text: "It signed itself, so it is a root; in Intermediate no chain can end at it." },
    );
  } else {
    const issuers = [...present, ...others.map((o) => o.certificate)].some((i) => i.subject === c.issuer);
    out.push(
      issuers
        ? { tone: "good", text: `Its issuer ${commonName(c.issuer)} is here.` }
        : { tone: "warn", text: `Its issuer ${commonName(c.issuer)} is not here; add that one too, or no chain through this one is good.` },
    );
    if (upload.store === "Root") out.push({ tone: "warn", text: "It did not sign itself; only a root that did can end a chain." });
  }
  if (daysLeft(c.notAfter) < 0) out.push({ tone: "bad", text: "It has expired: every chain through it fails." });
  if (daysLeft(c.notBefore) >= 0) out.push({ tone: "bad", text: "It is not valid yet." });
  if (c.hasPrivateKey) out.push({ tone: "good", text: "Its private key is not needed and not kept." });
  return out;
}

/** configurations is what the service resource gets: those that stay, by thumbprint, and the uploads. */
export function configurations(present: CertificateConfiguration[], uploads: Upload[], password: string): CertificateConfiguration[] {
  return [
    ...present.map(({ storeName, certificate }) => ({ storeName, ...(certificate ? { certificate } : {}) })),
    ...uploads.map((u) => ({ storeName: u.store, encodedCertificate: u.data, ...(password ? { certificatePassword: password } : {}) })),
  ];
}
