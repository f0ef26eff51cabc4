import { describe, expect, test } from 'vitest';
import type { Outcome } from './execution.ts';
import type { ExecutionEvent } from './execution-events.ts';
import type { Message } from './message.ts';
import {
  applyFold,
  EMPTY_FOLD,
  foldOfMessage,
  type MessageFold,
  reduceEvents,
  statusOf,
  textOf,
} from './reduce-events.ts';
import type { RunStep } from './run-step.ts';

const bot = { name: 'assistant', namespace: 'public' };
const start: ExecutionEvent = { type: 'run-start', executionId: 'e1', attempt: 1, bot, shellType: 'Chat' };

function fold(events: ExecutionEvent[], executionId = 'e1', from: MessageFold = EMPTY_FOLD): MessageFold {
  return events.reduce((state, event) => reduceEvents(state, executionId, event), from);
}

describe('reduceEvents', () => {
  test('text grows by deltas', () => {
    const state = fold([
      start,
      { type: 'text-start', blockId: 't1' },
      { type: 'text-delta', blockId: 't1', text: 'Hello, ' },
      { type: 'text-delta', blockId: 't1', text: '世界' },
      { type: 'text-end', blockId: 't1' },
      { type: 'finish', outcome: 'completed' },
    ]);
    expect(textOf(state)).toBe('Hello, 世界');
    expect(statusOf(state)).toBe('completed');
    expect(state.blocks).toEqual([
      { type: 'text', blockId: 't1', executionId: 'e1', text: 'Hello, 世界', done: true },
    ]);
  });

  test('text is what was said, without reasoning and tools', () => {
    const state = fold([
      start,
      { type: 'reasoning-start', blockId: 'r1' },
      { type: 'reasoning-delta', blockId: 'r1', text: 'hm' },
      { type: 'reasoning-end', blockId: 'r1', durationMs: 12 },
      { type: 'tool-call', blockId: 'c1', tool: 'docs__search', title: 'Search', input: { q: 'x' } },
      { type: 'tool-output', blockId: 'c1', output: 'found', isError: false, durationMs: 3 },
      { type: 'text-start', blockId: 't1' },
      { type: 'text-delta', blockId: 't1', text: 'one' },
      { type: 'text-start', blockId: 't2' },
      { type: 'text-delta', blockId: 't2', text: 'two' },
    ]);
    expect(textOf(state)).toBe('one\n\ntwo');
    expect(state.blocks.map((block) => block.type)).toEqual(['reasoning', 'tool', 'text', 'text']);
    expect(statusOf(state)).toBe('running');
  });

  test('a second attempt takes the blocks of the first back', () => {
    const state = fold([
      start,
      { type: 'text-start', blockId: 't1' },
      { type: 'text-delta', blockId: 't1', text: 'half an ans' },
      { ...start, attempt: 2 },
      { type: 'block-reset', blockId: 't1' },
      { type: 'text-start', blockId: 't1' },
      { type: 'text-delta', blockId: 't1', text: 'a whole answer' },
      { type: 'finish', outcome: 'completed' },
    ]);
    expect(textOf(state)).toBe('a whole answer');
    expect(state.runs).toEqual([{ executionId: 'e1', state: 'completed', attempt: 2 }]);
  });

  test('a finish closes what is open; a tool that never answered failed', () => {
    const state = fold([
      start,
      { type: 'phase', text: 'trying again' },
      { type: 'tool-call', blockId: 'c1', tool: 't', title: 't', input: {} },
      { type: 'text-start', blockId: 't1' },
      { type: 'text-delta', blockId: 't1', text: 'so far' },
      { type: 'finish', outcome: 'cancelled' },
    ]);
    expect(state.blocks).toEqual([
      {
        type: 'tool',
        blockId: 'c1',
        executionId: 'e1',
        tool: 't',
        title: 't',
        input: {},
        done: true,
        isError: true,
      },
      { type: 'text', blockId: 't1', executionId: 'e1', text: 'so far', done: true },
    ]);
    expect(statusOf(state)).toBe('cancelled');
  });

  test('member runs keep their blocks apart and their words out of the answer', () => {
    let state = fold([start, { type: 'child-start', executionId: 'e2', bot, instruction: 'look' }]);
    state = fold(
      [
        { ...start, executionId: 'e2' },
        { type: 'text-start', blockId: 't1' },
        { type: 'text-delta', blockId: 't1', text: 'aside' },
      ],
      'e2',
      state,
    );
    state = fold(
      [
        { type: 'text-start', blockId: 't1' },
        { type: 'text-delta', blockId: 't1', text: 'answer' },
      ],
      'e1',
      state,
    );
    expect(textOf(state)).toBe('answer');
    expect(statusOf(state)).toBe('running');
  });

  test('work that an attempt which reads on tells of again is shown once', () => {
    const given = { type: 'child-start', executionId: 'e2', bot, instruction: 'look' } as const;
    const state = fold([start, given, { ...start, attempt: 2 }, given]);
    expect(state.blocks.filter(({ type }) => type === 'child')).toHaveLength(1);
    const ended = fold([{ type: 'child-end', executionId: 'e2', outcome: 'completed' }], 'e1', state);
    expect(ended.blocks).toMatchObject([{ type: 'child', blockId: 'e2', outcome: 'completed' }]);
  });

  test('approvals wait and go on', () => {
    const asked = fold([
      start,
      { type: 'approval-request', approvalId: 'a1', tool: 'bash', title: 'rm', input: {}, reason: 'risky' },
    ]);
    expect(statusOf(asked)).toBe('waiting');
    const decided = fold(
      [{ type: 'approval-decided', approvalId: 'a1', decision: 'allow', by: 'anna' }],
      'e1',
      asked,
    );
    expect(statusOf(decided)).toBe('running');
    expect(decided.blocks[0]).toMatchObject({ type: 'approval', decision: 'allow', by: 'anna' });
  });

  test('usage adds up', () => {
    const usage = {
      type: 'usage',
      inputTokens: 10,
      cachedInputTokens: 2,
      outputTokens: 5,
      reasoningTokens: 1,
      costUsd: null,
    } as const;
    expect(fold([start, usage, { ...usage, costUsd: 0.5 }]).usage).toEqual({
      inputTokens: 20,
      cachedInputTokens: 4,
      outputTokens: 10,
      reasoningTokens: 2,
      costUsd: 0.5,
    });
  });

  test('untouched blocks keep their identity', () => {
    const before = fold([
      start,
      { type: 'text-start', blockId: 't1' },
      { type: 'text-start', blockId: 't2' },
    ]);
    const after = fold([{ type: 'text-delta', blockId: 't2', text: 'x' }], 'e1', before);
    expect(after.blocks[0]).toBe(before.blocks[0]);
    expect(after.blocks[1]).not.toBe(before.blocks[1]);
  });

  test('a message that was folded half-way takes the rest', () => {
    const events: ExecutionEvent[] = [
      start,
      { type: 'text-start', blockId: 't1' },
      { type: 'text-delta', blockId: 't1', text: 'one ' },
      { type: 'text-delta', blockId: 't1', text: 'two' },
      { type: 'text-end', blockId: 't1' },
      { type: 'finish', outcome: 'failed', error: { reason: 'ModelAuth', message: 'no', retryable: false } },
    ];
    const whole = applyFold(shell, fold(events));
    for (let cut = 1; cut < events.length; cut++) {
      const half = applyFold(shell, fold(events.slice(0, cut)));
      expect(applyFold(half, fold(events.slice(cut), 'e1', foldOfMessage(half)))).toEqual(whole);
    }
  });
});

