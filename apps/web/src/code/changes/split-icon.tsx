/** Two columns. */
export function SplitIcon() {
  return (
    <span className="anticon">
      <svg
        aria-hidden="true"
        viewBox="0 0 16 16"
        width="1em"
        height="1em"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      >
        <rect x="1.75" y="2.75" width="12.5" height="10.5" rx="1.5" />
        <path d="M8 3v10" />
      </svg>
    </span>
  );
}
