import { Fragment } from 'react';
import { CodeLine } from './code-line.tsx';
import { LineNumber } from './line-number.tsx';
import type { DiffLine } from './parse-patch.ts';
import type { LinesProps } from './split-lines.tsx';

/** Old and new lines one below the other. */
export function UnifiedLines({ hunk, tokens, marks, notes }: LinesProps) {
  return hunk.lines.map((line, index) => {
    const below = notes?.below(line);
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a hunk never move.
      <Fragment key={index}>
        <tr>
          <LineNumber
            line={line}
            number={line.oldLine}
            onPick={line.type === 'delete' ? notes?.onPick : undefined}
          />
          <LineNumber line={line} number={line.newLine} onPick={notes?.onPick} />
          <td className="wg-diff-sign" data-type={line.type}>
            {SIGNS[line.type]}
          </td>
          <td data-type={line.type} className="pl-0!">
            <CodeLine text={line.text} tokens={tokens(line)} mark={marks.get(line)} />
          </td>
        </tr>
        {below && (
          <tr>
            <td colSpan={4} className="p-0!">
              {below}
            </td>
          </tr>
        )}
      </Fragment>
    );
  });
}

/** What stands before a line, so that colour is not all that tells. */
export const SIGNS: Record<DiffLine['type'], string> = { add: '+', delete: '−', context: '' };
