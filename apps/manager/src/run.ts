import {
  ApiError,
  type Claim,
  type ExecutionEvent,
  type ManagerLink,
  type ModelEndpoint,
  type Outcome,
  type RunError,
} from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import { type Engines, RunFailure, runTurn } from '@wegent/engine';
import type { Logger } from 'pino';
import { createActivity } from './activity.ts';
import { createEventSender } from './event-sender.ts';
import { createInputs } from './inputs.ts';
import { keepLease } from './lease.ts';
import type { ManagerMetrics } from './metrics.ts';
import type { Place } from './place.ts';
import { untilAnswered } from './until-answered.ts';
import { withSimulator } from './with-simulator.ts';
import type { WorkTrees } from './work-trees.ts';

/** What a run needs from the manager. */
export interface RunDeps {
  link: ManagerLink;
  blob: Pick<BlobStore, 'read'>;
  engines: Engines;
  managerId: string;
  heartbeatMs: number;
  trees: WorkTrees;
  resolveSimulator?: (endpoint: ModelEndpoint) => ModelEndpoint;
  logger: Logger;
  metrics?: ManagerMetrics;
}

/** A run that this manager takes care of. */
export interface Run {
  /** The server has an order for this run. */
  poke(): void;
  /** Stops without a word: the lease runs out, and the server makes a new attempt. */
  abandon(): void;
  /** Resolves when the run is over here, however it ended; never rejects. */
  readonly done: Promise<void>;
}

/** Why an engine was told to stop. */
type StopReason = 'cancel' | 'lost' | 'abandon';

/** What comes from outside; a run that is not claimed yet remembers that it was poked. */
interface Orders {
  poke: () => void;
  poked: boolean;
  abandon: () => void;
}

/**
 * Claims an execution and lives its life: events, heartbeat, orders, and one `finish` on every path that may write. It
 * has a place, which it gives back while it waits.
 */
export function startRun(executionId: string, place: Place, deps: RunDeps): Run {
  const stop = new AbortController();
  const orders: Orders = { poke: () => {}, poked: false, abandon: () => {} };
  const run = async () => {
    const claim = await claimOf(executionId, deps);
    if (!claim || stop.signal.aborted) return;
    await live({ executionId, claim, place, stop, orders, deps });
  };
  return {
    poke: () => {
      orders.poked = true;
      orders.poke();
    },
    abandon: () => {
      stop.abort('abandon' satisfies StopReason);
      orders.abandon();
    },
    done: run().catch((err: unknown) =>
      deps.logger.error({ err, executionId }, 'a run ended in an error of the manager'),
    ),
  };
}

/** The claim, or nothing when the run is somebody else's, over or gone, or when the server is away: its sweep asks again. */
async function claimOf(
  executionId: string,
  { link, managerId, logger }: RunDeps,
): Promise<Claim | undefined> {
  try {
    return await link.claim(executionId, { managerId });
  } catch (err) {
    const usual = err instanceof ApiError && (err.reason === 'Conflict' || err.reason === 'NotFound');
    if (!usual) logger.warn({ err, executionId }, 'a run could not be claimed');
    return undefined;
  }
}

async function live(given: {
  executionId: string;
  claim: Claim;
  place: Place;
  stop: AbortController;
  orders: Orders;
  deps: RunDeps;
}): Promise<void> {
  const { executionId, claim, place, stop, orders, deps } = given;
  const { link, metrics } = deps;
  const logger = deps.logger.child({ executionId, attempt: claim.attempt });
  const end = (reason: StopReason) => stop.abort(reason);
  let refusal: ApiError | undefined;
  const sender = createEventSender({
    link,
    executionId,
    attempt: claim.attempt,
    nextSeq: claim.nextSeq,
    onRefused: (error) => {
      refusal = error;
      end('lost');
    },
    ...(metrics ? { onBatch: metrics.batchSent } : {}),
  });
  const inputs = createInputs();
  const lease = keepLease({
    link,
    executionId,
    attempt: claim.attempt,
    heartbeatMs: deps.heartbeatMs,
    received: inputs.received,
    onCommand: (command) => {
      if (command.type === 'cancel') end('cancel');
      else inputs.push(command.input);
    },
    onLost: () => end('lost'),
  });
  orders.abandon = sender.stop;
  orders.poke = lease.poke;
  // What was said to an attempt before waits at the server.
  if (orders.poked || claim.cursor !== undefined) lease.poke();
  const finished = metrics?.runStarted();
  let outcome: Outcome | 'left' = 'left';
  try {
    const resumes = await canResume(claim, deps, logger);
    for (const event of openingEvents(executionId, claim, resumes)) sender.push(event);
    const finish =
      claim.irreversible && !resumes
        ? LOST
        : await work({ claim, resumes, place, stop, sender, inputs, deps, logger });
    if (finish) {
      sender.push(finish);
      await sender.flush();
      outcome = finish.outcome;
    }
  } catch (err) {
    if (!refusal) throw err;
  } finally {
    lease.stop();
    sender.stop();
    finished?.(outcome);
  }
  if (refusal && refusal.reason !== 'Conflict' && refusal.reason !== 'NotFound') {
    logger.error({ err: refusal }, 'the server refused the events of a run');
    await link.events(executionId, { attempt: claim.attempt, firstSeq: sender.nextSeq, events: [REFUSED] });
  }
}

