import {
  ApiError,
  type Block,
  type Claim,
  COMMAND_TOPIC,
  type Command,
  causesOf,
  type EventAck,
  type EventBatch,
  type Heartbeat,
  type ManagerLink,
} from '@wegent/api';
import type { Bus } from '@wegent/bus';
import type { ExecutionRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ManagerRegistry } from '../executors/manager-registry.ts';
import { foldEvents } from '../tasks/conversation.ts';
import type { Delegation } from './delegation.ts';
import type { EventWriter } from './event-writer.ts';
import { asRunError } from './run-error.ts';
import type { RunLoader } from './run-loader.ts';
import { runsInSandbox } from './sandbox-shells.ts';

/** Milliseconds that a lease lasts without a heartbeat. */
export const LEASE_MS = 30_000;

/** The server's side of the contract with managers, and what the server itself does to runs. */
export type ExecutionService = ReturnType<typeof createExecutionService>;

/** Claims, heartbeats and events of runs. Whoever holds no lease gets Conflict and has changed nothing. */
export function createExecutionService({
  store,
  bus,
  writer,
  loader,
  managers,
  delegation,
  onCancelling,
  sendTo,
  logger,
  now = Date.now,
}: {
  store: Store;
  bus: Bus;
  writer: EventWriter;
  loader: RunLoader;
  managers: Pick<ManagerRegistry, 'report'>;
  delegation: Delegation;
  /** Called with the answers whose runs were just told to stop. */
  onCancelling: (messageIds: readonly string[]) => void;
  /** Puts a run that only one manager can do into the queue of that. */
  sendTo: (managerId: string, execution: Pick<ExecutionRow, 'id' | 'taskId'>) => Promise<void>;
  logger: Logger;
  now?: () => number;
}) {
  const link: ManagerLink = {
    async claim(executionId, { managerId }): Promise<Claim> {
      const leaseUntil = now() + LEASE_MS;
      const { execution, lastManagerId } = await take(executionId, { managerId, leaseUntil });
      if (!execution)
        throw new ApiError(
          'Conflict',
          `execution "${executionId}" cannot be claimed: it is held, over, or not there`,
        );
      const spec = await compileOrFail(execution).catch(async (cause: unknown) => {
        // It has made no folder: the one that was the newest still is.
        if (runsInSandbox(execution.shellType))
          await store.tasks.update(execution.taskId, { executor: lastManagerId ?? null });
        throw cause;
      });
      return {
        attempt: execution.attempt,
        leaseUntil,
        nextSeq: execution.lastSeq + 1,
        irreversible: execution.irreversible,
        ...(execution.cursor === null ? {} : { cursor: execution.cursor }),
        ...(execution.state === 'waiting' ? { waiting: true } : {}),
        openBlocks: execution.lastSeq === 0 ? [] : await writtenBlocks(store, execution),
        spec: { ...spec, ...(lastManagerId === undefined ? {} : { lastManagerId }) },
      };
    },

    async heartbeat(executionId, { attempt, received = [] }): Promise<Heartbeat> {
      const leaseUntil = now() + LEASE_MS;
      const execution = await store.executions.renewLease(executionId, attempt, leaseUntil);
      if (!execution)
        throw new ApiError('Conflict', `attempt ${attempt} of execution "${executionId}" is over`);
      await store.runInputs.markReceived(executionId, received, now());
      const inputs = await store.runInputs.undelivered(executionId);
      const commands: Command[] = [
        ...(execution.cancelRequestedAt === null ? [] : [{ type: 'cancel' as const }]),
        ...inputs.map((input) => ({ type: 'input' as const, input })),
      ];
      return { leaseUntil, commands };
    },

    events(executionId: string, batch: EventBatch): Promise<EventAck> {
      return writer.append({ executionId, ...batch });
    },

    delegate: delegation.delegate,
    delegated: delegation.delegated,
    report: (managerId, report) => managers.report(managerId, report),
  };

  /**
   * Takes a run for a manager. Who has one in the sandbox of a task is asked for the files of the task from then on, and
   * gets its next runs; what works there at the same time works on the same host, or there were two work trees.
   */
  async function take(
    executionId: string,
    { managerId, leaseUntil }: { managerId: string; leaseUntil: number },
  ): Promise<{ execution?: ExecutionRow | undefined; lastManagerId?: string | undefined }> {
    const lease = { managerId, leaseUntil, now: now() };
    const wanted = await store.executions.get(executionId);
    if (!wanted || !runsInSandbox(wanted.shellType))
      return { execution: await store.executions.claim(executionId, lease) };
    const taken = await store.transaction(async (tx) => {
      const task = await tx.tasks.lock(wanted.taskId);
      const elsewhere = (await tx.executions.activeOfTask(wanted.taskId)).find(
        (run) => run.id !== executionId && worksElsewhere(run, lease),
      );
      if (elsewhere) return { holder: elsewhere.managerId };
      const execution = await tx.executions.claim(executionId, lease);
      if (execution) await tx.tasks.update(execution.taskId, { executor: managerId });
      return { execution, lastManagerId: task?.executor ?? undefined };
    });
    if (taken.holder != null && wanted.state === 'pending')
      // When it fails the sweep queues the run again.
      await sendTo(taken.holder, wanted).catch((error: unknown) =>
        logger.warn({ err: error, executionId }, 'a run could not be sent to the manager of its task'),
      );
    return taken;
  }

  // Without the bus the manager hears of it with its next heartbeat.
  async function tellManager(executionId: string): Promise<void> {
    await bus.publish(COMMAND_TOPIC, { executionId }).catch((error: unknown) => {
      logger.warn({ err: error, executionId }, 'the manager of a run could not be told');
    });
  }

  // A run that cannot even be put together fails with the reason, in place of being tried for ever.
  async function compileOrFail(execution: ExecutionRow) {
    try {
      const task = await store.tasks.get(execution.taskId);
      if (!task) throw new ApiError('NotFound', 'the task was deleted');
      return await loader.load(execution, task);
    } catch (error) {
      const failure = asApiError(error);
      if (!failure || failure.reason === 'ServiceUnavailable') throw error;
      logger.warn({ err: error, executionId: execution.id }, 'run could not be compiled');
      await writer.finish(execution.id, { type: 'finish', outcome: 'failed', error: asRunError(failure) });
      throw new ApiError('Conflict', `execution "${execution.id}" failed: ${failure.message}`, {
        cause: error,
      });
    }
  }

  return {
    ...link,
    tellManager,

    /**
     * Stops runs. Those that nobody has begun end at once; the others are told to, and end in the server's name
     * when they have not by the deadline. Resolves when all are over.
     */
    async cancel(
      executions: readonly ExecutionRow[],
      waitFor: (executionId: string) => Promise<boolean>,
    ): Promise<void> {
      const finish = { type: 'finish', outcome: 'cancelled' } as const;
      // What waits for a person between two stages has no manager either.
      const isHeld = ({ state, managerId }: ExecutionRow) => state !== 'pending' && managerId !== null;
      const pending = executions.filter((execution) => !isHeld(execution));
      const running = executions.filter(isHeld);
      await store.executions.requestCancel(
        running.map((execution) => execution.id),
        now(),
      );
      if (running.length > 0) onCancelling(running.map((execution) => execution.messageId));
      await Promise.all(running.map((execution) => tellManager(execution.id)));
      await Promise.all([
        ...pending.map((execution) => writer.finish(execution.id, finish)),
        ...running.map(
          async (execution) => (await waitFor(execution.id)) || writer.finish(execution.id, finish),
        ),
      ]);
    },
  };
}

