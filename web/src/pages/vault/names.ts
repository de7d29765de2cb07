/** nameProblem tells what is wrong with the name of a vault's object; undefined when nothing is. */
export function nameProblem(name: string): string | undefined {
  return name === "" || /^[0-9A-Za-z-]{1,127}$/.test(name) ? undefined : "Letters, digits and hyphens only, 127 at most.";
}

/** time turns Key Vault's seconds into the ISO form of a time. */
export function time(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
}
