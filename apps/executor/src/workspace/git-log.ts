import { StringDecoder } from 'node:string_decoder';
import type { ExecutionEvent } from '@wegent/api';
import type { GitRequest } from '../git/git.ts';
import { type RemoteContext, withoutGateway } from '../git/git-failure.ts';
import { createLogBatcher } from './log-batcher.ts';

/** What git says while it clones and fetches, in the log of a run. */
export type GitLog = ReturnType<typeof createGitLog>;

/** A line of git that is longer than this is none that somebody reads. */
const MAX_LINE = 2_000;
/** User and password of an address, as a `.gitmodules` may hold it. */
const CREDENTIALS = /\b([a-z][a-z+]*:\/\/)[^\s/@]+@/gi;

/**
 * Writes what git says into the log of a run: whole lines, of progress only how it ended, with the repository's address
 * in place of the gateway's and no credential in any other.
 */
export function createGitLog(emit: (event: ExecutionEvent) => void, remote: Omit<RemoteContext, 'what'>) {
  const log = createLogBatcher(emit);
  const decoder = new StringDecoder('utf8');
  let rest = '';

  const say = (line: string): void => {
    const text = withoutGateway(lastOf(line), remote).replace(CREDENTIALS, '$1').trimEnd();
    if (text !== '') log.write('system', `${text.slice(0, MAX_LINE)}\n`);
  };
  const onOutput: NonNullable<GitRequest['onOutput']> = (chunk, stream) => {
    if (stream !== 'stderr') return;
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) say(line);
  };
  return {
    say,
    onOutput,
    end(): void {
      say(rest);
      rest = '';
      log.end();
    },
  };
}

/** What a terminal would show in the end: each carriage return begins the line anew. */
function lastOf(line: string): string {
  return line.split('\r').findLast((part) => part.trim() !== '') ?? '';
}
