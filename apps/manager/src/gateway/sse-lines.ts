import { StringDecoder } from 'node:string_decoder';

/** Longer lines are skipped: nothing that is counted is as long. */
const MAX_LINE = 32 * 1024 * 1024;

/** Takes the bytes of an event stream as they come and calls back with the content of each whole `data:` line. */
export function createSseReader(onData: (data: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  // In parts, because joining at every chunk would take the square of the line's length.
  let parts: string[] = [];
  let length = 0;
  return (chunk) => {
    const pieces = decoder.write(chunk).split(/\r\n|\n|\r/);
    for (const [index, piece] of pieces.entries()) {
      length += piece.length;
      if (length <= MAX_LINE) parts.push(piece);
      if (index === pieces.length - 1) break;
      const line = parts.join('');
      if (length <= MAX_LINE && line.startsWith('data:')) onData(line.slice(5).trimStart());
      parts = [];
      length = 0;
    }
  };
}
