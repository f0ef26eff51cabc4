import type {
  Delegated,
  DelegatedResult,
  ExecutionEvent,
  ExecutionSpec,
  RunInput,
  ShellType,
} from '@wegent/api';

/** One run as an engine sees it. */
export interface Turn {
  readonly spec: ExecutionSpec;
  /**
   * Reports what happens, in order; everything but `run-start` and `finish`, which the caller writes. `cursor` is kept
   * with the event: the next attempt gets the newest one.
   */
  emit(event: ExecutionEvent, cursor?: string): void;
  /** Where an earlier attempt of this run was when it was lost, if this engine said that it can go on from there. */
  readonly resumeFrom?: string;
  /** Resolves when the receiver can take more; an engine awaits it between events, so that buffers stay small. */
  ready(): Promise<void>;
  /** Says that the engine is alive although it has nothing to report. */
  touch(): void;
  /** Stops the idle clock until the answer is called: for waits that have a limit of their own. */
  pause(): () => void;
  /**
   * Calls the listener with what the person says while the run works: decisions, answers, messages. In order, each
   * once; what came before is handed over at once. One listener a turn.
   */
  onInput(listener: (input: RunInput) => void): void;
  /** Aborted when the run shall end at once; the engine then rejects with anything. */
  readonly signal: AbortSignal;
  /** Gives work to a member of the Team that this run leads. Only runs whose spec has a `team` may. */
  giveWork?(request: { member: string; instruction: string }): Promise<Delegated>;
  /** Waits some seconds for such work; without an outcome it goes on. */
  workOf?(executionId: string): Promise<DelegatedResult>;
  /** Bytes of an attachment, or undefined when they are gone. */
  readBlob(key: string): Promise<Uint8Array | undefined>;
}

/**
 * What agents of one Shell type are. An engine owns no time limits: `runTurn` watches over it. What it keeps between
 * turns is a cache that it can do without.
 */
export interface Engine<Run extends Turn = Turn> {
  readonly shellType: ShellType;
  /** Inside the manager, or in a sandbox of its own. */
  readonly placement: 'host' | 'sandbox';
  /**
   * Runs one turn to its end. Resolves when it is completed, rejects with a `RunFailure` when it failed for a reason
   * that a person can act on. When it settles, nothing works for this turn any more.
   */
  run(turn: Run): Promise<void>;
  /** Can a run whose last attempt left this cursor go on where it was? Otherwise it begins anew. */
  canResume?(spec: ExecutionSpec, cursor: string): Promise<boolean>;
  /** Loads what every turn needs, before there is one. Never rejects: the turn meets the same. */
  load?(): Promise<void>;
  /** Makes ready what the first turn would wait for. Never rejects: the turn does it again. */
  prewarm?(turn: Omit<Run, keyof Turn> & Pick<Turn, 'spec'>): Promise<void>;
  /** Ends what it keeps between turns: processes, connections. */
  close?(): Promise<void>;
}
