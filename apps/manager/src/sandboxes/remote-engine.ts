import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type ExecutionSpec, type RunError, type ShellType } from '@wegent/api';
import { createDelegate, type Engine, RunFailure, type Turn } from '@wegent/engine';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/gateway.ts';
import { contextOf, specForExecutor } from './executor-spec.ts';
import { createLeftTurns } from './left-turns.ts';
import type { LiveSandbox } from './live-sandboxes.ts';
import type { SandboxPool } from './sandbox-pool.ts';

export interface RemoteEngineOptions {
  shellType: ShellType;
  /** Rejects when there are no sandboxes here. */
  pool: () => Promise<SandboxPool>;
  gateway: Gateway;
  /** Why this engine cannot run here, when it cannot. */
  missing: () => Promise<string | undefined>;
  logger: Logger;
}

/** The executor may be silent for a moment, not for longer. */
const RECONNECT_MS = [100, 300, 1_000, 3_000, 5_000];
/** After an interrupt the turn has so long to finish by itself; `runTurn` gives up a little later. */
const INTERRUPT_MS = 4_000;

/**
 * An engine whose turns run in the sandbox of their task: starts the turn there, or reads on where an earlier attempt
 * stopped, and passes its events on. What the turn used of the model is counted by the gateway and not by what the
 * sandbox says.
 */
export function createRemoteEngine(options: RemoteEngineOptions): Engine {
  const { pool, gateway, missing, logger } = options;
  const leftTurns = createLeftTurns();

  async function run(turn: Turn): Promise<void> {
    const { spec } = turn;
    const problem = await missing();
    if (problem !== undefined) {
      throw new RunFailure({ reason: 'EngineNotInstalled', message: problem, retryable: false });
    }
    const lease = await acquire(turn);
    const { live } = lease;
    const left = leftTurns.take(spec.executionId, live);
    const follower = left?.follower ?? { turn };
    follower.turn = turn;
    // What is under way to the model goes on for an attempt that takes over.
    const pass =
      left?.pass ??
      gateway.admit({
        socketPath: live.gatewaySocket,
        spec,
        onEgress: (line) => follower.turn.emit({ type: 'log', stream: 'system', text: `${line}\n` }),
        onUsage: (usage, member) =>
          follower.turn.emit({ type: 'usage', ...usage, ...(member === undefined ? {} : { member }) }),
        readBlob: (key) => follower.turn.readBlob(key),
        delegate: createDelegate(follower),
      });
    const killsBefore = await live.sandbox.oomKills().catch(() => 0);
    try {
      await follow(turn, { live, runToken: pass.token });
    } catch (cause) {
      throw await explain(cause, { live, killsBefore, turn });
    } finally {
      const isLost = turn.signal.aborted && turn.signal.reason === 'lost';
      if (isLost) {
        leftTurns.leave({ follower, live, pass });
        // Another host may have the task by now: its archive is the one.
        lease.release({ archive: false });
      } else if (!isHandedOn(turn.signal)) {
        pass.revoke();
        lease.release();
      }
      // Else this manager closes, and leaves sandbox and turn as they are to the next one.
    }
  }

  async function acquire({ spec, signal, emit, pause }: Turn) {
    const resume = pause();
    try {
      return await (await pool()).acquire({
        context: contextOf(spec),
        executionId: spec.executionId,
        signal,
        onPhase: (text) => emit({ type: 'phase', text }),
      });
    } catch (cause) {
      signal.throwIfAborted();
      logger.warn({ err: cause, executionId: spec.executionId }, 'no sandbox for a run');
      throw new RunFailure(noSandbox(cause), { cause });
    } finally {
      resume();
    }
  }

  return {
    shellType: options.shellType,
    placement: 'sandbox',
    run,

    async canResume(spec: ExecutionSpec, cursor: string): Promise<boolean> {
      const live = (await pool()).live(parseCursor(cursor).sandboxId);
      if (!live) return false;
      const { turns } = await live.client.health();
      return turns.some(({ turnId }) => turnId === spec.executionId);
    },
  };
}

