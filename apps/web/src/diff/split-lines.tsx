import { Fragment, type ReactNode, useMemo } from 'react';
import type { CodeToken } from '../markdown/highlighter.ts';
import { CodeLine } from './code-line.tsx';
import { type Mark, splitRows } from './diff-rows.ts';
import { LineNumber } from './line-number.tsx';
import type { DiffLine, Hunk } from './parse-patch.ts';

/** Comments on lines. */
export interface LineNotes {
  /** What stands below a line: its comments, and the box in which one is being written. */
  below(line: DiffLine): ReactNode;
  /** Begins a comment on a line. */
  onPick(line: DiffLine): void;
}

/** What the lines of a hunk are drawn from. */
export interface LinesProps {
  hunk: Hunk;
  tokens: (line: DiffLine) => CodeToken[] | undefined;
  marks: ReadonlyMap<DiffLine, Mark>;
  notes: LineNotes | undefined;
}

/** Old and new lines beside each other. */
export function SplitLines({ hunk, tokens, marks, notes }: LinesProps) {
  const rows = useMemo(() => splitRows(hunk.lines), [hunk]);
  const code = (line: DiffLine | undefined) => (
    <td data-type={line?.type ?? 'none'}>
      {line && <CodeLine text={line.text} tokens={tokens(line)} mark={marks.get(line)} />}
    </td>
  );
  return rows.map(({ left, right }, index) => {
    const onLeft = left && left !== right ? notes?.below(left) : undefined;
    const onRight = right && notes?.below(right);
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a hunk never move.
      <Fragment key={index}>
        <tr>
          <LineNumber
            line={left}
            number={left?.oldLine}
            onPick={left?.type === 'delete' ? notes?.onPick : undefined}
          />
          {code(left)}
          <LineNumber line={right} number={right?.newLine} onPick={notes?.onPick} />
          {code(right)}
        </tr>
        {(onLeft || onRight) && (
          <tr>
            <td colSpan={4} className="p-0!">
              {onLeft}
              {onRight}
            </td>
          </tr>
        )}
      </Fragment>
    );
  });
}
