import { describe, expect, it } from 'vitest';
import { groupTools } from './group-tools.ts';
import type { ToolBlock } from './tool-block.ts';

let count = 0;
const call = (tool: string, title: string): ToolBlock => ({
  type: 'tool',
  executionId: 'run',
  blockId: `c${++count}`,
  tool,
  title,
  input: {},
  done: true,
});

describe('groupTools', () => {
  it('puts what a helper did under the call that started it', () => {
    const agent = call('Agent', 'Agent: Look around');
    const inside = [call('Read', 'Look around › Read a.ts'), call('Bash', 'Look around › List')];
    const other = call('Read', 'Read b.ts');
    const { children, hidden } = groupTools([agent, ...inside, other]);
    expect(children.get(agent.blockId)).toEqual(inside);
    expect([...hidden]).toEqual(inside);
  });

  it('leaves alone what only looks like the call of a helper', () => {
    expect(groupTools([call('Bash', 'nobody › echo')]).hidden.size).toBe(0);
  });

  it('shows only the newest to-do list', () => {
    const lists = [call('TodoWrite', 'Todo write'), call('TodoWrite', 'Todo write')];
    expect([...groupTools(lists).hidden]).toEqual([lists[0]]);
  });
});
