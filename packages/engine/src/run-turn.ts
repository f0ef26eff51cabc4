import type { ExecutionEvent, RunError, ShellType } from '@wegent/api';
import type { Engine, Turn } from './engine.ts';
import { createMissingEngine } from './not-installed.ts';
import { RunFailure } from './run-failure.ts';

/** How long an engine that was told to stop may take before it is given up. */
const STOP_MS = 5_000;

/**
 * Runs a turn on the engine of its Shell, within the Shell's limits: `idleSeconds` without a sign of life while
 * nothing else is waited for (a tool, a person), `turnSeconds` in all. Rejects with a `RunFailure` of reason
 * Timeout when one is reached, with the signal's reason when the caller aborts, else as the engine does.
 * Once it has settled nothing is emitted any more.
 */
export async function runTurn<Run extends Turn = Turn>(
  engines: Partial<Record<ShellType, Engine<Run>>>,
  turn: Omit<Run, 'touch' | 'pause'> & Omit<Turn, 'touch' | 'pause'>,
): Promise<void> {
  const { shell } = turn.spec;
  const stop = new AbortController();
  const abort = () => stop.abort(turn.signal.reason);
  turn.signal.addEventListener('abort', abort, { once: true });
  if (turn.signal.aborted) abort();

  const waits = new Set<string | symbol>();
  const timeOut = (error: RunError) => stop.abort(new RunFailure(error));
  const whole = setTimeout(() => timeOut(turnTimeout(shell.turnSeconds)), shell.turnSeconds * 1000);
  const idle = setTimeout(() => {
    if (waits.size === 0) timeOut(idleTimeout(shell.idleSeconds));
  }, shell.idleSeconds * 1000);

  let settled = false;
  const touch = () => {
    if (!settled) idle.refresh();
  };
  const pause = () => {
    const wait = Symbol('wait');
    waits.add(wait);
    return () => {
      waits.delete(wait);
      touch();
    };
  };
  const ready = async () => {
    const resume = pause();
    await turn.ready();
    resume();
  };
  const emit = (event: ExecutionEvent, cursor?: string) => {
    if (settled) return;
    noteWaits(waits, event);
    touch();
    turn.emit(event, cursor);
  };
  try {
    stop.signal.throwIfAborted();
    const engine: Engine = engines[shell.shellType] ?? createMissingEngine(shell.shellType);
    const running = engine.run({ ...turn, signal: stop.signal, emit, ready, touch, pause });
    await untilStopped(running, stop.signal);
    stop.signal.throwIfAborted();
  } finally {
    settled = true;
    clearTimeout(whole);
    clearTimeout(idle);
    turn.signal.removeEventListener('abort', abort);
  }
}

/** Settles with the engine; after an abort with the reason of the abort, as soon as the engine has stopped. */
async function untilStopped(running: Promise<void>, signal: AbortSignal): Promise<void> {
  const given = Promise.withResolvers<void>();
  let deadline: NodeJS.Timeout | undefined;
  const onAbort = () => {
    deadline = setTimeout(() => given.reject(signal.reason), STOP_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([running, given.promise]);
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Tools and people have time limits of their own, so waiting for them is not silence. */
function noteWaits(waits: Set<string | symbol>, event: ExecutionEvent): void {
  if (event.type === 'tool-call') waits.add(event.blockId);
  if (event.type === 'tool-output') waits.delete(event.blockId);
  if (event.type === 'approval-request') waits.add(event.approvalId);
  if (event.type === 'approval-decided') waits.delete(event.approvalId);
  if (event.type === 'question') waits.add(event.questionId);
  if (event.type === 'question-answered') waits.delete(event.questionId);
}

function idleTimeout(seconds: number): RunError {
  return {
    reason: 'Timeout',
    message: `Nothing came from the model for ${seconds} s, so the run was stopped. Try again; if it happens often, choose another model or raise idleSeconds of the Shell.`,
    retryable: true,
  };
}

function turnTimeout(seconds: number): RunError {
  return {
    reason: 'Timeout',
    message: `The run took longer than ${seconds} s and was stopped. Ask for less at once or raise turnSeconds of the Shell.`,
    retryable: false,
  };
}
