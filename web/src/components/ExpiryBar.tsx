import { date, daysLeft, expiryLevel, expiryWords, usedUp } from "../lib/time";
import "./expiry.css";

/** ExpiryBar shows how much of a certificate's time has passed, when it ends, and that in words. */
export function ExpiryBar({ notBefore, notAfter }: { notBefore?: string; notAfter: string | undefined }) {
  if (!notAfter) return <span className="muted">–</span>;
  if (Number.isNaN(Date.parse(notAfter))) return <span>malformed dates</span>;
  const days = daysLeft(notAfter);
  const level = expiryLevel(days);
  return (
    <div className={`expiry expiry-${level}`}>
      <svg className="expiry-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="expiry-track" width="100" height="4" />
        <rect className="expiry-used" width={Math.max(2, usedUp(notBefore, notAfter) * 100)} height="4" />
      </svg>
      <div className="expiry-text">
        <time dateTime={notAfter}>{date(notAfter)}</time> <span className="expiry-words">{expiryWords(days)}</span>
      </div>
    </div>
  );
}
