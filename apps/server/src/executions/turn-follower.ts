import {
  addUsage,
  errorOf,
  isFinal,
  NO_USAGE,
  type SequencedEvent,
  signatureOf,
  statusOf,
  textOf,
} from '@wegent/api';
import type { ExecutionRow, MessageRow, Store, TaskRow } from '@wegent/store';
import type { Logger } from 'pino';
import { requeueUnheard } from '../chat/steering.ts';
import { RunOptions } from '../chat/turn-options.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { foldEvents, toMessages } from '../tasks/conversation.ts';
import { AnswerOptions } from './answer-plan.ts';
import { type PhaseChange, publishPhase, updatePhase } from './task-phase.ts';
import { type BegunSteps, beginSteps } from './turn-steps.ts';
import { usageParts } from './usage-parts.ts';

/** Characters of an answer that the Task object carries as its result. */
const RESULT_CHARACTERS = 2000;

/**
 * Does what the events of a run entail: the phase of the task while it runs, and, when the last run of an answer is
 * over, the final message, the result, the usage and the next message of the queue. Each step is a transaction of
 * its own and can be repeated; `recover` finds what a crash left undone.
 */
export function createTurnFollower({
  store,
  publisher,
  logger,
  onIdle,
  onFreed,
  onStored,
  enqueue,
  stop,
  now = Date.now,
}: {
  store: Store;
  publisher: Publisher;
  logger: Logger;
  /** Called when a task has no run any more: the queue may go on. */
  onIdle: (taskId: string) => Promise<void>;
  /** Called when a turn has ended for whose end others of its Team may wait. */
  onFreed: (teamUid: string) => Promise<void>;
  /** Called after a commit with what was stored for the runs of a Team that need no manager. */
  onStored: (results: BegunSteps['stored']) => void;
  /** Puts the runs of a Team that begin now into their queues. */
  enqueue: (executions: readonly ExecutionRow[], group: string) => Promise<void>;
  /** Stops runs that nobody waits for any more. */
  stop: (executions: readonly ExecutionRow[]) => void;
  now?: () => number;
}) {
  async function follow(messageId: string): Promise<void> {
    const {
      change,
      ended,
      steps,
      orphans = [],
    } = await store.transaction((tx) => settle(tx, messageId, now()));
    if (steps) onStored(steps.stored);
    publishPhase(publisher, change);
    if (orphans.length > 0) stop(orphans);
    if (steps && change) await queue(steps.started, change.taskId);
    if (!ended) return;
    const { taskId, streamed, freed } = ended;
    // Nobody has heard of an answer that ended before it began.
    const messages = streamed ? [] : await toMessages(store, await store.messages.getMany([messageId]));
    for (const message of messages) publisher.toTask(taskId, 'chat:message', { taskId, message });
    if (freed !== null) await onFreed(freed);
    await onIdle(taskId);
  }

  async function queue(executions: readonly ExecutionRow[], taskId: string): Promise<void> {
    const task = executions.length > 0 ? await store.tasks.get(taskId) : undefined;
    if (!task) return;
    await enqueue(executions, task.namespace).catch((error: unknown) => {
      // They are stored as pending: the sweep queues them.
      logger.warn({ err: error, taskId }, 'the next runs of a turn could not be queued');
    });
  }

  async function stateChanged(messageIds: Iterable<string>): Promise<void> {
    for (const messageId of new Set(messageIds)) {
      await follow(messageId).catch((error: unknown) => {
        // The recovery sweep tries again; a run is never left without its end.
        logger.error({ err: error, messageId }, 'could not follow a turn');
      });
    }
  }

  return {
    /** Brings message and task up to date after runs of the message changed state. Never throws. */
    stateChanged,

    /** Finishes answers whose runs are over and whose message is not. */
    async recover(limit = 100): Promise<void> {
      const unfinished = await store.messages.unfinished(limit);
      await stateChanged(unfinished.map((message) => message.id));
    },
  };
}

