import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of a small PKI: a root, an intermediate, a server's and a client's PFX. */
export interface Pki {
  root: string;
  intermediate: string;
  /** Root and intermediate in one file. */
  bundle: string;
  serverPfx: string;
  clientPfx: string;
  clientThumbprint: string;
  strangerPfx: string;
  password: string;
}

export const hostName = "api.portal.test";
const password = "correct horse";

function openssl(dir: string, args: string[]): string {
  return execFileSync("openssl", args, { cwd: dir, stdio: ["ignore", "pipe", "pipe"] }).toString();
}

function issue(dir: string, name: string, subject: string, ca: string | null, extensions: string): void {
  writeFileSync(join(dir, `${name}.ext`), extensions);
  openssl(dir, [
    "req",
    "-new",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
    "-subj",
    subject,
  ]);
  const signer = ca ? ["-CA", `${ca}.pem`, "-CAkey", `${ca}.key`] : ["-signkey", `${name}.key`];
  openssl(dir, ["x509", "-req", "-in", `${name}.csr`, ...signer, "-days", "400", "-extfile", `${name}.ext`, "-out", `${name}.pem`]);
}

function pfx(dir: string, name: string, chain: string | null): string {
  const more = chain ? ["-certfile", `${chain}.pem`] : [];
  openssl(dir, [
    "pkcs12",
    "-export",
    "-inkey",
    `${name}.key`,
    "-in",
    `${name}.pem`,
    ...more,
    "-passout",
    `pass:${password}`,
    "-out",
    `${name}.pfx`,
  ]);
  return join(dir, `${name}.pfx`);
}

/** makePki makes the files in a folder. */
export function makePki(dir: string): Pki {
  const ca = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n";
  const client = "basicConstraints=critical,CA:false\nextendedKeyUsage=clientAuth\n";
  issue(dir, "root", "/O=Partner GmbH/CN=Partner Root CA", null, ca);
  issue(dir, "intermediate", "/O=Partner GmbH/CN=Partner Issuing CA", "root", ca);
  issue(dir, "client", "/O=Partner GmbH/CN=partner-client", "intermediate", client);
  issue(dir, "stranger", "/CN=stranger", null, client);
  issue(dir, "server", `/CN=${hostName}`, "root", `subjectAltName=DNS:${hostName}\nextendedKeyUsage=serverAuth\n`);
  const text = (name: string) => openssl(dir, ["x509", "-in", `${name}.pem`]);
  writeFileSync(join(dir, "bundle.pem"), text("root") + text("intermediate"));
  openssl(dir, ["x509", "-in", "root.pem", "-outform", "DER", "-out", "root.cer"]);
  const print = openssl(dir, ["x509", "-in", "client.pem", "-noout", "-fingerprint", "-sha1"]);
  return {
    root: join(dir, "root.cer"),
    intermediate: join(dir, "intermediate.pem"),
    bundle: join(dir, "bundle.pem"),
    serverPfx: pfx(dir, "server", null),
    clientPfx: pfx(dir, "client", "intermediate"),
    clientThumbprint: print.split("=")[1]?.trim().replaceAll(":", "") ?? "",
    strangerPfx: pfx(dir, "stranger", null),
    password,
  };
}
