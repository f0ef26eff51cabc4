import type { TaskItem } from '@wegent/api';
import type { ServerSignal } from './chat-socket.ts';
import { withStatus } from './task-signals.ts';

/** Applies an event of the server to loaded tasks, newest activity first. The same array when nothing changed. */
export function applyToTaskList(tasks: readonly TaskItem[], signal: ServerSignal): readonly TaskItem[] {
  switch (signal.name) {
    case 'task:created':
      return put(tasks, signal.payload.task);
    case 'task:updated':
      // A task beyond the loaded pages comes to the top by its activity.
      return put(tasks, signal.payload.task);
    case 'task:status': {
      const { payload } = signal;
      const task = tasks.find(({ taskId }) => taskId === payload.taskId);
      return task ? put(tasks, withStatus(task, payload)) : tasks;
    }
    case 'task:deleted': {
      const { taskId } = signal.payload;
      return tasks.some((task) => task.taskId === taskId)
        ? tasks.filter((task) => task.taskId !== taskId)
        : tasks;
    }
    default:
      return tasks;
  }
}

/** Adds a page that was loaded; what is there already wins when it is newer. */
export function addTaskPage(tasks: readonly TaskItem[], page: readonly TaskItem[]): readonly TaskItem[] {
  return page.reduce((list, task) => {
    const known = list.find(({ taskId }) => taskId === task.taskId);
    return known && known.updatedAt > task.updatedAt ? list : put(list, task);
  }, tasks);
}

/** Tasks in the groups of the rail, each newest activity first. */
export interface TaskGroups {
  needsYou: TaskItem[];
  running: TaskItem[];
  today: TaskItem[];
  earlier: TaskItem[];
}

/** Sorts tasks into groups. "Today" begins at midnight of `now`'s own time zone. */
export function groupTasks(tasks: readonly TaskItem[], now: Date): TaskGroups {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const groups: TaskGroups = { needsYou: [], running: [], today: [], earlier: [] };
  for (const task of tasks) groups[groupOf(task, midnight)].push(task);
  return groups;
}

function groupOf(task: TaskItem, midnight: number): keyof TaskGroups {
  switch (task.phase) {
    case 'WaitingForInput':
      return 'needsYou';
    case 'Pending':
    case 'Running':
    case 'Cancelling':
      return 'running';
    default:
      return Date.parse(task.updatedAt) >= midnight ? 'today' : 'earlier';
  }
}

function put(tasks: readonly TaskItem[], task: TaskItem): readonly TaskItem[] {
  const known = tasks.find(({ taskId }) => taskId === task.taskId);
  if (known === task) return tasks;
  const others = tasks.filter(({ taskId }) => taskId !== task.taskId);
  const place = others.findIndex((other) => other.updatedAt <= task.updatedAt);
  return place === -1 ? [...others, task] : others.toSpliced(place, 0, task);
}
