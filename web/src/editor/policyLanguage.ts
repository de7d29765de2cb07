import { StreamLanguage, type StreamParser, type StringStream } from "@codemirror/language";
import { csharpToken, startCSharp, type CSharpState } from "./csharp";

// A policy document is XML whose expressions are C# taken literally, quotes and angle brackets included, so no XML parser
// can read it: this tokenizer knows where an expression begins and counts its brackets until it ends.

interface State {
  place: "text" | "name" | "tag" | "value" | "comment" | "cdata";
  quote: string;
  expression: CSharpState | null;
}

function until(stream: StringStream, end: string): boolean {
  if (stream.skipTo(end)) {
    stream.match(end);
    return true;
  }
  stream.skipToEnd();
  return false;
}

function expressionStart(stream: StringStream, state: State): boolean {
  const open = stream.match(/^@[({]/) as RegExpMatchArray | null;
  if (!open) return false;
  state.expression = startCSharp(open[0].charAt(1));
  return true;
}

function text(stream: StringStream, state: State): string | null {
  if (stream.match("<!--")) {
    state.place = until(stream, "-->") ? "text" : "comment";
    return "comment";
  }
  if (stream.match("<![CDATA[")) {
    state.place = "cdata";
    return "processingInstruction";
  }
  if (stream.match("<?")) {
    until(stream, "?>");
    return "processingInstruction";
  }
  if (stream.match(/^<\/?/)) {
    state.place = "name";
    return "angleBracket";
  }
  if (expressionStart(stream, state)) return "meta";
  if (stream.match(/^&[#\w]+;/)) return "atom";
  if (stream.match(/^\{\{[^{}]*\}\}/)) return "macroName";
  stream.next();
  stream.match(/^[^<@&{]+/);
  return null;
}

function tag(stream: StringStream, state: State): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^\/?>/)) {
    state.place = "text";
    return "angleBracket";
  }
  if (state.place === "name") {
    state.place = "tag";
    if (stream.match(/^[^\s/>=]+/)) return "tagName";
  }
  const quote = stream.eat(/["']/);
  if (typeof quote === "string") {
    state.place = "value";
    state.quote = quote;
    return "attributeValue";
  }
  if (stream.eat("=")) return "operator";
  if (stream.match(/^[^\s/>="']+/)) return "attributeName";
  stream.next();
  return null;
}

function value(stream: StringStream, state: State): string {
  if (expressionStart(stream, state)) return "meta";
  if (stream.match(/^\{\{[^{}]*\}\}/)) return "macroName";
  if (stream.eat(state.quote)) {
    state.place = "tag";
    return "attributeValue";
  }
  stream.next();
  stream.eatWhile((c: string) => c !== state.quote && c !== "@" && c !== "{");
  return "attributeValue";
}

function token(stream: StringStream, state: State): string | null {
  if (state.expression) {
    const style = csharpToken(stream, state.expression);
    if (style !== "end") return style;
    state.expression = null;
    return "meta";
  }
  switch (state.place) {
    case "comment":
      if (until(stream, "-->")) state.place = "text";
      return "comment";
    case "cdata":
      if (stream.match("]]>")) {
        state.place = "text";
        return "processingInstruction";
      }
      if (expressionStart(stream, state)) return "meta";
      stream.next();
      stream.match(/^[^\]@]+/);
      return null;
    case "value":
      return value(stream, state);
    case "name":
    case "tag":
      return tag(stream, state);
    default:
      return text(stream, state);
  }
}

/** policyParser tokenizes policy documents; exported for its tests. */
export const policyParser: StreamParser<State> = {
  name: "policy",
  startState: () => ({ place: "text", quote: "", expression: null }),
  copyState: (s) => ({ ...s, expression: s.expression ? { ...s.expression } : null }),
  token,
  languageData: { commentTokens: { block: { open: "<!--", close: "-->" } }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
};

export const policyLanguage = StreamLanguage.define(policyParser);