/** Does what the attempt before worked with still live, so that nothing has to be done twice? */
async function canResume(claim: Claim, { engines }: RunDeps, logger: Logger): Promise<boolean> {
  if (claim.cursor === undefined) return false;
  const engine = engines[claim.spec.shell.shellType];
  try {
    return (await engine.canResume?.(claim.spec, claim.cursor)) ?? false;
  } catch (err) {
    logger.warn({ err }, 'the sandbox of a lost run could not be asked');
    return false;
  }
}

function openingEvents(
  executionId: string,
  { attempt, spec, openBlocks }: Claim,
  resumes: boolean,
): ExecutionEvent[] {
  return [
    {
      type: 'run-start',
      executionId,
      attempt,
      bot: spec.bot,
      shellType: spec.shell.shellType,
      ...(spec.model ? { model: spec.model.name } : {}),
    },
    ...(resumes ? [] : openBlocks).map((blockId): ExecutionEvent => ({ type: 'block-reset', blockId })),
  ];
}

type Finish = Extract<ExecutionEvent, { type: 'finish' }>;

/** Runs the engine to its end and says how it ended; nothing when this manager has no word in it any more. */
async function work(given: {
  claim: Claim;
  resumes: boolean;
  place: Place;
  stop: AbortController;
  sender: ReturnType<typeof createEventSender>;
  inputs: ReturnType<typeof createInputs>;
  deps: RunDeps;
  logger: Logger;
}): Promise<Finish | undefined> {
  const { claim, resumes, place, stop, sender, inputs, deps, logger } = given;
  const { link, engines, trees } = deps;
  const spec = withSimulator({ ...claim.spec, attempt: claim.attempt }, deps.resolveSimulator);
  const { executionId, attempt } = spec;
  const isSandboxed = engines[spec.shell.shellType].placement === 'sandbox';
  const activity = createActivity({
    place,
    trees,
    user: isSandboxed ? { taskId: spec.taskId, name: spec.bot.name } : undefined,
    signal: stop.signal,
    emit: sender.push,
    waiting: resumes && claim.waiting === true,
  });
  try {
    await activity.start({ force: resumes });
    await runTurn(engines, {
      spec,
      emit: (event, cursor) => {
        sender.push(event, cursor);
        activity.note(event);
      },
      ready: sender.ready,
      onInput: (listener) => inputs.listen(activity.gate(listener)),
      ...(resumes && claim.cursor !== undefined ? { resumeFrom: claim.cursor } : {}),
      signal: stop.signal,
      readBlob: (key) => deps.blob.read(key),
      giveWork: (request) => {
        const ask = () => link.delegate(executionId, { attempt, ...request });
        return untilAnswered(ask, stop.signal);
      },
      workOf: (member) => {
        const ask = () => link.delegated(executionId, { attempt, executionId: member });
        return activity.member(member, () => untilAnswered(ask, stop.signal));
      },
    });
    return { type: 'finish', outcome: 'completed' };
  } catch (err) {
    const reason: StopReason | undefined = stop.signal.aborted ? stop.signal.reason : undefined;
    if (reason === 'cancel') return { type: 'finish', outcome: 'cancelled' };
    if (reason !== undefined) {
      logger.info({ reason }, 'a run was left to the next attempt');
      return undefined;
    }
    return { type: 'finish', outcome: 'failed', error: errorOf(err, logger) };
  } finally {
    activity.end();
  }
}

function errorOf(err: unknown, logger: Logger): RunError {
  if (err instanceof RunFailure) {
    logger.info({ reason: err.error.reason }, 'a run failed');
    return err.error;
  }
  // Errors of HTTP clients carry whole requests as properties, so only their stacks are logged.
  logger.error({ stack: stackOf(err) }, 'an engine failed');
  return INTERNAL;
}

function stackOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err);
  const own = err.stack ?? err.message;
  return err.cause === undefined ? own : `${own}\ncaused by ${stackOf(err.cause)}`;
}

const INTERNAL: RunError = {
  reason: 'Internal',
  message: 'Something went wrong inside the platform. Try again; if it stays so, tell an administrator.',
  retryable: true,
};

/** What an attempt before did cannot be done again, and what it worked with is gone. */
const LOST: Finish = {
  type: 'finish',
  outcome: 'failed',
  error: {
    reason: 'LeaseLost',
    message:
      'The process that ran this was lost after it had used tools, so it was not repeated by itself. Check what was done, then try again.',
    retryable: true,
  },
};

/** Where the server will never take the events: without this the run would look alive until its lease is over. */
const REFUSED: Finish = { type: 'finish', outcome: 'failed', error: INTERNAL };
