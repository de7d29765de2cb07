import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import type { PolicyDiagnostic } from "../api/policies";
import { nonce } from "../nonce";
import { completions, marks } from "./assist";
import { highlighting, theme } from "./highlight";
import { policyLanguage } from "./policyLanguage";
import { offsetAt } from "./positions";
import { typeOverSelection } from "./typing";
import "./editor.css";

/** What a page can do with the editor. */
export interface EditorHandle {
  /** Puts text at the cursor, indented as the line is. */
  insert: (text: string) => void;
  /** Puts the cursor at a place and shows it. */
  goTo: (line: number, column: number) => void;
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  diagnostics: PolicyDiagnostic[];
  dark: boolean;
  label: string;
  ref?: Ref<EditorHandle>;
}

function extensions(label: string, onChange: (value: string) => void): Extension[] {
  return [
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    highlightSelectionMatches(),
    lintGutter(),
    typeOverSelection,
    policyLanguage,
    highlighting,
    theme,
    indentUnit.of("    "),
    autocompletion({ override: [completions], activateOnTyping: true }),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
    EditorView.updateListener.of((u) => {
      if (u.docChanged) onChange(u.state.doc.toString());
    }),
    ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
  ];
}

function insertAt(view: EditorView, text: string): void {
  const { from, to } = view.state.selection.main;
  const line = view.state.doc.lineAt(from);
  const indent = /^\s*/.exec(line.text)?.[0] ?? "";
  const indented = text.trimEnd().replaceAll("\n", `\n${indent}`);
  view.dispatch({ changes: { from, to, insert: indented }, selection: { anchor: from + indented.length }, scrollIntoView: true });
  view.focus();
}

/** PolicyEditor edits a policy document; it is loaded when it is first needed. */
export default function PolicyEditor({ value, onChange, diagnostics, dark, label, ref }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(onChange);
  latest.current = onChange;

  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({ doc: value, extensions: extensions(label, (v) => latest.current(v)) }),
    });
    view.current = made;
    return () => made.destroy();
    // The editor keeps its own document; a value from outside comes in through the next effect.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [label]);

  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const v = view.current;
    if (v) v.dispatch(setDiagnostics(v.state, marks(v, diagnostics)));
  }, [diagnostics]);

  useImperativeHandle(
    ref,
    () => ({
      insert: (text) => view.current && insertAt(view.current, text),
      goTo: (line, column) => {
        const v = view.current;
        if (!v) return;
        v.dispatch({
          selection: { anchor: offsetAt(v.state.doc, line, column) },
          effects: EditorView.scrollIntoView(offsetAt(v.state.doc, line, column), { y: "center" }),
        });
        v.focus();
      },
    }),
    [],
  );

  return <div ref={host} className={`editor${dark ? " editor-dark" : ""}`} />;
}
