import type { TaskItem } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { applyToPages, countAttention } from './task-pages.ts';

function task(taskId: string, minute: number, more: Partial<TaskItem> = {}): TaskItem {
  return {
    apiVersion: 'agent.wecode.io/v1',
    kind: 'Task',
    metadata: { uid: taskId },
    spec: { title: taskId, prompt: '', teamRef: { name: 'assistant' }, type: 'chat' },
    taskId,
    title: taskId,
    phase: 'Completed',
    updatedAt: `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`,
    ...more,
  };
}

const page = (...items: TaskItem[]) => ({ kind: 'TaskList' as const, metadata: {}, items });
const ids = (pages: readonly { items: TaskItem[] }[]) =>
  pages.map(({ items }) => items.map(({ taskId }) => taskId));
const pages = [page(task('d', 9), task('c', 8)), page(task('b', 7), task('a', 6))];

describe('applyToPages', () => {
  it('puts a new task into the first page', () => {
    const next = applyToPages(pages, { name: 'task:created', payload: { task: task('e', 10) } });
    expect(ids(next)).toEqual([
      ['e', 'd', 'c'],
      ['b', 'a'],
    ]);
  });

  it('moves a task that became active from the second page to the top', () => {
    const next = applyToPages(pages, {
      name: 'task:status',
      payload: { taskId: 'a', phase: 'Running', updatedAt: '2026-03-01T12:30:00Z' },
    });
    expect(ids(next)).toEqual([
      ['a', 'd'],
      ['c', 'b'],
    ]);
  });

  it('takes a deleted task out', () => {
    expect(ids(applyToPages(pages, { name: 'task:deleted', payload: { taskId: 'b' } }))).toEqual([
      ['d'],
      ['c', 'a'],
    ]);
    expect(
      ids(applyToPages([page(task('a', 1))], { name: 'task:deleted', payload: { taskId: 'a' } })),
    ).toEqual([[]]);
  });

  it('gives back the same pages when the event is about something else', () => {
    expect(applyToPages(pages, { name: 'task:deleted', payload: { taskId: 'x' } })).toBe(pages);
  });
});

describe('countAttention', () => {
  it('counts who waits for the person and what is new, but not news of the open task', () => {
    const tasks = [
      task('a', 1, { phase: 'WaitingForInput' }),
      task('b', 1, { unread: true }),
      task('c', 1, { unread: true }),
      task('d', 1),
    ];
    expect(countAttention(tasks, null)).toBe(3);
    expect(countAttention(tasks, 'c')).toBe(2);
  });
});
