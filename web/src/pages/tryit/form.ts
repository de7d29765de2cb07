import type { Api, Operation } from "../../api/arm";
import type { ClientChoice, TryRequest } from "../../api/postern";
import type { CertificateFile } from "../../lib/files";

/** Who calls: nobody, a client of the development CA, or the owner of a PFX file. */
export type Caller = "none" | "development" | "pfx";

export interface TryForm {
  api: string;
  operation: string;
  method: string;
  host: string;
  path: string;
  headers: string;
  body: string;
  caller: Caller;
  developmentName: string;
  pfx: CertificateFile | null;
  password: string;
}

export const emptyForm: TryForm = {
  api: "",
  operation: "",
  method: "GET",
  host: "",
  path: "/",
  headers: "",
  body: "",
  caller: "development",
  developmentName: "client-01",
  pfx: null,
  password: "",
};

/** pathOf is the path that an operation's calls have; parameters stay in braces to be filled in. */
export function pathOf(api: Api | undefined, operation: Operation | undefined): string {
  const parts = [api?.properties.path ?? "", (operation?.properties.urlTemplate ?? "").replace(/\/?\*$/, "")];
  const path = parts
    .map((p) => p.replace(/^\/+|\/+$/g, ""))
    .filter(Boolean)
    .join("/");
  return `/${path}`;
}

/** parseHeaders reads lines of "Name: value"; a string is the line that is none. */
export function parseHeaders(text: string): [string, string][] | string {
  const out: [string, string][] = [];
  for (const line of text
    .split("\n")
    .map((l) => l.trim())
    .filter(Boolean)) {
    const m = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/.exec(line);
    if (!m) return `"${line}" is not a header: write Name: value.`;
    out.push([m[1] ?? "", m[2] ?? ""]);
  }
  return out;
}

function choice(form: TryForm): ClientChoice {
  if (form.caller === "development") return { development: { name: form.developmentName.trim() } };
  return form.caller === "pfx" && form.pfx ? { pfx: form.pfx.data, password: form.password } : null;
}

/** formProblem tells what keeps the call from being sent; null when nothing does. */
export function formProblem(form: TryForm): string | null {
  if (!form.path.startsWith("/")) return "The path begins with /.";
  const open = /\{([^{}]+)\}/.exec(form.path);
  if (open) return `Fill in {${open[1]}} in the path.`;
  const headers = parseHeaders(form.headers);
  if (typeof headers === "string") return headers;
  if (form.caller === "development" && !form.developmentName.trim()) return "Enter the name of the client.";
  return form.caller === "pfx" && !form.pfx ? "Choose a PFX file." : null;
}

/** requestOf is the call that a complete form describes. */
export function requestOf(form: TryForm): TryRequest {
  const headers = parseHeaders(form.headers);
  return {
    method: form.method,
    path: form.path,
    headers: typeof headers === "string" ? [] : headers,
    certificate: choice(form),
    ...(form.host ? { host: form.host } : {}),
    ...(form.body ? { body: form.body } : {}),
  };
}
