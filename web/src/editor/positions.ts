import type { Text } from "@codemirror/state";

// The server's lines count from 1 and its columns from 1 in Unicode code points; the editor counts UTF-16 units from 0.

/** columnOf is the server's column of a UTF-16 offset in a line. */
export function columnOf(line: string, offset: number): number {
  return [...line.slice(0, offset)].length + 1;
}

/** unitsOf is the UTF-16 offset in a line of a server's column. */
export function unitsOf(line: string, column: number): number {
  let units = 0;
  for (const char of line) {
    if (--column < 1) break;
    units += char.length;
  }
  return units;
}

/** offsetAt is the document offset of a server's place, kept inside of the document. */
export function offsetAt(doc: Text, line: number, column: number): number {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return at.from + unitsOf(at.text, column);
}

/** placeAt is the server's place of a document offset. */
export function placeAt(doc: Text, offset: number): { line: number; column: number } {
  const at = doc.lineAt(offset);
  return { line: at.number, column: columnOf(at.text, offset - at.from) };
}