function worksElsewhere(
  { shellType, managerId, leaseUntil, state }: ExecutionRow,
  { managerId: here, now }: { managerId: string; now: number },
): boolean {
  const isHeld = state !== 'pending' && managerId !== null && (leaseUntil ?? 0) > now;
  return isHeld && managerId !== here && runsInSandbox(shellType);
}

// What was stored by an older version may not fit any more; trying again would not help.
function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (!(error instanceof z.ZodError)) return undefined;
  const [first] = causesOf(error);
  return new ApiError(
    'Invalid',
    `A part of this agent is not valid any more (${first?.field}: ${first?.message}). Correct it and save it again.`,
  );
}

/** Blocks that an attempt left behind and the next one must take back before it writes. */
async function writtenBlocks(store: Store, execution: ExecutionRow): Promise<string[]> {
  const events = await store.events.ofExecution(execution.id);
  const fold = foldEvents(
    events.map(({ seq, event }) => ({
      seq,
      messageId: execution.messageId,
      executionId: execution.id,
      event,
    })),
  );
  return fold.blocks.filter((block) => isResettable(block)).map((block) => block.blockId);
}

function isResettable(block: Block): boolean {
  return block.type !== 'warning' && block.type !== 'log' && block.type !== 'phase' && block.type !== 'files';
}
