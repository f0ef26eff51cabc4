import type { Row } from './row.ts';

const HEADINGS = ['what', 'measured', 'limit', 'measured there', 'compared', 'aim'] as const;

/** The rows as text in columns, the names of the columns first. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const formatted = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [formatted[0], rule, ...formatted.slice(1)].join('\n');
}

function cellsOf({ name, measured, limitName, limit, comparison, aim }: Row): string[] {
  const verdict = aim === undefined ? '' : `${aim.text}: ${aim.met ? 'within aim' : 'over aim'}`;
  return [name, measured, limitName, limit, comparison, verdict];
}
