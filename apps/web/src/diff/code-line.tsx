import { memo } from 'react';
import type { CodeToken } from '../markdown/highlighter.ts';
import { codePieces } from './code-pieces.ts';
import type { Mark } from './diff-rows.ts';

/** The text of one line, coloured, with the part that changed marked. */
export const CodeLine = memo(function CodeLine({
  text,
  tokens,
  mark,
}: {
  text: string;
  tokens: CodeToken[] | undefined;
  mark: Mark | undefined;
}) {
  return (
    <code className="wg-code">
      {codePieces(text, tokens, mark).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never move.
        <span key={index} style={piece.style} className={piece.marked ? 'wg-diff-mark' : undefined}>
          {piece.text}
        </span>
      ))}
    </code>
  );
});
