import { describe, expect, test } from 'vitest';
import { chooseSession } from './find-session.ts';

type Run = Parameters<typeof chooseSession>[0]['runs'][number];

const run = (id: string, messageId: string, session?: string, more: Partial<Run> = {}): Run => ({
  id,
  messageId,
  state: 'completed',
  options: session === undefined ? {} : { session },
  ...more,
});

/** Chooses for the run `now` that answers message `a9`, behind a branch; its history is the whole branch. */
const choose = (path: string[], runs: Run[], history = path) =>
  chooseSession({
    execution: { id: 'now', messageId: 'a9' },
    runs: [run('now', 'a9', undefined, { state: 'running' }), ...runs],
    path,
    history: history.map((id) => ({ id })),
  });

describe('chooseSession', () => {
  test('goes on where the newest run of the branch was', () => {
    const runs = [run('r3', 'a3', 's'), run('r1', 'a1', 's')];
    expect(choose(['a0', 'a1', 'a2', 'a3', 'a4'], runs, ['a0', 'a1', 'a2', 'a3'])).toEqual({
      id: 's',
      after: 'a3',
    });
  });

  test('says how far it knows the branch, also where its own answer was empty', () => {
    expect(choose(['a0', 'a1', 'a2', 'a3', 'a4'], [run('r1', 'a1', 's')])).toEqual({ id: 's', after: 'a1' });
    expect(choose(['a0', 'a1', 'a2'], [run('r1', 'a1', 's', { state: 'failed' })], ['a0', 'a2'])).toEqual({
      id: 's',
      after: 'a0',
    });
    expect(choose(['a1', 'a2'], [run('r1', 'a1', 's')], [])).toEqual({ id: 's' });
  });

  test('does not know the answer that another member gave in the end', () => {
    const found = chooseSession({
      execution: { id: 'now', messageId: 'a9' },
      runs: [run('r1', 'a1', 's')],
      path: ['a0', 'a1', 'a2'],
      history: [{ id: 'a0' }, { id: 'a1', author: 'ben' }],
    });
    expect(found).toEqual({ id: 's', after: 'a0' });
  });

  test('begins anew beside a sibling, whose message the conversation has heard', () => {
    // a1 is common; b3 is the answer that was edited away.
    const runs = [run('r3', 'b3', 's'), run('r1', 'a1', 's')];
    expect(choose(['a0', 'a1', 'a2'], runs)).toBeUndefined();
  });

  test('goes on with the new one in the new branch, and with the old one in the old', () => {
    const runs = [run('r5', 'c5', 't'), run('r3', 'b3', 's'), run('r1', 'a1', 's')];
    expect(choose(['a0', 'a1', 'c4', 'c5', 'c6'], runs)?.id).toBe('t');
    expect(choose(['a0', 'a1', 'b2', 'b3', 'b4'], runs)?.id).toBe('s');
  });

  test('another attempt of the same run begins anew: it may have asked already', () => {
    const again = chooseSession({
      execution: { id: 'now', messageId: 'a9' },
      runs: [run('now', 'a9', 's', { state: 'running' }), run('r1', 'a1', 's')],
      path: ['a0', 'a1'],
      history: [],
    });
    expect(again).toBeUndefined();
  });

  test('a step of the same turn follows the one before, and not one that still works', () => {
    expect(choose(['a0'], [run('step', 'a9', 's')])?.id).toBe('s');
    expect(choose(['a0'], [run('step', 'a9', 's', { state: 'running' })])).toBeUndefined();
  });

  test('work that was delegated stands for itself', () => {
    const step = { key: 'k', kind: 'delegate', member: 'm', last: false };
    expect(choose(['a0', 'a1'], [run('r1', 'a1', 's', { options: { session: 's', step } })])).toBeUndefined();
  });

  test('a branch that is longer than what was loaded keeps its conversation', () => {
    expect(choose(['m4', 'm5', 'm6'], [run('r5', 'm5', 's'), run('r1', 'm1', 's')])?.id).toBe('s');
  });

  test('there is none before the first', () => {
    expect(choose(['a0'], [])).toBeUndefined();
    expect(choose(['a0', 'a1'], [run('r1', 'a1')])).toBeUndefined();
  });
});
