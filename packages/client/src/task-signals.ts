import type { TaskItem } from '@wegent/api';
import type { ServerSignal } from './chat-socket.ts';
import type { TaskView } from './task-state.ts';

/** Applies what is said about the task itself, not about its messages. */
export function applyTaskSignal(view: TaskView, signal: ServerSignal): TaskView {
  switch (signal.name) {
    case 'task:updated':
      return { ...view, task: signal.payload.task };
    case 'task:status':
      return { ...view, task: withStatus(view.task, signal.payload) };
    case 'task:deleted':
      return { ...view, deleted: true };
    default:
      return view;
  }
}

/** A task with a newer status; the task itself when it knows better. */
export function withStatus(
  task: TaskItem,
  payload: Extract<ServerSignal, { name: 'task:status' }>['payload'],
): TaskItem {
  if (payload.updatedAt < task.updatedAt) return task;
  const { phase, updatedAt, progress, unread } = payload;
  return {
    ...task,
    phase,
    updatedAt,
    ...(unread === undefined ? {} : { unread }),
    status: { ...task.status, phase, ...(progress === undefined ? {} : { progress }) },
  };
}
