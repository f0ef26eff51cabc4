import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, with the end of what it said. */
export interface ProgramEnd {
  code: number | null;
  output: string;
  /** There is no such program. */
  missing: boolean;
}

const MAX_OUTPUT = 8_000;

/** Runs a program to its end, in a group of its own; an abort ends all of that. Rejects only then. */
export async function runProgram(given: {
  command: string;
  args: readonly string[];
  folder: string;
  signal: AbortSignal;
}): Promise<ProgramEnd> {
  const { command, args, folder, signal } = given;
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT);
    });
  const stop = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [code] = await once(child, 'close');
    signal.throwIfAborted();
    return { code: typeof code === 'number' ? code : null, output, missing: false };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return { code: null, output, missing: true };
    throw cause;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
