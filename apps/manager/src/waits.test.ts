import type { ExecutionEvent } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { createWaits } from './waits.ts';

const call = (blockId: string, tool = 'Bash'): ExecutionEvent => ({
  type: 'tool-call',
  blockId,
  tool,
  title: tool,
  input: {},
});
const output = (blockId: string): ExecutionEvent => ({
  type: 'tool-output',
  blockId,
  output: '',
  isError: false,
  durationMs: 1,
});
const ask = (approvalId: string): ExecutionEvent => ({
  type: 'approval-request',
  approvalId,
  tool: 'Bash',
  title: '',
  input: {},
  reason: '',
});
const decided = (approvalId: string): ExecutionEvent => ({
  type: 'approval-decided',
  approvalId,
  decision: 'allow',
});

function stateAfter(events: readonly ExecutionEvent[], waiting = false): string {
  const waits = createWaits({ waiting });
  for (const event of events) waits.note(event);
  return waits.state();
}

describe('what a run does', () => {
  test.each([
    ['nothing yet', [], 'works'],
    ['a tool', [call('1')], 'works'],
    ['a tool that waits for its approval', [call('1'), ask('a')], 'waits'],
    ['one beside another that runs', [call('1'), call('2'), ask('a')], 'works'],
    ['and when that is over', [call('1'), call('2'), ask('a'), output('2')], 'waits'],
    ['inside of a subagent', [call('1', 'Task'), call('2'), ask('a')], 'waits'],
    ['after the decision', [call('1'), ask('a'), decided('a')], 'works'],
    ['one of two decided', [call('1'), ask('a'), call('2'), ask('b'), decided('a')], 'works'],
    ['a question', [{ type: 'question', questionId: 'q', questions: [] }], 'waits'],
    [
      'answered',
      [
        { type: 'question', questionId: 'q', questions: [] },
        { type: 'question-answered', questionId: 'q', answers: {} },
      ],
      'works',
    ],
  ] as [string, ExecutionEvent[], string][])('%s', (_name, events, state) => {
    expect(stateAfter(events)).toBe(state);
  });

  test('an attempt that takes over waits for what the one before asked, until that is decided', () => {
    expect(stateAfter([], true)).toBe('waits');
    expect(stateAfter([decided('a')], true)).toBe('works');
    const waits = createWaits({ waiting: true });
    waits.over('a');
    expect(waits.state()).toBe('works');
  });

  test('a leader waits for the last of its members, whether or not the calls of the others are over', () => {
    const waits = createWaits();
    for (const id of ['1', '2']) {
      waits.note(call(id, 'mcp__team__delegate'));
      waits.awaits(`member-${id}`);
    }
    expect(waits.state()).toBe('waits-for-members');
    waits.over('member-1');
    expect(waits.state()).toBe('waits-for-members');
    waits.note(call('3'));
    expect(waits.state()).toBe('works');
    waits.note(output('3'));
    waits.over('member-2');
    expect(waits.state()).toBe('works');
  });
});
