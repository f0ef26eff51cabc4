import type { CodeToken } from '../markdown/highlighter.ts';
import type { Mark } from './diff-rows.ts';

/** A piece of a line that looks alike. */
export interface CodePiece {
  text: string;
  style: Record<string, string> | undefined;
  marked: boolean;
}

/** Cuts the coloured tokens of a line where its marked part begins and ends. */
export function codePieces(
  text: string,
  tokens: readonly CodeToken[] | undefined,
  mark: Mark | undefined,
): CodePiece[] {
  const parts: readonly { text: string; style?: Record<string, string> }[] =
    // Colours that do not fit the text are those of another line.
    tokens && tokens.reduce((sum, token) => sum + token.text.length, 0) === text.length ? tokens : [{ text }];
  if (!mark) return parts.map((part) => ({ text: part.text, style: part.style, marked: false }));
  const [from, to] = mark;
  let start = 0;
  return parts.flatMap((part) => {
    const cuts = [from - start, to - start].map((cut) => Math.min(Math.max(cut, 0), part.text.length));
    const [first = 0, second = 0] = cuts;
    start += part.text.length;
    return [
      { text: part.text.slice(0, first), style: part.style, marked: false },
      { text: part.text.slice(first, second), style: part.style, marked: true },
      { text: part.text.slice(second), style: part.style, marked: false },
    ].filter((piece) => piece.text !== '');
  });
}
