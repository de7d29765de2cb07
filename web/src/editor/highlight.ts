import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags as t } from "@lezer/highlight";

// Colours come from editor.css, which has them for light and dark.
const style = HighlightStyle.define([
  { tag: [t.tagName, t.angleBracket], color: "var(--cm-tag)" },
  { tag: t.attributeName, color: "var(--cm-attribute)" },
  { tag: [t.attributeValue, t.string, t.character], color: "var(--cm-string)" },
  { tag: t.comment, color: "var(--cm-comment)", fontStyle: "italic" },
  { tag: t.keyword, color: "var(--cm-keyword)" },
  { tag: t.typeName, color: "var(--cm-type)" },
  { tag: t.propertyName, color: "var(--cm-member)" },
  { tag: t.special(t.variableName), color: "var(--cm-keyword)", fontWeight: "600" },
  { tag: [t.number, t.atom], color: "var(--cm-number)" },
  { tag: [t.meta, t.macroName, t.processingInstruction], color: "var(--cm-meta)", fontWeight: "600" },
]);

export const highlighting = syntaxHighlighting(style);

export const theme = EditorView.theme({
  "&": { backgroundColor: "var(--colorNeutralBackground1)", color: "var(--colorNeutralForeground1)", fontSize: "13px", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--colorStrokeFocus2)", outlineOffset: "-2px" },
  ".cm-content": {
    fontFamily: "Consolas, 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', monospace",
    caretColor: "var(--colorNeutralForeground1)",
  },
  ".cm-cursor": { borderLeftColor: "var(--colorNeutralForeground1)" },
  ".cm-gutters": { backgroundColor: "var(--colorNeutralBackground3)", color: "var(--colorNeutralForeground3)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--cm-active)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--colorNeutralBackground5)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--cm-selection)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--colorNeutralBackground1)",
    color: "var(--colorNeutralForeground1)",
    border: "1px solid var(--colorNeutralStroke1)",
    boxShadow: "var(--shadow8)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--colorBrandBackground)",
    color: "var(--colorNeutralForegroundOnBrand)",
  },
  ".cm-completionInfo": { maxWidth: "360px", whiteSpace: "pre-wrap" },
  ".cm-panels": { backgroundColor: "var(--colorNeutralBackground3)", color: "var(--colorNeutralForeground1)" },
});
