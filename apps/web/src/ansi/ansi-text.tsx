import { type CSSProperties, memo, useMemo } from 'react';
import './ansi.css';
import { type AnsiStyle, readAnsi } from './ansi.ts';

/** Terminal output in its colours. */
export const AnsiText = memo(function AnsiText({ text }: { text: string }) {
  const pieces = useMemo(() => readAnsi(text), [text]);
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
    <span key={index} style={cssOf(piece.style)}>
      {piece.text}
    </span>
  ));
});

function cssOf({ colour, background, bold, dim, italic, underline }: AnsiStyle): CSSProperties {
  return {
    ...(colour ? { color: colour } : {}),
    ...(background ? { backgroundColor: background } : {}),
    ...(bold ? { fontWeight: 600 } : {}),
    ...(dim ? { opacity: 0.7 } : {}),
    ...(italic ? { fontStyle: 'italic' } : {}),
    ...(underline ? { textDecoration: 'underline' } : {}),
  };
}
