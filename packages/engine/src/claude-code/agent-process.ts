import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';

/** What the SDK asks to start. */
export interface SpawnRequest {
  command: string;
  args: string[];
  cwd?: string;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
}

/** A child as the SDK wants it. */
export type SpawnedProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** How an agent process ended. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It never started. */
  error?: Error;
}

/** The process behind a conversation. */
export interface AgentProcess {
  spawn(request: SpawnRequest): SpawnedProcess;
  readonly pid: number | undefined;
  /** Resolves when it has ended, or could not be started. */
  readonly ended: Promise<ProcessEnd>;
  /** The end of what it wrote to stderr. */
  readonly stderrTail: string;
  /** Ends it and what it started, at once. */
  kill(): void;
}

const MAX_STDERR = 8_000;
/** When memory runs out, the kernel shall take the agent and not the executor that has to tell of it. */
const OOM_SCORE = 500;
const LAST_WORDS_MS = 200;

/** Makes the one place where an agent process is started, watched and killed. */
export function createAgentProcess(): AgentProcess {
  const ended = Promise.withResolvers<ProcessEnd>();
  let child: SpawnedProcess | undefined;
  let stderrTail = '';
  return {
    spawn: ({ command, args, cwd, env }) => {
      // A group of its own, so that the commands it runs can be ended with it.
      const started = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
      child = started;
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderrTail = (stderrTail + text).slice(-MAX_STDERR);
      });
      started.stdin.on('error', () => undefined);
      started.once('error', (error) => ended.resolve({ code: null, signal: null, error }));
      started.once('exit', (code, signal) => {
        killGroup(started);
        // The last words on stderr; a program it left behind may keep that open for ever.
        const resolve = () => ended.resolve({ code, signal });
        started.once('close', resolve);
        setTimeout(resolve, LAST_WORDS_MS);
      });
      if (started.pid !== undefined) void yieldMemory(started.pid);
      return started;
    },
    get pid() {
      return child?.pid;
    },
    ended: ended.promise,
    get stderrTail() {
      return stderrTail.trim();
    },
    kill: () => {
      if (child) killGroup(child);
    },
  };
}

function killGroup(child: SpawnedProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

async function yieldMemory(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/oom_score_adj`, String(OOM_SCORE)).catch(() => undefined);
}
