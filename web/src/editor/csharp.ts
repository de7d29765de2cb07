import type { StringStream } from "@codemirror/language";

/** Where the tokenizer is inside of an expression. */
export interface CSharpState {
  /** Closes the expression: ")" of @(…), "}" of @{…}. */
  close: ")" | "}";
  /** How many brackets of that kind are open inside. */
  depth: number;
  literal: "" | "string" | "verbatim" | "comment";
  /** Whether the last token was a dot: a member follows. */
  member: boolean;
}

const keywords = new Set(
  `as base bool break byte case catch char const continue decimal default do double else false finally float for foreach goto
  if in int is long new null object out ref return sbyte short sizeof static string switch this throw true try typeof uint
  ulong ushort var void while when`.split(/\s+/),
);

/** startCSharp is the state after @( or @{. */
export function startCSharp(open: string): CSharpState {
  return { close: open === "(" ? ")" : "}", depth: 0, literal: "", member: false };
}

function literal(stream: StringStream, state: CSharpState): string {
  if (state.literal === "comment") {
    if (!stream.skipTo("*/")) stream.skipToEnd();
    else {
      stream.match("*/");
      state.literal = "";
    }
    return "comment";
  }
  const verbatim = state.literal === "verbatim";
  for (let c = stream.next(); c; c = stream.next()) {
    if (c === "\\" && !verbatim) stream.next();
    else if (c === '"' && verbatim && stream.peek() === '"') stream.next();
    else if (c === '"') {
      state.literal = "";
      return "string";
    }
  }
  if (!verbatim) state.literal = ""; // a plain string ends with its line
  return "string";
}

function begin(stream: StringStream, state: CSharpState): string | null {
  if (stream.match(/^\/\/.*/)) return "comment";
  if (stream.match("/*")) {
    state.literal = "comment";
    return literal(stream, state);
  }
  if (stream.match(/^(@\$?|\$@)"/)) {
    state.literal = "verbatim";
    return literal(stream, state);
  }
  if (stream.match(/^\$?"/)) {
    state.literal = "string";
    return literal(stream, state);
  }
  return stream.match(/^'(\\.[^']*|[^'\\])'/) ? "character" : null;
}

function word(text: string, member: boolean): string {
  if (!member && keywords.has(text)) return "keyword";
  if (member) return "propertyName";
  return text === "context" ? "variableName.special" : /^[A-Z]/.test(text) ? "typeName" : "variableName";
}

/** csharpToken reads one token; "end" is the bracket that ends the expression. */
export function csharpToken(stream: StringStream, state: CSharpState): string | null {
  if (state.literal) return literal(stream, state);
  if (stream.eatSpace()) return null;
  const member = state.member;
  state.member = false;
  const begun = begin(stream, state);
  if (begun) return begun;
  if (stream.match(/^(0x[\da-f]+|\d[\d_]*(\.\d+)?(e[+-]?\d+)?)[fdmul]*/i)) return "number";
  const name = stream.match(/^@?[A-Za-z_\u00C0-\uFFFF][\w\u00C0-\uFFFF]*/) as RegExpMatchArray | null;
  if (name) return word(name[0], member);
  const c = stream.next();
  const open = state.close === ")" ? "(" : "{";
  if (c === open) state.depth++;
  if (c === state.close && state.depth-- === 0) return "end";
  if (c === ".") state.member = true;
  return c && "(){}[]".includes(c) ? "bracket" : "operator";
}
