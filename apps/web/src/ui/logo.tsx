/** The mark of the product: three agents joined into a W. Takes the colour of the text. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--wg-accent)" />
      <g fill="var(--wg-on-accent)" stroke="var(--wg-on-accent)" strokeLinecap="round" strokeLinejoin="round">
        <path d="M7 10.5 11.2 22 16 12.5 20.8 22 25 10.5" fill="none" strokeWidth="2.6" />
        <circle cx="7" cy="10.5" r="2.3" stroke="none" />
        <circle cx="16" cy="12.5" r="2.3" stroke="none" />
        <circle cx="25" cy="10.5" r="2.3" stroke="none" />
      </g>
    </svg>
  );
}
