import type { Block } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { activityOf, arrange, childRuns, timeOf } from './arrange.ts';

let count = 0;
const place = (executionId = 'run') => ({ executionId, blockId: `b${++count}` });
const text = (value: string, done = true): Block => ({ type: 'text', ...place(), text: value, done });
const thought = (durationMs?: number): Block => ({
  type: 'reasoning',
  ...place(),
  text: 'hm',
  done: true,
  ...(durationMs === undefined ? {} : { durationMs }),
});
const tool = (done = true, durationMs = 1000): Block => ({
  type: 'tool',
  ...place(),
  tool: 'search',
  title: 'Search the web',
  input: {},
  done,
  ...(done ? { durationMs, output: 'x', isError: false } : {}),
});
const warning: Block = { type: 'warning', ...place(), code: 'HistoryTrimmed', message: 'shortened' };
const approval: Block = { type: 'approval', ...place(), tool: 'bash', title: 'Run', input: {}, reason: '' };
const phase: Block = { type: 'phase', ...place(), text: 'Waiting for the model' };
const all = () => true;
const types = (blocks: readonly Block[]) => blocks.map(({ type }) => type).join(' ');

describe('arrange', () => {
  it.each([
    ['a plain answer', [text('hi')], '', 'text'],
    ['one thought and the answer', [thought(), text('hi')], '', 'reasoning text'],
    ['steps without an answer yet', [thought(), tool(), tool(false)], '', 'reasoning tool tool'],
    ['steps and the answer', [thought(), tool(), text('hi')], 'reasoning tool', 'text'],
    ['a remark between steps', [tool(), text('so'), tool(), text('hi')], 'tool text tool', 'text'],
    ['an answer in two pieces', [tool(), tool(), text('a'), text('b')], 'tool tool', 'text text'],
    ['a step after the answer began', [tool(), tool(), text('a'), tool(false)], 'tool tool', 'text tool'],
    ['a notice', [warning, tool(), tool(), text('a')], 'tool tool', 'warning text'],
    ['somebody who is asked', [tool(), tool(), approval, text('a')], 'tool tool', 'approval text'],
    ['phases and empty text', [phase, tool(), text(''), tool(), text('a')], 'tool tool', 'text'],
  ])('arranges %s', (_, blocks, folded, open) => {
    const arrangement = arrange(blocks, all);
    expect(types(arrangement.folded)).toBe(folded);
    expect(types(arrangement.open)).toBe(open);
  });

  it('counts steps and their time', () => {
    const { folded, steps } = arrange([thought(1500), text('so'), tool(true, 500), text('hi')], all);
    expect(steps).toBe(2);
    expect(timeOf(folded)).toBe(2000);
    expect(timeOf([thought()])).toBeUndefined();
  });

  it('leaves the blocks of other runs out', () => {
    const child: Block = {
      type: 'child',
      executionId: 'run',
      blockId: 'sub',
      bot: { name: 'b' },
      instruction: 'do',
    };
    const inside: Block = { type: 'text', executionId: 'sub', blockId: 'b1', text: 'inside', done: true };
    const blocks = [child, inside, text('hi')];
    const children = childRuns(blocks);
    expect(types(arrange(blocks, (id) => !children.has(id)).open)).toBe('child text');
    expect(types(arrange(blocks, (id) => id === 'sub').open)).toBe('text');
  });
});

describe('activityOf', () => {
  it.each([
    ['nothing', [], { kind: 'starting' }],
    ['a phase', [phase], { kind: 'phase', text: 'Waiting for the model' }],
    ['a running tool', [tool(false)], { kind: 'tool', tool: 'search', title: 'Search the web' }],
    ['text that is written', [text('hi', false)], { kind: 'writing' }],
    ['a finished tool', [tool()], { kind: 'thinking' }],
  ])('tells of %s', (_, blocks, activity) => {
    expect(activityOf(blocks)).toEqual(activity);
  });
});
