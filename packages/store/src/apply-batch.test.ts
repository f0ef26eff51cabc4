import type { ExecutionEvent } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { execution } from '../test/fixtures.ts';
import { applyBatch } from './apply-batch.ts';

const events: ExecutionEvent[] = [
  { type: 'phase', text: '1' },
  { type: 'phase', text: '2' },
];
const held = execution(
  { taskId: 't', messageId: 'm' },
  { id: 'e', state: 'running', attempt: 2, lastSeq: 4 },
);

describe('applyBatch', () => {
  test.each([
    { what: 'the next events', batch: { attempt: 2, firstSeq: 5 }, effect: { firstSeq: 5, events } },
    {
      what: 'events whose first is stored',
      batch: { attempt: 2, firstSeq: 4 },
      effect: { events: [events[1]] },
    },
    { what: 'stored events', batch: { attempt: 2, firstSeq: 2 }, effect: { events: [] } },
    {
      what: 'events of no known number',
      batch: { attempt: 2, firstSeq: 'next' },
      effect: { firstSeq: 5, events },
    },
    {
      what: 'events after a gap',
      batch: { attempt: 2, firstSeq: 6 },
      effect: { status: 'gap', expected: 5 },
    },
    { what: 'an old attempt', batch: { attempt: 1, firstSeq: 5 }, effect: { status: 'stale' } },
    { what: 'a replay of an old attempt', batch: { attempt: 1, firstSeq: 2 }, effect: { status: 'stale' } },
    {
      what: 'the server',
      batch: { attempt: 'server', firstSeq: 'next' },
      effect: { execution: { attempt: 3 } },
    },
  ] as const)('$what', ({ batch, effect }) => {
    expect(applyBatch(held, { executionId: 'e', events, ...batch }, 9)).toMatchObject(effect);
  });

  test('a run that waits for its next attempt refuses the holder of the last', () => {
    const pending = { ...held, state: 'pending' } as const;
    const batch = { executionId: 'e', firstSeq: 5, events };
    expect(applyBatch(pending, { ...batch, attempt: 2 }, 9)).toEqual({ status: 'stale' });
    expect(applyBatch(pending, { ...batch, attempt: 'server' }, 9)).toMatchObject({ status: 'appended' });
  });

  test('keeps the newest conversation of a service beside what was asked for', () => {
    const row = { ...held, options: { model: 'm' } };
    const told: ExecutionEvent[] = [
      { type: 'session', id: 'one' },
      { type: 'session', id: 'two' },
    ];
    const effect = applyBatch(row, { executionId: 'e', attempt: 2, firstSeq: 5, events: told }, 9);
    expect(effect).toMatchObject({ execution: { options: { model: 'm', session: 'two' } } });
  });

  test('leaves its input alone', () => {
    const before = structuredClone(held);
    const finish: ExecutionEvent = { type: 'finish', outcome: 'failed' };
    applyBatch(held, { executionId: 'e', attempt: 'server', firstSeq: 'next', events: [finish] }, 9);
    expect(held).toEqual(before);
  });
});
