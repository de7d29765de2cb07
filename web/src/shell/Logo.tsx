/** Logo is the small gate in a castle wall. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 30V13a13 13 0 0 1 26 0v17h-6V14a7 7 0 0 0-14 0v16z" fill="var(--colorBrandBackground)" />
      <path d="M12 30V15a4 4 0 0 1 8 0v15z" fill="var(--colorCompoundBrandStroke)" />
    </svg>
  );
}
