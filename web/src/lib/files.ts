/** base64 encodes bytes. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

/** A certificate file as the server takes it: PEM as text, the rest as base64. */
export interface CertificateFile {
  name: string;
  data: string;
  /** Whether the file's form carries a private key behind a password. */
  kind: "pem" | "pfx" | "der";
}

const maxBytes = 1 << 20;

/** kindOf tells a file's form from its bytes: DER of a PFX begins with version 3, a certificate with a sequence. */
export function kindOf(bytes: Uint8Array): CertificateFile["kind"] {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  if (head.includes("-----BEGIN")) return "pem";
  const lengthBytes = (bytes[1] ?? 0) & 0x80 ? (bytes[1] ?? 0) & 0x7f : 0;
  const at = 2 + lengthBytes;
  return bytes[0] === 0x30 && bytes[at] === 0x02 && bytes[at + 1] === 1 && bytes[at + 2] === 3 ? "pfx" : "der";
}

/** readCertificateFile reads a chosen or dropped file; it throws an Error with words for people. */
export async function readCertificateFile(file: File): Promise<CertificateFile> {
  if (file.size === 0) throw new Error(`${file.name} is empty.`);
  if (file.size > maxBytes) throw new Error(`${file.name} is larger than 1 MiB; that is no certificate file.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const kind = kindOf(bytes);
  return { name: file.name, kind, data: kind === "pem" ? new TextDecoder().decode(bytes) : base64(bytes) };
}

/** download gives the viewer a text as a file. */
export function download(name: string, text: string, type = "application/x-pem-file"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** splitPem gives each certificate of a PEM text by itself; the text when it has none or one. */
export function splitPem(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 1 ? blocks : [text];
}
