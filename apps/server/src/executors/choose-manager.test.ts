import type { ManagerReport } from '@wegent/api';
import type { ManagerRow } from '@wegent/store';
import { describe, expect, test } from 'vitest';
import { chooseManager } from './http-executor-access.ts';

function managerOf(
  id: string,
  {
    used = 0,
    tasks = [] as string[],
    ...changes
  }: Partial<ManagerReport> & { used?: number; tasks?: string[] } = {},
): ManagerRow {
  const report: ManagerReport = {
    url: `http://${id}:3001`,
    driver: 'local',
    isolation: 'walls',
    isolated: true,
    slots: { total: 5, used },
    draining: false,
    engines: [],
    sandboxes: tasks.map((taskId) => ({
      sandboxId: `${id}-${taskId}`,
      taskId,
      state: 'idle' as const,
      executionIds: [],
      startedAt: '2026-01-01T00:00:00Z',
    })),
    taskIds: tasks,
    defaults: { cpu: 2, memoryBytes: 1, pids: 1, diskBytes: 1 },
    ...changes,
  };
  return { id, report, orders: [], seenAt: 0 };
}

describe('the manager that is asked for a sandbox', () => {
  test.each([
    ['has it', [managerOf('a'), managerOf('b', { tasks: ['task'] })], undefined, 'b'],
    [
      'had it last, where two have one',
      [managerOf('a', { tasks: ['task'] }), managerOf('b', { tasks: ['task'] })],
      'b',
      'b',
    ],
    ['had it last, where none has it', [managerOf('a'), managerOf('b', { used: 4 })], 'b', 'b'],
    ['has most room', [managerOf('a', { used: 4 }), managerOf('b', { used: 1 })], undefined, 'b'],
    [
      'had it last, although another one has one',
      [managerOf('a', { tasks: ['task'] }), managerOf('b')],
      'b',
      'b',
    ],
    ['has a folder of it', [managerOf('a'), managerOf('b', { used: 4, taskIds: ['task'] })], 'away', 'b'],
    ['is not draining', [managerOf('a', { draining: true }), managerOf('b', { used: 4 })], 'a', 'b'],
  ])('%s', (_why, live, last, chosen) => {
    expect(chooseManager(live, 'task', { last }).id).toBe(chosen);
  });

  test('is missed with the reason', () => {
    expect(() => chooseManager([managerOf('a', { problem: 'bubblewrap is missing' })], 'task')).toThrow(
      'bubblewrap is missing',
    );
    expect(() => chooseManager([], 'task')).toThrow('No manager is there');
  });

  test('is the one that works on the task, or none', () => {
    const live = [managerOf('a', { tasks: ['task'] }), managerOf('b', { draining: true, tasks: ['task'] })];
    expect(chooseManager(live, 'task', { last: 'b', isAtWork: true }).id).toBe('b');
    expect(() => chooseManager(live, 'task', { last: 'away', isAtWork: true })).toThrow('does not answer');
  });
});
