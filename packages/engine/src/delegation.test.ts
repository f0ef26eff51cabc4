import { ApiError, type DelegatedResult, type ExecutionEvent, type ExecutionSpec } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { createDelegate, DelegationInterrupted } from './delegation.ts';

const WORK = { member: 'ben', instruction: 'Look.' };
const team = { members: [{ name: 'ben', description: '' }], parallel: 2 };

/** A leader's turn, whose work ends as `end` says. */
function turnOf(end: () => Promise<DelegatedResult>, signal = new AbortController().signal) {
  const events: ExecutionEvent[] = [];
  const turn = {
    spec: { team } as ExecutionSpec,
    emit: (event: ExecutionEvent) => void events.push(event),
    signal,
    pause: () => () => undefined,
    giveWork: async () => ({ executionId: 'work', bot: { name: 'ben', namespace: 'default' } }),
    workOf: end,
  };
  return { turn, events };
}

const found = async () => ({ outcome: 'completed', text: 'found' }) as const;

describe('a leader whose run changes hands', () => {
  test('is told nothing, and may give the same work to whoever has the run then', async () => {
    const lost = new AbortController();
    const before = turnOf(async () => {
      lost.abort('lost');
      return { text: '' };
    }, lost.signal);
    const place = { turn: before.turn };
    const delegate = createDelegate(place);
    await expect(delegate?.(WORK)).rejects.toBeInstanceOf(DelegationInterrupted);
    const after = turnOf(found);
    place.turn = after.turn;
    expect(await delegate?.(WORK)).toBe('found');
    expect(after.events.map(({ type }) => type)).toEqual(['child-start', 'child-end']);
    // Of one who has the answer it is a repetition.
    await expect(delegate?.(WORK)).rejects.toThrow(/exactly this work before/);
  });

  test('hears so by a server that knows a newer attempt', async () => {
    const { turn } = turnOf(() => Promise.reject(new ApiError('Conflict', 'attempt 1 is over')));
    await expect(createDelegate({ turn })?.(WORK)).rejects.toBeInstanceOf(DelegationInterrupted);
  });
});

test('what a member could not do is an answer for the leader', async () => {
  const { turn } = turnOf(async () => ({ outcome: 'failed', text: '', error: 'no key' }));
  const delegate = createDelegate({ turn });
  await expect(delegate?.(WORK)).rejects.toThrow('ben could not do it: no key');
  await expect(delegate?.(WORK)).rejects.toThrow(/exactly this work before/);
});
