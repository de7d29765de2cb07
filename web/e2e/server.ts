import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What serve writes to admin.json, as far as tests need it. */
interface Admin {
  managementUrl: string;
  gatewayUrl: string;
  bearerToken: string;
}

/** A running postern with a data directory of its own. */
export interface Postern {
  url: string;
  gatewayUrl: string;
  token: string;
  /** The link that signs in once. */
  link: string;
  dataDir: string;
  stop: () => Promise<void>;
}

const binary = resolve(process.env.POSTERN_BIN ?? join(import.meta.dirname, "../../bin/postern"));

function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((done, fail) => {
    let text = "";
    const look = (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found?.[1]) done(found[1]);
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("exit", (code) => fail(new Error(`postern ended with ${code}:\n${text}`)));
    setTimeout(() => fail(new Error(`postern did not print ${pattern} in 30 s:\n${text}`)), 30_000).unref();
  });
}

/** startPostern runs the built binary on ports that the system chooses. */
export async function startPostern(): Promise<Postern> {
  const dataDir = mkdtempSync(join(tmpdir(), "postern-portal-"));
  const listen = ["gateway", "management", "vault", "ops"].flatMap((name) => [`--${name}-listen`, "127.0.0.1:0"]);
  const child = spawn(binary, ["serve", "--data-dir", dataDir, ...listen], { stdio: ["ignore", "pipe", "pipe"] });
  const link = await printed(child, /portal\s+(https:\S+#code=\S+)\s/);
  const admin = JSON.parse(readFileSync(join(dataDir, "admin.json"), "utf8")) as Admin;
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL"); // its data are thrown away
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url: admin.managementUrl, gatewayUrl: admin.gatewayUrl, token: admin.bearerToken, link, dataDir, stop };
}
