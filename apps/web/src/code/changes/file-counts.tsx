/** Lines that came and went. */
export function FileCounts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="flex-none text-[12px] tabular-nums">
      {additions > 0 && <span className="text-success">+{additions}</span>}
      {additions > 0 && deletions > 0 && ' '}
      {deletions > 0 && <span className="text-error">−{deletions}</span>}
    </span>
  );
}
