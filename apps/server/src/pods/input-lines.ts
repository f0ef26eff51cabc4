import { StringDecoder } from 'node:string_decoder';
import { ApiError, MAX_MESSAGE_CHARACTERS } from '@wegent/api';

/** Takes bytes as they are typed and gives whole lines. A line that is too long for a message is refused. */
export function createInputLines() {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  function check(line: string): string {
    if (line.length <= MAX_MESSAGE_CHARACTERS) return line;
    throw new ApiError('BadRequest', `a line has at most ${MAX_MESSAGE_CHARACTERS} characters`);
  }

  return {
    push(data: Uint8Array): string[] {
      const lines = (rest + decoder.write(Buffer.from(data))).split(/\r?\n/);
      rest = check(lines.pop() ?? '');
      return lines.map(check);
    },
    /** The line that nobody ended. */
    end(): string {
      const line = rest + decoder.end();
      rest = '';
      return line;
    },
  };
}
