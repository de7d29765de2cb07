const day = 86_400_000;

/** daysLeft counts whole days from now until a date; negative when it is past. */
export function daysLeft(until: string, now = Date.now()): number {
  return Math.floor((Date.parse(until) - now) / day);
}

/** Level of attention that an expiry deserves. */
export type ExpiryLevel = "expired" | "soon" | "near" | "fine";

export function expiryLevel(days: number): ExpiryLevel {
  if (days < 0) return "expired";
  if (days < 14) return "soon";
  return days < 45 ? "near" : "fine";
}

/** usedUp is the share of a validity period that has passed, 0 to 1; without a beginning, of one year. */
export function usedUp(notBefore: string | undefined, notAfter: string, now = Date.now()): number {
  const end = Date.parse(notAfter);
  const start = notBefore ? Date.parse(notBefore) : end - 365 * day;
  if (!(end > start)) return 1;
  return Math.min(1, Math.max(0, (now - start) / (end - start)));
}

/** inWords says how far a date is, in words: "expires in 12 days". */
export function expiryWords(days: number): string {
  if (days < -1) return `expired ${-days} days ago`;
  if (days < 0) return "expired";
  if (days === 0) return "expires today";
  if (days === 1) return "expires tomorrow";
  if (days < 60) return `expires in ${days} days`;
  if (days < 730) return `expires in ${Math.round(days / 30.44)} months`;
  return `expires in ${Math.round(days / 365.25)} years`;
}

/** date prints the day of a time as ISO does, which everyone reads the same. */
export function date(text: string | undefined): string {
  const t = Date.parse(text ?? "");
  return Number.isNaN(t) ? "–" : new Date(t).toISOString().slice(0, 10);
}

/** dateTime prints day and time in the viewer's zone. */
export function dateTime(text: string | undefined): string {
  const t = Date.parse(text ?? "");
  if (Number.isNaN(t)) return "–";
  const d = new Date(t);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** ago says how long ago something was. */
export function ago(text: string, now = Date.now()): string {
  const s = Math.max(0, Math.round((now - Date.parse(text)) / 1000));
  if (s < 60) return "just now";
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86_400)} d ago`;
}
