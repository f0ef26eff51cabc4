import type { DiffLine, Hunk } from './parse-patch.ts';

/** A row of the view in two columns; a line that was only added or only deleted has an empty place beside it. */
export interface SplitRow {
  left: DiffLine | undefined;
  right: DiffLine | undefined;
}

/** Puts what was deleted beside what came in its place. */
export function splitRows(lines: readonly DiffLine[]): SplitRow[] {
  const rows: SplitRow[] = [];
  for (let index = 0; index < lines.length; ) {
    const line = lines[index];
    if (!line) break;
    if (line.type === 'context') {
      rows.push({ left: line, right: line });
      index += 1;
      continue;
    }
    const { deleted, added, end } = changeAt(lines, index);
    for (let place = 0; place < Math.max(deleted.length, added.length); place += 1) {
      rows.push({ left: deleted[place], right: added[place] });
    }
    index = end;
  }
  return rows;
}

/** The part of a line that differs from its counterpart, as places in its text. */
export type Mark = readonly [from: number, to: number];

/** For each changed line that has a counterpart: the part that differs, unless nearly everything does. */
export function changedParts({ lines }: Hunk): ReadonlyMap<DiffLine, Mark> {
  const marks = new Map<DiffLine, Mark>();
  for (const { left, right } of splitRows(lines)) {
    if (!left || !right || left === right) continue;
    const [from, leftEnd, rightEnd] = difference(left.text, right.text);
    const common = from + (left.text.length - leftEnd);
    if (common * 3 < Math.max(left.text.length, right.text.length)) continue;
    if (leftEnd > from) marks.set(left, [from, leftEnd]);
    if (rightEnd > from) marks.set(right, [from, rightEnd]);
  }
  return marks;
}

function changeAt(lines: readonly DiffLine[], start: number) {
  const deleted: DiffLine[] = [];
  const added: DiffLine[] = [];
  let end = start;
  for (let line = lines[end]; line && line.type !== 'context'; end += 1, line = lines[end]) {
    // A deletion after additions begins another change.
    if (line.type === 'delete' && added.length > 0) break;
    (line.type === 'delete' ? deleted : added).push(line);
  }
  return { deleted, added, end };
}

function difference(left: string, right: string): [from: number, leftEnd: number, rightEnd: number] {
  const shorter = Math.min(left.length, right.length);
  let from = 0;
  while (from < shorter && left[from] === right[from]) from += 1;
  let same = 0;
  while (same < shorter - from && left.at(-1 - same) === right.at(-1 - same)) same += 1;
  return [from, left.length - same, right.length - same];
}
