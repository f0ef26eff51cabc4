import { type ChildProcess, spawn } from 'node:child_process';
import { raiseOomScore } from './oom-score.ts';

/** What to run, and when to give it up. */
export interface ProcessRequest {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  input?: string | Uint8Array;
  signal?: AbortSignal | undefined;
  /** Sees all output as it comes. */
  onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
  /** Bytes of standard output that are kept; more is a failure. 64 MiB when absent, 0 keeps none. */
  maxOutput?: number;
  /** Milliseconds without output, and without a change of `activity`, after which it is killed. */
  stallMs?: number;
  activity?: () => number;
  /** Milliseconds in all after which it is killed. */
  timeoutMs?: number;
}

/** How it ended. */
export interface ProcessResult {
  /** Exit code; 128 + signal number is not made up here: null when a signal ended it. */
  code: number | null;
  stdout: Buffer;
  /** The last 64 KiB. */
  stderr: string;
}

/** A process was given up: it hung, took too long or wrote too much. */
export class ProcessGivenUp extends Error {
  readonly why: 'stalled' | 'timeout' | 'output';

  constructor(why: ProcessGivenUp['why'], message: string) {
    super(message);
    this.name = 'ProcessGivenUp';
    this.why = why;
  }
}

/** Starts programs, each as a group of its own that ends as a whole. */
export type Processes = ReturnType<typeof createProcesses>;

const STDERR_KEPT = 64 * 1024;
const OUTPUT_KEPT = 64 * 1024 * 1024;
/** How long output may come after the end. */
const DRAIN_MS = 1_000;

/** Keeps track of what was started, so that nothing outlives the executor. */
export function createProcesses() {
  const alive = new Set<ChildProcess>();

  function start(
    request: Pick<ProcessRequest, 'command' | 'args' | 'cwd' | 'env'>,
    { stdin }: { stdin: boolean },
  ): ChildProcess {
    const child = spawn(request.command, [...request.args], {
      cwd: request.cwd,
      env: request.env,
      detached: true,
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) {
      alive.add(child);
      raiseOomScore(child.pid);
    }
    child.once('close', () => alive.delete(child));
    child.stdin?.on('error', () => {});
    return child;
  }

  return {
    /** Starts a program that the caller looks after; it ends with the executor. */
    start,
    kill: killGroup,

    /** Runs a program to its end. Rejects when it cannot be started, is given up, or with the reason of the signal. */
    async run(request: ProcessRequest): Promise<ProcessResult> {
      request.signal?.throwIfAborted();
      return watch(start(request, { stdin: request.input !== undefined }), request);
    },

    /** Kills everything that runs. */
    killAll(): void {
      for (const child of alive) killGroup(child);
    },
  };
}

/** Ends a process with everything it started. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It is gone.
  }
}

function watch(child: ChildProcess, request: ProcessRequest): Promise<ProcessResult> {
  const { signal, onOutput, stallMs, timeoutMs, activity, maxOutput = OUTPUT_KEPT } = request;
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    let kept = 0;
    let stderr = '';
    let failure: unknown;
    const giveUp = (reason: unknown) => {
      failure ??= reason;
      killGroup(child);
    };
    const onAbort = () => giveUp(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const clocks = [
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => giveUp(new ProcessGivenUp('timeout', `took longer than ${timeoutMs / 1000} s`)),
            timeoutMs,
          ),
    ];
    let lastSign = Date.now();
    let lastActivity = activity?.() ?? 0;
    if (stallMs !== undefined) {
      clocks.push(
        setInterval(
          () => {
            const now = activity?.() ?? 0;
            if (now !== lastActivity) lastSign = Date.now();
            lastActivity = now;
            if (Date.now() - lastSign >= stallMs) {
              giveUp(new ProcessGivenUp('stalled', `made no progress for ${stallMs / 1000} s`));
            }
          },
          Math.max(10, Math.min(1000, stallMs / 5)),
        ),
      );
    }

    child.stdout?.on('data', (chunk: Buffer) => {
      lastSign = Date.now();
      onOutput?.(chunk, 'stdout');
      if (maxOutput === 0) return;
      kept += chunk.length;
      if (kept > maxOutput) giveUp(new ProcessGivenUp('output', `wrote more than ${maxOutput} bytes`));
      else stdout.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      lastSign = Date.now();
      onOutput?.(chunk, 'stderr');
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    if (request.input !== undefined) child.stdin?.end(request.input);
    const settle = (code: number | null) => {
      for (const clock of clocks) clearTimeout(clock);
      signal?.removeEventListener('abort', onAbort);
      if (failure === undefined) resolve({ code, stdout: Buffer.concat(stdout), stderr });
      else reject(failure);
    };
    child.once('error', (cause) => {
      failure ??= cause;
      settle(null);
    });
    child.once('exit', (code) => {
      if (failure !== undefined) killGroup(child);
      // What it left in the background may hold the pipes open for ever.
      clocks.push(
        setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
          settle(code);
        }, DRAIN_MS),
      );
    });
    child.once('close', settle);
  });
}
