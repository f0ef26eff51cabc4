import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { ApiError, type ExecutorCommand, encodeProcessFrame } from '@wegent/api';
import { RAISE_OOM_SCORE } from '../process/oom-score.ts';
import type { Processes } from '../process/processes.ts';
import {
  hangUp,
  TERMINAL_ENVIRONMENT,
  type TerminalSize,
  tellSize,
  terminalCommand,
} from './terminal-process.ts';

const MAX_COMMANDS = 20;
/** How long a command waits for somebody who reads it. */
const UNREAD_MS = 30_000;
/** How long output may come after the end: what was left behind may hold the pipes for ever. */
const DRAIN_MS = 1_000;
/** Tells whatever lies between that the stream lives. */
const BEAT_MS = 15_000;
const END_OF_INPUT = Buffer.from('\u0004');

interface Command {
  child: ChildProcess;
  tty: boolean;
  unread: NodeJS.Timeout;
  isRead: boolean;
  /** Exit code, as soon as there is one. */
  code?: number;
  /** Why it could not be started. */
  failure?: string;
  /** Nothing more comes. */
  closed: boolean;
  changed: () => void;
}

/** Commands that people run. */
export type Commands = ReturnType<typeof createCommands>;

/**
 * Single commands for people, with pipes or a terminal of their own. A command lives as long as its output is read: a
 * slow reader makes it wait, and one that goes ends it.
 */
export function createCommands({
  processes,
  environment,
}: {
  processes: Processes;
  environment: () => Record<string, string>;
}) {
  const running = new Map<string, Command>();

  function find(id: string): Command {
    const command = running.get(id);
    if (!command) throw new ApiError('NotFound', `there is no command ${id}: it has ended`);
    return command;
  }

  function close(id: string): void {
    const command = running.get(id);
    if (!command) return;
    running.delete(id);
    clearTimeout(command.unread);
    if (command.code !== undefined) return;
    if (command.tty) hangUp(command.child);
    processes.kill(command.child);
  }

  return {
    /** Starts one; `output` has to be asked for soon. */
    start(cwd: string, { command: [program = '', ...args], stdin, tty }: ExecutorCommand): string {
      if (running.size >= MAX_COMMANDS)
        throw new ApiError(
          'TooManyRequests',
          `at most ${MAX_COMMANDS} commands can run in a sandbox at once: end one first`,
        );
      const env = environment();
      const child = tty
        ? processes.start(
            {
              ...terminalCommand(`${RAISE_OOM_SCORE} exec ${[program, ...args].map(quote).join(' ')}`, tty),
              cwd,
              env: { ...env, ...TERMINAL_ENVIRONMENT },
            },
            { stdin: true },
          )
        : processes.start({ command: program, args, cwd, env }, { stdin });
      const id = randomUUID();
      const command: Command = {
        child,
        tty: tty !== undefined,
        unread: setTimeout(() => close(id), UNREAD_MS),
        isRead: false,
        closed: false,
        changed: () => {},
      };
      running.set(id, command);
      // From the start: what nobody listens to is thrown away when the command ends.
      for (const stream of [child.stdout, child.stderr]) stream?.on('readable', () => command.changed());
      child.once('exit', (code, signal) => {
        command.code = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        command.changed();
      });
      child.once('error', (cause) => {
        const isThere = 'code' in cause && cause.code !== 'ENOENT';
        command.code ??= isThere ? 126 : 127;
        command.failure = `${program}: ${isThere ? 'cannot be run' : 'not found'}\n`;
        command.closed = true;
        command.changed();
      });
      child.once('close', () => {
        command.closed = true;
        command.changed();
      });
      return id;
    },

    /** Frames of what it writes, and of its exit code in the end. It can be read once, and ends with its reader. */
    output(id: string, signal: AbortSignal): AsyncIterable<Buffer> {
      const command = find(id);
      if (command.isRead) throw new ApiError('Conflict', `the output of command ${id} is being read already`);
      clearTimeout(command.unread);
      command.isRead = true;
      return read(command, signal, () => close(id));
    },

    /** Gives it input; resolves when it was taken. */
    input: (id: string, bytes: Buffer): Promise<void> => write(find(id), bytes),

    /** Says that no more input comes. */
    async end(id: string): Promise<void> {
      const command = find(id);
      if (command.tty) await write(command, END_OF_INPUT);
      else command.child.stdin?.end();
    },

    async resize(id: string, size: TerminalSize): Promise<void> {
      const command = find(id);
      if (command.tty) await tellSize(command.child, size, { processes, env: environment() });
    },

    close,
  };
}

async function* read(command: Command, signal: AbortSignal, close: () => void): AsyncGenerator<Buffer> {
  const { child } = command;
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        command.changed = resolve;
      });
      const isLast = command.closed;
      let isIdle = true;
      for (const name of ['stdout', 'stderr'] as const) {
        const chunk: Buffer | null = child[name]?.read() ?? null;
        if (chunk === null) continue;
        isIdle = false;
        yield frame(name, chunk);
      }
      if (!isIdle) continue;
      if (isLast) break;
      const ended = command.code !== undefined;
      if (!(await isLate(Promise.race([changed, aborted]), ended ? DRAIN_MS : BEAT_MS))) continue;
      if (ended) break;
      yield frame('stdout', Buffer.alloc(0));
    }
    if (command.failure !== undefined) yield frame('stderr', Buffer.from(command.failure));
    yield frame('exit', Buffer.from([(command.code ?? 1) & 255]));
  } finally {
    close();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function frame(name: 'stdout' | 'stderr' | 'exit', content: Buffer): Buffer {
  return Buffer.from(encodeProcessFrame(name, content));
}

/** What has ended or closed its input takes none, which is no failure. */
function write({ child: { stdin } }: Command, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (!stdin?.writable) resolve();
    else stdin.write(bytes, () => resolve());
  });
}

async function isLate(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, true);
  });
  return Promise.race([promise.then(() => false), late]).finally(() => clearTimeout(timer));
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
