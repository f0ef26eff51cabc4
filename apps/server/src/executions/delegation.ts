import { createHash } from 'node:crypto';
import { ApiError, isFinal, type ManagerLink, textOfRun } from '@wegent/api';
import type { ExecutionRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import { RunOptions } from '../chat/turn-options.ts';
import { waitForEnd } from '../chat/wait-for-end.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { foldEvents } from '../tasks/conversation.ts';
import { AnswerOptions, type AnswerPlan } from './answer-plan.ts';
import { namesOf } from './collaboration.ts';
import { stepRow } from './execution-row.ts';

/** Milliseconds that one request waits for the end of a run; its caller asks again. */
const WAIT_MS = 15_000;

/** Work that leaders give away, see `createDelegation`. */
export type Delegation = Pick<ManagerLink, 'delegate' | 'delegated'>;

/**
 * A leader of a `coordinate` Team gives work to a member: one run for each piece of work, whose id follows from the
 * work itself. An attempt of the leader that begins anew finds what the one before gave away.
 */
export function createDelegation({
  store,
  publisher,
  enqueue,
  logger,
  now = Date.now,
}: {
  store: Store;
  publisher: Publisher;
  enqueue: (executions: readonly ExecutionRow[], group: string) => Promise<void>;
  logger: Logger;
  now?: () => number;
}): Delegation {
  return {
    async delegate(executionId, { attempt, member, instruction }) {
      const leader = await held(store, executionId, attempt);
      const given = await store.transaction(async (tx) => {
        const task = await tx.tasks.lock(leader.taskId);
        await held(tx, executionId, attempt);
        const message = await tx.messages.get(leader.messageId);
        const { plan, stopped } = AnswerOptions.parse(message?.options ?? {});
        if (!task || !plan || plan.mode !== 'coordinate' || plan.native || stopped)
          throw new ApiError('Conflict', `execution "${executionId}" leads nobody`);
        const runs = await tx.executions.ofMessage(leader.messageId);
        const index = plan.others.find((other) => plan.members[other]?.name === member);
        if (index === undefined)
          return { refused: `There is no member "${member}". The members are: ${namesOf(plan).join(', ')}.` };
        const work = createHash('sha256').update(`${member}\n${instruction}`).digest('hex').slice(0, 32);
        const step = { key: `delegate-${work}`, kind: 'delegate' as const, member, last: false };
        const row = stepRow(
          plan,
          { step, member: index },
          {
            taskId: task.id,
            messageId: leader.messageId,
            parentExecutionId: leader.id,
            now: now(),
            instruction,
          },
        );
        const known = runs.find(({ id }) => id === row.id);
        if (known) return { row: known, group: task.namespace, isNew: false };
        const refused = refusal(plan, runs);
        if (refused !== undefined) return { refused };
        await tx.executions.insert([row]);
        return { row, group: task.namespace, isNew: true };
      });
      if (given.refused !== undefined) return { refused: given.refused };
      if (given.isNew)
        await enqueue([given.row], given.group).catch((error: unknown) => {
          // It is stored as pending: the sweep queues it.
          logger.warn({ err: error, executionId }, 'delegated work could not be queued');
        });
      return { executionId: given.row.id, bot: given.row.bot };
    },

    async delegated(executionId, { attempt, executionId: childId }) {
      await held(store, executionId, attempt);
      const child = await store.executions.get(childId);
      if (child?.parentExecutionId !== executionId)
        throw new ApiError('NotFound', `execution "${executionId}" has given no work to "${childId}"`);
      await waitForEnd({ store, publisher, executionId: childId, deadlineMs: WAIT_MS });
      const ended = (await store.executions.get(childId)) ?? child;
      if (!isFinal(ended.state)) return { text: '' };
      const events = await store.events.ofExecution(childId);
      const { messageId } = ended;
      const fold = foldEvents(
        events.map(({ seq, event }) => ({ seq, messageId, executionId: childId, event })),
      );
      return {
        outcome: ended.state,
        text: textOfRun(fold, childId),
        ...(ended.error ? { error: ended.error.message } : {}),
      };
    },
  };
}

/** The run of whoever holds its lease. */
async function held(store: Store, executionId: string, attempt: number): Promise<ExecutionRow> {
  const run = await store.executions.get(executionId);
  if (!run || run.attempt !== attempt || isFinal(run.state) || run.state === 'pending')
    throw new ApiError('Conflict', `attempt ${attempt} of execution "${executionId}" is over`);
  if (RunOptions.parse(run.options).step?.kind !== 'answer')
    throw new ApiError('Conflict', `execution "${executionId}" leads nobody`);
  return run;
}

function refusal({ limits }: AnswerPlan, runs: readonly ExecutionRow[]): string | undefined {
  const count = runs.filter(({ parentExecutionId }) => parentExecutionId !== null).length;
  if (count >= limits.delegations)
    return `You have delegated ${count} times in this turn, which is the limit. Write the answer with what you have.`;
  const spent = runs.reduce((sum, { usage }) => sum + (usage?.costUsd ?? 0), 0);
  if (limits.costUsd !== undefined && spent >= limits.costUsd)
    return `This turn has cost $${spent.toFixed(4)}, and the Team may spend $${limits.costUsd} on one. Write the answer with what you have.`;
  return undefined;
}
