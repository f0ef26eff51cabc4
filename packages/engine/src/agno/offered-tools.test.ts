import { describe, expect, it } from 'vitest';
import { offeredTools } from './offered-tools.ts';

const tool = (name: string, title = '') => ({ name, title });
const names = (...given: Parameters<typeof offeredTools>) => offeredTools(...given).map(({ name }) => name);

describe('offeredTools', () => {
  it('names and orders tools in one way, whoever answered first', () => {
    const servers = new Map([
      ['b', [tool('add_numbers')]],
      ['a', [tool('getThing', 'Get a thing'), tool('odd name!')]],
    ]);
    expect(offeredTools(servers, {})).toEqual([
      { name: 'a__getThing', server: 'a', tool: 'getThing', title: 'a: Get a thing' },
      { name: expect.stringMatching(/^a__odd_name_/), server: 'a', tool: 'odd name!', title: 'a: Odd name!' },
      { name: 'b__add_numbers', server: 'b', tool: 'add_numbers', title: 'b: Add numbers' },
    ]);
  });

  it('keeps to the lists of the Ghost', () => {
    const servers = new Map([['a', [tool('x'), tool('y'), tool('z')]]]);
    expect(names(servers, { tools: { allow: ['mcp__a__*'], deny: ['y'] } })).toEqual(['a__x', 'a__z']);
    expect(names(servers, { tools: { allow: [] } })).toEqual([]);
  });

  it('lets a leader delegate, whatever the lists say; a server of that name is nothing special else', () => {
    const servers = new Map([['team', [tool('delegate')]]]);
    const team = { members: [{ name: 'ben', description: '' }], parallel: 2 };
    expect(offeredTools(servers, { tools: { allow: [] }, team })).toMatchObject([
      { name: 'delegate', title: 'Delegate', isOwn: true },
    ]);
    expect(names(servers, {})).toEqual(['team__delegate']);
    expect(names(servers, { tools: { allow: [] } })).toEqual([]);
  });
});
