import { decisiveStates, phaseOf, type ResourceObject, type TaskPhase } from '@wegent/api';
import { sameJson } from '@wegent/kube';
import type { Store, TaskRow } from '@wegent/store';
import { RunOptions } from '../chat/turn-options.ts';
import { toTime } from '../http/time.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { toTaskStatus } from '../tasks/task-item.ts';

/** What a change of phase leaves for publishing after the transaction. */
export interface PhaseChange {
  taskId: string;
  phase: TaskPhase;
  progress: number;
  updatedAt: number;
  /** The task ended: it is new for everybody until they look. */
  unread: boolean;
  memberIds: string[];
}

/**
 * Brings the phase of a task in line with the runs of one answer, in the columns, in the Task object and
 * thereby in the change log of watchers. Call it inside a transaction; publish the answer after it.
 */
export async function updatePhase(
  tx: Store,
  {
    taskId,
    messageId,
    now,
    patch = {},
  }: { taskId: string; messageId: string; now: number; patch?: Partial<TaskRow> },
): Promise<PhaseChange | undefined> {
  const task = await tx.tasks.lock(taskId);
  // A turn that began meanwhile says what the task is doing, and not the one that is told of late.
  const newest = (await tx.executions.activeOfTask(taskId)).at(-1)?.messageId ?? messageId;
  const executions = await tx.executions.ofMessage(newest);
  const phase = phaseOf(
    decisiveStates(executions.map((row) => ({ ...row, step: RunOptions.parse(row.options).step }))),
  );
  if (!task || phase === undefined) return undefined;
  const ended = phase === 'Completed' || phase === 'Failed' || phase === 'Cancelled';
  const next: TaskRow = {
    ...task,
    ...patch,
    phase,
    progress: phase === 'Completed' ? 100 : ended ? task.progress : 0,
    startedAt: task.startedAt ?? (phase === 'Pending' ? null : now),
    finishedAt: ended ? now : null,
    activityAt: now,
  };
  await tx.tasks.update(taskId, {
    ...patch,
    phase: next.phase,
    progress: next.progress,
    startedAt: next.startedAt,
    finishedAt: next.finishedAt,
  });
  await tx.tasks.touch(taskId, now, ended ? { unreadFor: 'all' } : {});
  // Whoever waits for the beginning of a run hears of it, also when its end has come meanwhile.
  if (task.phase === 'Pending' && phase === 'Completed')
    await writeStatus(tx, { ...task, phase: 'Running', startedAt: next.startedAt, activityAt: now });
  await writeStatus(tx, next);
  const members = await tx.tasks.members(taskId);
  return {
    taskId,
    phase,
    progress: next.progress,
    updatedAt: now,
    unread: ended,
    memberIds: members.map((member) => member.userId),
  };
}

/** Copies the status columns into the Task object, so that watchers see the change; activity alone is none. */
export async function writeStatus(tx: Store, task: TaskRow): Promise<void> {
  // Locked, because others may label the object while it runs.
  const object = await tx.resources.lock(task.id);
  if (!object) return;
  const status = { ...keptConditions(object), ...toTaskStatus(task) };
  if (sameJson({ ...object.status, updatedAt: status.updatedAt }, status)) return;
  await tx.resources.update({ ...object, status }, object.metadata.resourceVersion ?? '');
}

// Conditions are written by controllers outside of the platform as well.
function keptConditions({ status }: ResourceObject): { conditions?: unknown } {
  return status?.conditions === undefined ? {} : { conditions: status.conditions };
}

/** Tells everyone who sees the task. */
export function publishPhase(publisher: Publisher, change: PhaseChange | undefined): void {
  if (!change) return;
  publisher.toUsers(change.memberIds, 'task:status', {
    taskId: change.taskId,
    phase: change.phase,
    progress: change.progress,
    updatedAt: toTime(change.updatedAt),
    ...(change.unread ? { unread: true } : {}),
  });
}
