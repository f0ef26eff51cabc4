import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { findProcess, type ProcessRef } from './process-table.ts';

/** A process that waits for our word before it becomes the program; without us it ends. */
export interface GatedProcess {
  readonly ref: ProcessRef;
  /** Fulfilled when it has ended. */
  readonly exited: Promise<void>;
  /** Lets it become the program; gives what that writes to descriptor 4, up to the end. */
  open(): Promise<string>;
  /** Lets it end instead. */
  abandon(): void;
}

/** Descriptor of the first of the files that are passed on. */
export const FIRST_FILE = 5;

const GATE = 3;
const TOLD = 4;

/**
 * Waits for a word on descriptor 3: a manager that dies meanwhile leaves nothing behind. Then it lets go of everything
 * that came from our parents by chance, wants to be the first that goes when memory is short, and becomes the program.
 */
const SCRIPT = `
IFS= read -r word <&${GATE} && [ "$word" = go ] || exit 1
exec ${GATE}<&-
last=$1; shift
for place in /proc/$$/fd/*; do
  number=\${place##*/}
  case $number in *[!0-9]*) continue;; esac
  if [ "$number" -gt "$last" ]; then exec {number}<&-; fi
done
{ echo 500 > /proc/$$/oom_score_adj; } 2> /dev/null
exec "$@"
`;

/** Starts the gate. `logFile` gets what the program writes; `files` are its descriptors from 5 on. */
export async function startGated({
  argv,
  env,
  cwd,
  files = [],
  log,
}: {
  argv: readonly string[];
  env: Record<string, string>;
  cwd: string;
  files?: readonly number[];
  log: number;
}): Promise<GatedProcess> {
  const last = FIRST_FILE + files.length - 1;
  const child: ChildProcess = spawn('/bin/bash', ['-c', SCRIPT, 'wegent-sandbox', String(last), ...argv], {
    cwd,
    env,
    // A session of its own: it outlives this process.
    detached: true,
    stdio: ['ignore', log, log, 'pipe', 'pipe', ...files],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await once(child, 'spawn');
  child.unref();
  const gate = child.stdio[GATE] as Writable;
  const told = child.stdio[TOLD] as Readable;
  gate.on('error', () => {});
  told.on('error', () => {});
  const ref = child.pid === undefined ? undefined : await findProcess(child.pid);
  if (!ref) throw new Error('the process ended at once');
  return {
    ref,
    exited,
    async open() {
      let text = '';
      told.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      const closed = once(told, 'close');
      gate.end('go\n');
      await closed;
      return text;
    },
    abandon() {
      gate.end();
      told.resume();
    },
  };
}
