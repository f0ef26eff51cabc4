import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { ApiError } from '@wegent/api';
import { RAISE_OOM_SCORE } from '../process/oom-score.ts';
import type { Processes } from '../process/processes.ts';
import { createByteLog } from './byte-log.ts';
import {
  hangUp,
  TERMINAL_ENVIRONMENT,
  type TerminalSize,
  tellSize,
  terminalCommand,
} from './terminal-process.ts';

const MAX_TERMINALS = 8;
const REPLAY_BYTES = 256 * 1024;

interface Terminal {
  child: ChildProcess;
  output: ReturnType<typeof createByteLog>;
}

/** Shells on terminals of their own. */
export type Terminals = ReturnType<typeof createTerminals>;

/** Shells for people. */
export function createTerminals({
  processes,
  environment,
}: {
  processes: Processes;
  environment: () => Record<string, string>;
}) {
  const open = new Map<string, Terminal>();

  function find(id: string): Terminal {
    const terminal = open.get(id);
    if (!terminal)
      throw new ApiError('NotFound', `there is no terminal ${id}: it was closed, or its shell ended`);
    return terminal;
  }

  return {
    open(folder: string, size: TerminalSize): string {
      if (open.size >= MAX_TERMINALS) {
        throw new ApiError(
          'TooManyRequests',
          `at most ${MAX_TERMINALS} terminals can be open: close one first`,
        );
      }
      const shell = `${RAISE_OOM_SCORE} command -v bash >/dev/null && exec bash -i; exec sh -i`;
      const child = processes.start(
        {
          ...terminalCommand(shell, size),
          cwd: folder,
          env: { ...environment(), ...TERMINAL_ENVIRONMENT },
        },
        { stdin: true },
      );
      const id = randomUUID();
      const output = createByteLog(REPLAY_BYTES);
      open.set(id, { child, output });
      child.stdout?.on('data', output.append);
      child.stderr?.on('data', output.append);
      const end = () => {
        output.end();
        open.delete(id);
      };
      child.once('error', (cause) => {
        output.append(Buffer.from(`The terminal could not be opened: ${cause.message}\r\n`));
        end();
      });
      child.once('exit', () => setTimeout(end, 50));
      return id;
    },

    /** Its output: the last 256 KiB, then what comes, until the shell ends. */
    output: (id: string, signal: AbortSignal): AsyncIterable<Buffer> => find(id).output.read(signal),

    input(id: string, bytes: Buffer): void {
      find(id).child.stdin?.write(bytes);
    },

    resize: (id: string, size: TerminalSize): Promise<void> =>
      tellSize(find(id).child, size, { processes, env: environment() }),

    close(id: string): void {
      const { child } = find(id);
      hangUp(child);
      processes.kill(child);
    },
  };
}
