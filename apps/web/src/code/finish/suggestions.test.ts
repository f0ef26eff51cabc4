import type { TaskMessage } from '@wegent/client';
import { expect, test } from 'vitest';
import { commitMessage, pullRequestBody } from './suggestions.ts';

test('a commit message is one line that hosts show whole', () => {
  expect(commitMessage('  Fix the clock\nand more')).toBe('Fix the clock');
  expect(commitMessage('x'.repeat(100))).toHaveLength(72);
  expect(commitMessage('')).toBe('');
});

test('a pull request says what the agent said last', () => {
  const place = { blockId: 'b', executionId: 'e', done: true };
  const message = (more: Partial<TaskMessage>): TaskMessage => ({
    id: 'm',
    taskId: 't',
    parentId: null,
    role: 'assistant',
    sender: { bot: { name: 'bot' } },
    text: '',
    blocks: [],
    status: 'completed',
    attachments: [],
    executionIds: [],
    createdAt: '2026-01-01T00:00:00Z',
    siblings: { index: 1, count: 1, ids: ['m'] },
    ...more,
  });
  const done = message({
    text: 'Let me look.\n\nDone.',
    blocks: [
      { type: 'text', ...place, text: 'Let me look.' },
      { type: 'text', ...place, text: 'Done. ' },
    ],
  });
  expect(pullRequestBody([done, message({ status: 'failed', text: 'oops' })])).toBe('Done.');
  expect(pullRequestBody([])).toBe('');
});
