/** templateParameters are the parameters of a URL template, which the management API wants named. */
export function templateParameters(urlTemplate: string): { name: string; type: string; required: boolean }[] {
  const names = [...urlTemplate.matchAll(/\{([^{}]+)\}/g)].map((m) => (m[1] ?? "").replace(/^\*/, ""));
  return [...new Set(names)].map((name) => ({ name, type: "string", required: true }));
}
