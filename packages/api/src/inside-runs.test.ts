import { describe, expect, test } from 'vitest';
import type { ExecutionEvent } from './execution-events.ts';
import { insideRunOf } from './inside-runs.ts';
import { EMPTY_FOLD, type MessageFold, reduceEvents, statusOf, textOf } from './reduce-events.ts';
import { NO_USAGE } from './usage.ts';

const bot = { name: 'ben-bot', namespace: 'public' };
const step = { key: 'answer', kind: 'answer' as const, member: 'ann', last: true };
const start = (executionId: string): ExecutionEvent => ({
  ...{ type: 'run-start', executionId, attempt: 1, bot, shellType: 'Agno', step },
});
const begin: ExecutionEvent = {
  ...{ type: 'child-start', executionId: 'c1', bot, instruction: 'Look.', member: 'ben', model: 'small' },
};
const used = { ...NO_USAGE, inputTokens: 5, costUsd: 0.5 };
const words: ExecutionEvent[] = [
  { type: 'text-start', blockId: 't1', child: 'c1' },
  { type: 'text-delta', blockId: 't1', text: 'a bridge' },
  { type: 'tool-call', blockId: 'x1', child: 'c1', tool: 'look', title: 'Look', input: {} },
];

function fold(events: ExecutionEvent[], executionId = 'e1', from: MessageFold = EMPTY_FOLD): MessageFold {
  return events.reduce((state, event) => reduceEvents(state, executionId, event), from);
}

describe('a member that works inside a run', () => {
  test('has its own blocks, state and usage; the run has the rest', () => {
    const state = fold([
      start('e1'),
      { type: 'usage', ...used },
      begin,
      ...words,
      { type: 'tool-output', blockId: 'x1', output: 'ok', isError: false, durationMs: 1 },
      { type: 'usage', ...used, member: 'ben' },
      { type: 'usage', ...used, member: 'nobody' },
      { type: 'child-end', executionId: 'c1', outcome: 'completed' },
      { type: 'text-start', blockId: 't2' },
      { type: 'text-delta', blockId: 't2', text: 'Over the bridge.' },
      { type: 'finish', outcome: 'completed' },
    ]);
    expect(textOf(state)).toBe('Over the bridge.');
    expect(statusOf(state)).toBe('completed');
    expect(state.usage).toMatchObject({ inputTokens: 15, costUsd: 1.5 });
    expect(state.runs).toMatchObject([
      { executionId: 'e1', state: 'completed', usage: { inputTokens: 10 } },
      {
        ...{ executionId: 'c1', parentExecutionId: 'e1', inside: true, state: 'completed', model: 'small' },
        ...{ usage: { inputTokens: 5 }, step: { member: 'ben', kind: 'delegate' } },
      },
    ]);
    expect(state.blocks.map(({ type, executionId }) => `${type} ${executionId}`)).toEqual([
      ...['child e1', 'text c1', 'tool c1', 'text e1'],
    ]);
    // What is stored are the blocks alone: they tell the same.
    expect(state.blocks.flatMap((block) => insideRunOf(block) ?? [])).toEqual(state.runs.slice(1));
  });

  test('waits for a person where its blocks are, and makes the run wait', () => {
    const approval = { tool: 'look', title: 'Look', input: {}, reason: 'rule' };
    const waiting = fold([
      start('e1'),
      begin,
      { type: 'approval-request', approvalId: 'a1', child: 'c1', ...approval },
    ]);
    expect(statusOf(waiting)).toBe('waiting');
    const state = fold([{ type: 'approval-decided', approvalId: 'a1', decision: 'allow' }], 'e1', waiting);
    expect(statusOf(state)).toBe('running');
    expect(state.blocks.at(-1)).toMatchObject({ type: 'approval', executionId: 'c1', decision: 'allow' });
    expect(state.blocks.at(-1)).not.toHaveProperty('child');
  });

  test('ends with its run, however that ends', () => {
    for (const [outcome, left] of [
      ['failed', 'failed'],
      ['cancelled', 'cancelled'],
      ['completed', 'cancelled'],
    ] as const) {
      const state = fold([start('e1'), begin, ...words, { type: 'finish', outcome }]);
      expect(state.runs[1]?.state).toBe(left);
      expect(state.blocks).toMatchObject([{ outcome: left }, { done: true }, { done: true, isError: true }]);
    }
  });

  test('is taken back with all it did when the run begins anew', () => {
    const again = fold([start('e1'), begin, ...words, { type: 'block-reset', blockId: 'c1' }]);
    expect(again.blocks).toEqual([]);
    expect(again.runs.map(({ executionId }) => executionId)).toEqual(['e1']);
    const one = fold([start('e1'), begin, ...words, { type: 'block-reset', blockId: 't1' }]);
    expect(one.blocks.map(({ type }) => type)).toEqual(['child', 'tool']);
  });

  test('belongs to its run: no other run can take its place, write into it or end it', () => {
    const both = fold([start('e2')], 'e2', fold([start('e1'), begin, ...words]));
    const forged = fold(
      [
        { ...begin, executionId: 'e1' },
        begin,
        { type: 'text-start', blockId: 'f1', child: 'c1' },
        { type: 'text-delta', blockId: 't1', text: 'forged' },
        { type: 'block-reset', blockId: 'c1' },
        { type: 'child-end', executionId: 'c1', outcome: 'failed' },
        { type: 'usage', ...used, member: 'ben' },
      ],
      'e2',
      both,
    );
    expect(forged.runs.map(({ executionId, state }) => `${executionId} ${state}`)).toEqual([
      ...['e1 running', 'c1 running', 'e2 running'],
    ]);
    expect(forged.blocks.filter(({ executionId }) => executionId !== 'e2')).toEqual(both.blocks);
    expect(forged.blocks.at(-1)).toMatchObject({ blockId: 'f1', executionId: 'e2' });
    expect(forged.runs.find(({ executionId }) => executionId === 'c1')?.usage).toBeUndefined();
  });
});
