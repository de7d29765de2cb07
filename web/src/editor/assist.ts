import type { Completion as Option, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Diagnostic } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import { complete, type CompletionItem, type PolicyDiagnostic } from "../api/policies";
import { offsetAt, placeAt } from "./positions";

const kinds: Record<string, string> = {
  element: "class",
  attribute: "property",
  value: "enum",
  property: "property",
  method: "method",
  snippet: "text",
  type: "type",
  keyword: "keyword",
};

function option(item: CompletionItem): Option {
  return {
    label: item.label,
    type: kinds[item.kind] ?? "text",
    ...(item.detail ? { detail: item.detail } : {}),
    ...(item.doc ? { info: item.doc } : {}),
    apply: item.insert || item.label,
  };
}

/** completions asks the server what may stand at the cursor. */
export async function completions(context: CompletionContext): Promise<CompletionResult | null> {
  const typed = context.matchBefore(/[<.\s"'(]|[\w-]+/);
  if (!context.explicit && (!typed || /^\s*$/.test(typed.text))) return null;
  const abort = new AbortController();
  context.addEventListener("abort", () => abort.abort());
  try {
    const doc = context.state.doc;
    const answer = await complete({ text: doc.toString(), ...placeAt(doc, context.pos) }, abort.signal);
    if (context.aborted || answer.items.length === 0) return null;
    return { from: offsetAt(doc, answer.from.line, answer.from.column), options: answer.items.map(option), validFor: /^[\w-]*$/ };
  } catch {
    return null; // completion is a help; without it one types on
  }
}

/** marks places the server's diagnostics in the document. */
export function marks(view: EditorView, diagnostics: PolicyDiagnostic[]): Diagnostic[] {
  const doc = view.state.doc;
  return diagnostics.map((d) => {
    const from = offsetAt(doc, d.line, d.column);
    const end = d.endLine ? offsetAt(doc, d.endLine, d.endColumn) : from;
    const to = Math.max(end, Math.min(from + 1, doc.length));
    return { from, to, severity: d.severity, message: d.message, ...(d.code ? { source: d.code } : {}) };
  });
}
