import { expect, test } from 'vitest';
import { sandboxQueueOf } from './queue-names.ts';

test.each(['host-1a2b3c4d', 'Standalone-Box-3000', '管理', '../../x y', '', 'x'.repeat(500)])('%j', (id) => {
  expect(sandboxQueueOf(id)).toMatch(/^sandbox-[a-z0-9-]{8,80}$/);
  expect(sandboxQueueOf(id)).toBe(sandboxQueueOf(id));
});

test('managers whose names come out alike have queues of their own', () => {
  const names = ['a.b', 'a-b', 'A-B', 'a_b'].map(sandboxQueueOf);
  expect(new Set(names).size).toBe(names.length);
});
