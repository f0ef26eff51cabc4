import type { LogPage } from '@wegent/api';
import { plainText } from '../../ansi/ansi.ts';

/** What one source wrote, as one row: several lines of one entry are several rows. */
export interface LogRow {
  key: string;
  stream: LogPage['lines'][number]['stream'];
  text: string;
  at: string;
}

/** Entries of the log as rows, those with the words in them only. */
export function logRows(lines: LogPage['lines'], search: string): LogRow[] {
  const words = search.trim().toLowerCase();
  return lines.flatMap(({ seq, stream, text, at }) =>
    text
      .replace(/\r?\n$/, '')
      .split('\n')
      .map((line, index) => ({ key: `${seq}.${index}`, stream, text: line, at }))
      .filter((row) => words === '' || plainText(row.text).toLowerCase().includes(words)),
  );
}
