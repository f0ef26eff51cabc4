import { ApiError, type ExecutorHealth, type ExecutorTurn, type RunInput } from '@wegent/api';
import type { GatewayPorts, PortLease } from '../gateway/gateway-ports.ts';
import { watchOomScores } from '../process/oom-score.ts';
import { CANCELLED, runErrorOf } from './turn-failure.ts';
import { createTurnInputs } from './turn-inputs.ts';
import { createTurnLog, type TurnLog } from './turn-log.ts';
import { type TurnDeps, workTurn } from './work-turn.ts';

const KEPT_TURNS = 50;
const KEPT_BYTES = 128 * 1024 * 1024;
/** Becomes a part of names of refs. */
const TURN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

interface TurnRecord {
  readonly turnId: string;
  attempt: number;
  runToken: string;
  readonly log: TurnLog;
  readonly inputs: ReturnType<typeof createTurnInputs>;
  readonly stop: AbortController;
  lease: PortLease | undefined;
  done: Promise<void>;
}

/** The turns of a task. */
export type Turns = ReturnType<typeof createTurns>;

/** Runs turns, and keeps what they told for whoever asks later. */
export function createTurns({ ports, ...deps }: TurnDeps & { ports: GatewayPorts }) {
  const turns = new Map<string, TurnRecord>();
  let stopWatching: (() => void) | undefined;

  const running = () => [...turns.values()].filter(({ log }) => !log.finished);

  function find(turnId: string): TurnRecord {
    const turn = turns.get(turnId);
    if (!turn) throw new ApiError('NotFound', `there is no turn ${turnId} here`);
    return turn;
  }

  async function run(turn: TurnRecord, { spec }: ExecutorTurn): Promise<void> {
    const { turnId, log, inputs, stop } = turn;
    const { namespace, name } = spec.bot;
    try {
      turn.lease = await ports.lease(`${namespace ?? ''}/${name}`, turn.runToken);
      turn.lease.setToken(turn.runToken);
      stop.signal.throwIfAborted();
      await workTurn(
        {
          turnId,
          spec,
          port: turn.lease.port,
          signal: stop.signal,
          emit: log.append,
          ready: log.ready,
          onInput: inputs.listen,
        },
        deps,
      );
      log.append({ type: 'finish', outcome: 'completed' });
    } catch (cause) {
      if (stop.signal.aborted) {
        log.append({ type: 'finish', outcome: 'cancelled' });
        return;
      }
      const error = runErrorOf(cause);
      if (error.reason === 'Internal') deps.logger.error({ err: cause, turnId }, 'a turn failed');
      log.append({ type: 'finish', outcome: 'failed', error });
    } finally {
      turn.lease?.release();
      forgetOld();
    }
  }

  function forgetOld(): void {
    const finished = [...turns.values()].filter(({ log }) => log.finished);
    let bytes = finished.reduce((sum, { log }) => sum + log.bytes, 0);
    let count = finished.length;
    for (const { turnId, log } of finished.slice(0, -1)) {
      if (count <= KEPT_TURNS && bytes <= KEPT_BYTES) break;
      turns.delete(turnId);
      bytes -= log.bytes;
      count--;
    }
    if (running().length > 0) return;
    stopWatching?.();
    stopWatching = undefined;
  }

  return {
    /** Starts a turn; one that is here already goes on, for the manager that asks now. True when it is new. */
    start(given: ExecutorTurn): boolean {
      const { turnId, attempt, runToken } = given;
      if (!TURN_ID.test(turnId)) {
        throw new ApiError(
          'Invalid',
          `turnId: must consist of letters, digits, "-" and "_", not ${JSON.stringify(turnId.slice(0, 100))}`,
        );
      }
      const known = turns.get(turnId);
      if (known) {
        if (attempt < known.attempt) {
          throw new ApiError(
            'Conflict',
            `turn ${turnId} is at attempt ${known.attempt}, so attempt ${attempt} is over`,
          );
        }
        known.attempt = attempt;
        known.runToken = runToken;
        known.lease?.setToken(runToken);
        return false;
      }
      const turn: TurnRecord = {
        turnId,
        attempt,
        runToken,
        log: createTurnLog(),
        inputs: createTurnInputs(),
        stop: new AbortController(),
        lease: undefined,
        done: Promise.resolve(),
      };
      turns.set(turnId, turn);
      stopWatching ??= watchOomScores();
      turn.done = run(turn, given);
      return true;
    },

    events: (turnId: string, after: number, signal: AbortSignal): AsyncIterable<string> =>
      find(turnId).log.read(after, signal),

    /** Tells a turn to stop; nothing happens when it is over or belongs to a newer attempt. */
    interrupt(turnId: string, attempt: number): void {
      const turn = find(turnId);
      if (attempt >= turn.attempt && !turn.log.finished) turn.stop.abort(CANCELLED);
    },

    /** Hands inputs over; gives the ids of those that the turn has. One that comes after the end is not taken. */
    input(turnId: string, inputs: readonly RunInput[]): string[] {
      const turn = find(turnId);
      if (!turn.log.finished) for (const input of inputs) turn.inputs.push(input);
      return inputs.map(({ id }) => id).filter(turn.inputs.has);
    },

    isRunning: (): boolean => running().length > 0,

    /** Token of a run that works now. */
    runToken: (): string | undefined => running().at(-1)?.runToken,

    health: (): ExecutorHealth['turns'] =>
      [...turns.values()].map(({ turnId, attempt, log }) => ({ turnId, attempt, finished: log.finished })),

    /** Stops all turns and waits for them. */
    async close(): Promise<void> {
      for (const turn of running()) turn.stop.abort(CANCELLED);
      await Promise.all([...turns.values()].map(({ done }) => done));
    },
  };
}