const shell: Message = {
  id: 'm1',
  taskId: 't',
  parentId: null,
  role: 'assistant',
  sender: { bot },
  text: '',
  blocks: [],
  status: 'pending',
  attachments: [],
  executionIds: ['e1'],
  createdAt: '2026-01-01T00:00:00.000Z',
  siblings: { index: 1, count: 1, ids: ['m1'] },
};

describe('the turn of a Team', () => {
  const run = (executionId: string, step: Omit<RunStep, 'member'>, text: string, outcome?: Outcome) => [
    { executionId, event: { ...start, executionId, step: { ...step, member: executionId } } },
    { executionId, event: { type: 'text-start' as const, blockId: 't' } },
    { executionId, event: { type: 'text-delta' as const, blockId: 't', text } },
    ...(outcome ? [{ executionId, event: { type: 'finish' as const, outcome } }] : []),
  ];
  const stage = (number: number, last = false) => ({ key: `stage-${number}`, kind: 'stage' as const, last });
  const voice = (number: number) => ({
    key: `round-1-${number}`,
    kind: 'member' as const,
    round: 1,
    last: false,
  });
  const route = { key: 'route-1', kind: 'route' as const, last: false };
  const answer = { key: 'answer', kind: 'answer' as const, last: true };

  test.each<[string, ReturnType<typeof run>, string, string]>([
    ['goes on after a stage', run('a', stage(1), 'one', 'completed'), 'running', 'one'],
    [
      'is what its newest stage says',
      [...run('a', stage(1), 'one', 'completed'), ...run('b', stage(2, true), 'two', 'completed')],
      'completed',
      'two',
    ],
    [
      'keeps the words of the stage before, until the next one speaks',
      [...run('a', stage(1), 'one', 'completed'), ...run('b', stage(2, true), '')],
      'running',
      'one',
    ],
    [
      'fails with a stage, whatever is skipped after it',
      [...run('a', stage(1), 'one', 'failed'), ...run('b', stage(2, true), '', 'skipped')],
      'failed',
      'one',
    ],
    [
      'stands where a person let it end',
      [...run('a', stage(1), 'one', 'completed'), ...run('b', stage(2, true), '', 'skipped')],
      'completed',
      'one',
    ],
    ['does not show whom the leader chose', run('a', route, '{"member":"b"}', 'completed'), 'running', ''],
    [
      'does not fail with one member of a round',
      [
        ...run('a', voice(1), 'aside', 'failed'),
        ...run('b', voice(2), 'aside', 'completed'),
        ...run('c', answer, 'so', 'completed'),
      ],
      'completed',
      'so',
    ],
    [
      'is not over while members of a round are',
      [...run('a', voice(1), 'aside', 'failed'), ...run('b', voice(2), 'aside', 'failed')],
      'running',
      '',
    ],
  ])('%s', (_name, events, status, text) => {
    const state = events.reduce<MessageFold>(
      (folded, { executionId, event }) => reduceEvents(folded, executionId, event),
      EMPTY_FOLD,
    );
    expect([statusOf(state), textOf(state)]).toEqual([status, text]);
  });

  test('is signed by whose words it shows, whoever began', () => {
    const other = { name: 'other', namespace: 'public' };
    const [begun, ...said] = run('b', stage(2, true), 'two');
    const second = { ...start, ...begun?.event, bot: other, shellType: 'Dify' as const, model: 'app' };
    const first = run('a', stage(1), 'one', 'completed');
    const events = [...first, { executionId: 'b', event: second }, ...said];
    const signed = events.map((_event, index) => {
      const state = events
        .slice(0, index + 1)
        .reduce<MessageFold>(
          (folded, { executionId, event }) => reduceEvents(folded, executionId, event),
          EMPTY_FOLD,
        );
      const { text, sender, shellType, model } = applyFold(shell, state);
      return [text, sender, shellType, model];
    });
    expect(signed[4]).toEqual(['one', { bot }, 'Chat', undefined]);
    expect(signed.at(-1)).toEqual(['two', { bot: other }, 'Dify', 'app']);
  });
});
