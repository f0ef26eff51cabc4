import type { LogPiece } from './run-log.ts';

/** How a log is asked for. */
export interface LogOptions {
  /** Put the time in front of each line. */
  timestamps: boolean;
  /** Leave out what was written before, in milliseconds since 1970. */
  since?: number | undefined;
  /** Only the last lines of what is there. */
  tailLines?: number | undefined;
}

/** Writes pieces of a log as clients asked for it; it remembers whether a line is open. */
export function createLogWriter({ timestamps, since = 0 }: LogOptions) {
  let atStart = true;
  return (piece: LogPiece): string => {
    if (piece.text === '' || piece.at < since) return '';
    if (!timestamps) return piece.text;
    const stamp = `${new Date(piece.at).toISOString()} `;
    const text = (atStart ? stamp : '') + piece.text.replaceAll(/\n(?=[\s\S])/g, `\n${stamp}`);
    atStart = piece.text.endsWith('\n');
    return text;
  };
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): string {
  if (count <= 0) return '';
  let place = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < count; line += 1) {
    place = text.lastIndexOf('\n', place - 1);
    if (place <= 0) return place === 0 && line + 1 === count ? text.slice(1) : text;
  }
  return text.slice(place + 1);
}
