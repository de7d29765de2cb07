import { Text } from "@codemirror/state";
import { highlightTree, classHighlighter } from "@lezer/highlight";
import { describe, expect, it } from "vitest";
import { policyLanguage } from "../src/editor/policyLanguage";
import { columnOf, offsetAt, placeAt, unitsOf } from "../src/editor/positions";

/** styles are the highlighted pieces of a document: "text:style". */
function styles(text: string): string[] {
  const out: string[] = [];
  highlightTree(policyLanguage.parser.parse(text), classHighlighter, (from, to, classes) => {
    out.push(`${text.slice(from, to)}:${classes.replaceAll("tok-", "")}`);
  });
  return out;
}

describe("the tokenizer of policies", () => {
  it("reads XML", () => {
    expect(styles('<set-header name="x" />')).toEqual(expect.arrayContaining(["set-header:typeName", "name:propertyName"]));
  });

  it("reads C# within an attribute, its quotes and angle brackets included", () => {
    const got = styles('<when condition="@(context.Request.Headers.GetValueOrDefault("x","") == "a>b" && 1 < 2)"><choose/></when>');
    expect(got).toContain('"a>b":string');
    expect(got.filter((s) => s.endsWith(":typeName")).map((s) => s.split(":")[0])).toEqual(expect.arrayContaining(["when", "choose"]));
    expect(got).toContain("Request:propertyName");
    expect(got).toContain("2:number");
  });

  it("counts brackets but not those in literals and comments", () => {
    const got = styles(`<set-body>@{ if (x) { return ")}"; } /* } */ // }\n return '}' + @"a""}"; }</set-body><base />`);
    expect(got).toContain('")}":string');
    expect(got).toContain('@"a""}":string');
    expect(got.filter((s) => s.endsWith(":typeName")).map((s) => s.split(":")[0])).toContain("base");
  });

  it("goes on over lines", () => {
    const got = styles('<!-- a\n<b> -->\n<set-variable value="@{\n  var c = context.User;\n  return c; }" name="n" />');
    expect(got[0]).toContain("comment");
    expect(got).toEqual(expect.arrayContaining(["var:keyword", "return:keyword", "name:propertyName"]));
  });

  it("leaves mail addresses alone", () => {
    expect(styles("<trace>a@b.example</trace><base />").filter((s) => s.startsWith("base"))).toEqual(["base:typeName"]);
  });
});

describe("places", () => {
  const doc = Text.of(["a𝒞b", "", "xyz"]);
  it("count code points as the server does", () => {
    expect(columnOf("a𝒞b", 3)).toBe(3);
    expect(unitsOf("a𝒞b", 3)).toBe(3);
    expect(offsetAt(doc, 1, 4)).toBe(4);
    expect(placeAt(doc, 3)).toEqual({ line: 1, column: 3 });
  });
  it("stay inside of the document", () => {
    expect(offsetAt(doc, 99, 99)).toBe(doc.length);
    expect(offsetAt(doc, 0, 0)).toBe(0);
    expect(offsetAt(doc, 2, 7)).toBe(5);
  });
});