/** Starts the turn and passes its events on until it has finished. */
async function follow(
  turn: Turn,
  { live, runToken }: { live: LiveSandbox; runToken: string },
): Promise<void> {
  const { spec, signal } = turn;
  const turnId = spec.executionId;
  let after = turn.resumeFrom === undefined ? 0 : parseCursor(turn.resumeFrom).seq;
  await live.client.startTurn({ turnId, attempt: spec.attempt, spec: specForExecutor(spec), runToken });
  turn.onInput((input) => {
    live.client.input(turnId, [input]).catch((err: unknown) => {
      turn.emit({
        type: 'warning',
        code: 'InputLost',
        message: `The sandbox did not get what was said: ${err instanceof Error ? err.message : String(err)}`,
      });
    });
  });
  // The attempt before knew what is waited for, a tool or a person; this one hears of it when it is over.
  const heard = turn.resumeFrom === undefined ? undefined : turn.pause();
  const reading = new AbortController();
  const onAbort = () => void stopTurn({ live, turnId, attempt: spec.attempt, signal, reading });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (let failures = 0; ; ) {
      try {
        for await (const { seq, event } of live.client.events(turnId, after, reading.signal)) {
          failures = 0;
          after = seq;
          heard?.();
          if (event.type === 'finish') return settle(event, signal);
          if (event.type !== 'usage' && event.type !== 'run-start') {
            turn.emit(event, formatCursor({ sandboxId: live.sandboxId, seq }));
          }
          await turn.ready();
        }
      } catch (cause) {
        if (reading.signal.aborted || !isConnectionLoss(cause)) throw cause;
      }
      const pause = RECONNECT_MS[failures++];
      const ended = pause === undefined || (await Promise.race([live.sandbox.ended, delay(pause)]));
      if (ended) throw new ApiError('ServiceUnavailable', 'the sandbox ended while it worked');
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    reading.abort();
  }
}

/** Tells the turn to stop. A run that only changes hands goes on: the next attempt reads on. */
async function stopTurn({
  live,
  turnId,
  attempt,
  signal,
  reading,
}: {
  live: LiveSandbox;
  turnId: string;
  attempt: number;
  signal: AbortSignal;
  reading: AbortController;
}): Promise<void> {
  if (isHandedOn(signal)) {
    reading.abort(signal.reason);
    return;
  }
  await live.client.interrupt(turnId, attempt).catch(() => undefined);
  await delay(INTERRUPT_MS, undefined, { signal: reading.signal }).catch(() => undefined);
  if (reading.signal.aborted) return;
  // It does not listen any more. Its workspace stays.
  await live.sandbox.kill();
  reading.abort(signal.reason);
}

/** Is the run left to the next attempt? Then its turn goes on meanwhile. */
function isHandedOn({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason === 'abandon' || reason === 'lost');
}

function settle(finish: { outcome: string; error?: RunError | undefined }, signal: AbortSignal): void {
  if (finish.outcome === 'completed') return;
  signal.throwIfAborted();
  throw new RunFailure(
    finish.error ?? {
      reason: 'Cancelled',
      message: 'The run was stopped inside its sandbox. Try again.',
      retryable: true,
    },
  );
}

/** What a failure was in truth: a sandbox that is gone or had no memory left explains most of them. */
async function explain(
  cause: unknown,
  { live, killsBefore, turn }: { live: LiveSandbox; killsBefore: number; turn: Turn },
): Promise<unknown> {
  if (turn.signal.aborted) return cause;
  const isCrash = !(cause instanceof RunFailure) || cause.error.reason === 'EngineCrashed';
  if (!isCrash) return cause;
  // The end of a sandbox is told a little after its connections break.
  const end = await Promise.race([live.sandbox.ended, delay(2_000, undefined)]);
  if (end?.error) return new RunFailure(end.error, { cause });
  const kills = await live.sandbox.oomKills().catch(() => killsBefore);
  if (kills > killsBefore) return new RunFailure(outOfMemory(turn.spec), { cause });
  if (cause instanceof RunFailure) return cause;
  if (end) {
    return new RunFailure(
      {
        reason: 'SandboxFailed',
        message: 'The sandbox was ended while the run worked in it. Its files are kept; try again.',
        retryable: true,
      },
      { cause },
    );
  }
  return new RunFailure(
    {
      reason: 'SandboxFailed',
      message: 'The executor in the sandbox stopped answering. Its files are kept; try again.',
      retryable: true,
      ...(cause instanceof Error ? { detail: cause.message } : {}),
    },
    { cause },
  );
}

function outOfMemory({ shell }: ExecutionSpec): RunError {
  return {
    reason: 'SandboxOutOfMemory',
    message: `The sandbox used up its memory${shell.resources?.memory ? ` (${shell.resources.memory})` : ''}. Ask for less at once, or raise resources.memory of the Shell "${shell.name}".`,
    retryable: true,
  };
}

function noSandbox(cause: unknown): RunError {
  const said = cause instanceof ApiError ? cause.message : 'see the log of the manager';
  return {
    reason: 'SandboxFailed',
    message: `The sandbox could not be started: ${said}`,
    retryable: true,
  };
}

function isConnectionLoss(cause: unknown): boolean {
  if (cause instanceof ApiError) return cause.reason === 'ServiceUnavailable';
  return cause instanceof Error && 'code' in cause;
}

/** Where a run is in its sandbox, as text that the server keeps. */
export function formatCursor({ sandboxId, seq }: { sandboxId: string; seq: number }): string {
  return `${sandboxId}:${seq}`;
}

/** The parts of a cursor. */
export function parseCursor(cursor: string): { sandboxId: string; seq: number } {
  const [sandboxId = '', seq = '0'] = cursor.split(':');
  return { sandboxId, seq: Number(seq) };
}