interface Settled {
  change?: PhaseChange | undefined;
  ended?: { taskId: string; streamed: boolean; freed: string | null };
  steps?: BegunSteps;
  orphans?: ExecutionRow[];
}

async function settle(tx: Store, messageId: string, now: number): Promise<Settled> {
  const found = await tx.messages.get(messageId);
  if (!found) return {};
  // The lock on the task comes first, so that two runs that end together settle one after the other.
  const task = await tx.tasks.lock(found.taskId);
  const message = await tx.messages.get(messageId);
  if (!task || !message || message.finishedAt !== null) return {};
  const before = await tx.executions.ofMessage(messageId);
  const steps = await beginSteps(tx, { message, executions: before, now });
  const hasBegun = steps.started.length + steps.stored.length > 0;
  const executions = hasBegun ? await tx.executions.ofMessage(messageId) : before;
  const active = executions.filter((execution) => !isFinal(execution.state));
  if (active.length > 0) {
    const change = await updatePhase(tx, { taskId: task.id, messageId, now });
    return { change, steps, orphans: active.filter((run) => isOrphan(run, executions)) };
  }
  const events = await tx.events.ofMessage(messageId);
  const patch = await finishMessage(tx, { task, message, executions, events, now });
  await requeueUnheard(tx, { task, executions, now });
  const change = await updatePhase(tx, { taskId: task.id, messageId, now, patch });
  const streamed = events.some(({ event }) => event.type === 'run-start');
  const freed = message.turnLine === 'admitted' ? message.teamUid : null;
  return { change, ended: { taskId: task.id, streamed, freed }, steps };
}

// Its leader is over, so nobody waits for what it does.
function isOrphan({ parentExecutionId, state }: ExecutionRow, executions: readonly ExecutionRow[]): boolean {
  const parent = executions.find(({ id }) => id === parentExecutionId);
  return parent !== undefined && isFinal(parent.state) && state !== 'cancelling';
}

// Steps of a Team that were left out, or that only waited for a person, are no work of anybody.
function hasWorked({ options, state }: ExecutionRow): boolean {
  return RunOptions.parse(options).step?.kind !== 'gate' && state !== 'skipped';
}

async function finishMessage(
  tx: Store,
  {
    task,
    message,
    executions,
    events,
    now,
  }: {
    task: TaskRow;
    message: MessageRow;
    executions: ExecutionRow[];
    events: SequencedEvent[];
    now: number;
  },
): Promise<Partial<TaskRow>> {
  const fold = foldEvents(events);
  const text = textOf(fold);
  const error = errorOf(fold) ?? null;
  const { sender, shellType } = signatureOf(fold);
  const usage = executions.reduce(
    (sum, execution) => (execution.usage ? addUsage(sum, execution.usage) : sum),
    NO_USAGE,
  );
  await tx.messages.update(message.id, {
    text,
    ...(sender ? { sender } : {}),
    ...(shellType ? { shellType } : {}),
    blocks: [...fold.blocks],
    status: statusOf(fold),
    error,
    usage,
    finishedAt: now,
  });
  for (const { execution, ...part } of executions
    .filter(hasWorked)
    .flatMap((run) => usageParts(run, { plan: AnswerOptions.parse(message.options).plan, events }))) {
    await tx.usage.record({
      ...part,
      taskId: task.id,
      userId: task.ownerId,
      namespace: task.namespace,
      team: task.teamName,
      at: execution.finishedAt ?? now,
      durationMs: Math.max(
        0,
        (execution.finishedAt ?? now) - (execution.startedAt ?? execution.finishedAt ?? now),
      ),
      outcome: isFinal(execution.state) ? execution.state : 'failed',
    });
  }
  return {
    usage: addUsage(task.usage, usage),
    result: text.slice(0, RESULT_CHARACTERS),
    errorMessage: error?.message ?? null,
  };
}
