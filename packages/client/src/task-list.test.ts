import type { TaskItem } from '@wegent/api';
import { expect, test } from 'vitest';
import { task } from '../test/scripted-task.ts';
import { addTaskPage, applyToTaskList, groupTasks } from './task-list.ts';

const item = (taskId: string, updatedAt: string, phase: TaskItem['phase'] = 'Completed'): TaskItem => ({
  ...task,
  taskId,
  updatedAt,
  phase,
});
const old = item('old', '2026-01-01T00:00:00.000Z');
const recent = item('recent', '2026-01-02T00:00:00.000Z');
const ids = (tasks: readonly TaskItem[]) => tasks.map(({ taskId }) => taskId);

test('a new task and a task with news come to the top', () => {
  const created = applyToTaskList([recent, old], {
    name: 'task:created',
    payload: { task: item('new', '2026-01-03T00:00:00.000Z') },
  });
  expect(ids(created)).toEqual(['new', 'recent', 'old']);
  const active = applyToTaskList(created, {
    name: 'task:status',
    payload: { taskId: 'old', phase: 'Running', updatedAt: '2026-01-04T00:00:00.000Z', unread: true },
  });
  expect(ids(active)).toEqual(['old', 'new', 'recent']);
  expect(active[0]).toMatchObject({ phase: 'Running', unread: true });
});

test('events about tasks that are not loaded leave the list as it is', () => {
  const tasks = [recent, old];
  expect(applyToTaskList(tasks, { name: 'task:deleted', payload: { taskId: 'other' } })).toBe(tasks);
  const status = { taskId: 'other', phase: 'Running', updatedAt: '2026-01-04T00:00:00.000Z' } as const;
  expect(applyToTaskList(tasks, { name: 'task:status', payload: status })).toBe(tasks);
  expect(ids(applyToTaskList(tasks, { name: 'task:deleted', payload: { taskId: 'old' } }))).toEqual([
    'recent',
  ]);
});

test('a page does not undo newer knowledge', () => {
  const stale = item('recent', '2026-01-01T12:00:00.000Z', 'Running');
  expect(addTaskPage([recent], [stale, old])).toEqual([recent, old]);
});

test('groups follow the phase, then the day', () => {
  const now = new Date(2026, 0, 2, 12);
  const today = item('today', new Date(2026, 0, 2, 1).toISOString());
  const earlier = item('earlier', new Date(2026, 0, 1, 23).toISOString());
  const waiting = item('waiting', old.updatedAt, 'WaitingForInput');
  const running = item('running', old.updatedAt, 'Pending');
  expect(groupTasks([today, earlier, waiting, running], now)).toEqual({
    needsYou: [waiting],
    running: [running],
    today: [today],
    earlier: [earlier],
  });
});
