import { displayName, type TaskItem, TaskSpec, type TaskStatus } from '@wegent/api';
import type { TaskListRow, TaskRow } from '@wegent/store';
import { toTime } from '../http/time.ts';

/** A task as lists and events show it. */
export function toTaskItem(row: TaskListRow): TaskItem {
  const { teamObject: team } = row;
  return {
    apiVersion: row.object.apiVersion,
    kind: 'Task',
    metadata: row.object.metadata,
    spec: TaskSpec.parse(row.object.spec),
    status: toTaskStatus(row),
    taskId: row.id,
    title: row.title,
    phase: row.phase,
    updatedAt: toTime(row.activityAt),
    unread: row.unread,
    ...(team
      ? {
          team: {
            name: team.metadata.name,
            namespace: team.metadata.namespace,
            displayName: displayName(team),
            ...(typeof team.spec.icon === 'string' ? { icon: team.spec.icon } : {}),
          },
        }
      : {}),
    owner: { userId: row.ownerId, name: row.ownerName },
  };
}

/** The status of the Task object, from the columns that hold it. */
export function toTaskStatus(row: TaskRow): TaskStatus {
  return {
    state: 'Available',
    phase: row.phase,
    progress: row.progress,
    ...(row.result === null ? {} : { result: row.result }),
    ...(row.errorMessage === null ? {} : { errorMessage: row.errorMessage }),
    ...(row.startedAt === null ? {} : { startedAt: toTime(row.startedAt) }),
    ...(row.finishedAt === null ? {} : { finishedAt: toTime(row.finishedAt) }),
    updatedAt: toTime(row.activityAt),
    usage: row.usage,
    ...(row.branch === null ? {} : { branch: row.branch }),
    ...(row.pullRequest === null ? {} : { pullRequest: row.pullRequest }),
    ...(row.executor === null ? {} : { executor: row.executor }),
  };
}
