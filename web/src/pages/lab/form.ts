import type { InspectRequest } from "../../api/postern";
import type { CertificateFile } from "../../lib/files";

export interface LabForm {
  text: string;
  file: CertificateFile | null;
  password: string;
  chain: CertificateFile | null;
  at: string;
  clientCheck: boolean;
}

/** atProblem tells what is wrong with the instant; undefined when nothing is. */
export function atProblem(at: string): string | undefined {
  return at.trim() === "" || !Number.isNaN(Date.parse(at)) ? undefined : `'${at}' is no date or time.`;
}

/** labRequest is what the server is asked. */
export function labRequest(form: LabForm): InspectRequest {
  const data = form.text.trim() ? form.text : (form.file?.data ?? "");
  return {
    data,
    clientCheck: form.clientCheck,
    ...(form.password ? { password: form.password } : {}),
    ...(form.chain ? { extra: [form.chain.data] } : {}),
    ...(form.at.trim() ? { at: new Date(form.at).toISOString() } : {}),
  };
}
