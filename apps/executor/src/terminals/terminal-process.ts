import type { ChildProcess } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { childrenOf } from '../process/oom-score.ts';
import type { Processes } from '../process/processes.ts';

const LOOK_MS = 20;
const LOOKS = 100;

/** Size of a terminal in characters. */
export interface TerminalSize {
  cols: number;
  rows: number;
}

/**
 * The program that runs a line of shell on a terminal of its own: `script` (util-linux), so nothing native has to be
 * built. It ends with the exit code of the line.
 */
export function terminalCommand(
  line: string,
  { cols, rows }: TerminalSize,
): { command: string; args: string[] } {
  const sized = `stty cols ${cols} rows ${rows}; ${line}`;
  return { command: 'script', args: ['--quiet', '--flush', '--return', '--command', sized, '/dev/null'] };
}

/** Variables of programs on a terminal. */
export const TERMINAL_ENVIRONMENT = { TERM: 'xterm-256color', SHELL: '/bin/sh' };

/** Sets the size of the terminal of a `terminalCommand` from outside, with `stty`. */
export async function tellSize(
  script: ChildProcess,
  { cols, rows }: TerminalSize,
  { processes, env }: { processes: Processes; env: Record<string, string> },
): Promise<void> {
  const device = await findDevice(script);
  if (device === undefined) return;
  await processes.run({
    command: 'stty',
    args: ['-F', device, 'cols', String(cols), 'rows', String(rows)],
    cwd: '/',
    env,
    timeoutMs: 5_000,
  });
}

/** Ends what runs on the terminal: it is a session of its own, which the end of `script` does not reach. */
export function hangUp(script: ChildProcess): void {
  for (const pid of childrenOf(script.pid ?? -1)) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  }
}

/** A size may come before the terminal is there. */
async function findDevice(script: ChildProcess): Promise<string | undefined> {
  for (let look = 0; look < LOOKS && script.exitCode === null; look += 1) {
    const device = deviceOf(script);
    if (device !== undefined) return device;
    await pause(LOOK_MS);
  }
  return undefined;
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
