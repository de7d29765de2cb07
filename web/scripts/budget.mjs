// Checks that no page loads more than its budget, compressed, before the editor is opened. Runs after each build, and
// takes Vite's manifest away afterwards, which the binary does not need.
import { readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../../internal/portal/dist/app/", import.meta.url);
const limit = 500 * 1024;
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const sizes = new Map();
function size(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, dist))).length);
  return sizes.get(file);
}

/** filesOf adds all that a chunk needs at once: itself, its styles, its static imports. */
function filesOf(key, files) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) filesOf(next, files);
  return files;
}

const entry = Object.keys(manifest).find((k) => manifest[k].isEntry);
const pages = Object.keys(manifest).filter((k) => k.startsWith("src/pages/") && manifest[k].isDynamicEntry);
let worst = ["", 0];
let failed = pages.length === 0;
if (failed) console.error("budget: the manifest names no pages");
for (const page of pages) {
  const files = filesOf(page, filesOf(entry, new Set(["index.html", "favicon.svg"])));
  const total = [...files].reduce((sum, f) => sum + size(f), 0);
  if (total > worst[1]) worst = [page, total];
  if (total > limit) {
    console.error(`budget: ${page} loads ${total} bytes compressed, ${limit} are allowed`);
    failed = true;
  }
}
for (const file of sizes.keys()) {
  if (/(^|\/)[._]/.test(file)) {
    // go:embed leaves such files out
    console.error(`budget: the binary would lack ${file}`);
    failed = true;
  }
}
rmSync(new URL(".vite", dist), { recursive: true, force: true });
if (failed) process.exit(1);
console.log(
  `budget: ${pages.length} pages; the largest, ${worst[0]}, loads ${(worst[1] / 1024).toFixed(0)} KiB compressed of ${limit / 1024}`,
);
