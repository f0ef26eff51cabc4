/** A line that turns back: long lines wrap. */
export function WrapIcon() {
  return (
    <svg
      width="1em"
      height="1em"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <path d="M2 3.5h12M2 8h9.5a2.3 2.3 0 0 1 0 4.6H8.5M2 12.5h3" strokeLinecap="round" />
      <path d="m10 10.8-1.8 1.8 1.8 1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
