import { post, get } from "./http";

export type PolicyScope = "global" | "api" | "operation" | "product";

export interface PolicyDiagnostic {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  code: string;
  severity: "error" | "warning";
  message: string;
}

export interface CompletionItem {
  label: string;
  kind: string;
  detail?: string;
  doc?: string;
  insert?: string;
}

export interface Completion {
  items: CompletionItem[];
  from: { line: number; column: number };
}

export interface Snippet {
  name: string;
  title: string;
  doc: string;
  text: string;
}

const base = "/postern/v1/policies";

export const check = (q: { id: string; scope: PolicyScope; text: string; format: "rawxml" | "xml" }, signal?: AbortSignal) =>
  post<{ diagnostics: PolicyDiagnostic[] }>(`${base}/check`, q, signal);
export const complete = (q: { text: string; line: number; column: number }, signal?: AbortSignal) =>
  post<Completion>(`${base}/complete`, q, signal);
export const snippets = async (signal?: AbortSignal) => (await get<{ snippets: Snippet[] }>(`${base}/snippets`, signal)).snippets;
