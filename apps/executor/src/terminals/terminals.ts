import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { ApiError } from '@wegent/api';
import { childrenOf, RAISE_OOM_SCORE } from '../process/oom-score.ts';
import type { Processes } from '../process/processes.ts';
import { createByteLog } from './byte-log.ts';

const MAX_TERMINALS = 8;
const REPLAY_BYTES = 256 * 1024;

/** Size of a terminal in characters. */
export interface TerminalSize {
  cols: number;
  rows: number;
}

interface Terminal {
  child: ChildProcess;
  output: ReturnType<typeof createByteLog>;
}

/** Shells on terminals of their own. */
export type Terminals = ReturnType<typeof createTerminals>;

/**
 * Shells for people. `script` (util-linux) makes the terminal, so nothing native has to be built; its size is set from
 * outside with `stty`, through the device of the shell.
 */
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
    open(folder: string, { cols, rows }: TerminalSize): string {
      if (open.size >= MAX_TERMINALS) {
        throw new ApiError(
          'TooManyRequests',
          `at most ${MAX_TERMINALS} terminals can be open: close one first`,
        );
      }
      const shell = `${RAISE_OOM_SCORE} stty cols ${cols} rows ${rows}; command -v bash >/dev/null && exec bash -i; exec sh -i`;
      const child = processes.start(
        {
          command: 'script',
          args: ['--quiet', '--flush', '--return', '--command', shell, '/dev/null'],
          cwd: folder,
          env: { ...environment(), TERM: 'xterm-256color', SHELL: '/bin/sh' },
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

    async resize(id: string, { cols, rows }: TerminalSize): Promise<void> {
      const device = deviceOf(find(id).child);
      if (device === undefined) return;
      await processes.run({
        command: 'stty',
        args: ['-F', device, 'cols', String(cols), 'rows', String(rows)],
        cwd: '/',
        env: environment(),
        timeoutMs: 5_000,
      });
    },

    close(id: string): void {
      const { child } = find(id);
      // The shell and what it started are sessions of their own; closing the terminal hangs up on them.
      for (const pid of childrenOf(child.pid ?? -1)) hangUp(pid);
      processes.kill(child);
    },
  };
}

/** The terminal of the shell: its standard input. */
function deviceOf(script: ChildProcess): string | undefined {
  const [shell] = childrenOf(script.pid ?? -1);
  if (shell === undefined) return undefined;
  try {
    const device = readlinkSync(`/proc/${shell}/fd/0`);
    return device.startsWith('/dev/pts/') ? device : undefined;
  } catch {
    return undefined;
  }
}

function hangUp(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
