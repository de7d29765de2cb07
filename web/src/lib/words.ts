/** plural joins a number and a noun: 1 certificate, 2 certificates. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** reasonWords turns a stable reason word into a phrase: "revocationUnknown" → "revocation unknown". */
export function reasonWords(reason: string): string {
  const spaced = reason
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[-_]+/g, " ")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** commonName is the CN of a distinguished name, or the whole name. */
export function commonName(dn: string): string {
  const m = /(?:^|,\s*)CN=("(?:[^"]|"")*"|[^,]*)/i.exec(dn);
  return m?.[1]?.replace(/^"|"$/g, "").replaceAll('""', '"').trim() || dn;
}
