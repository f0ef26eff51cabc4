import { describe, expect, it } from 'vitest';
import { decideCall, isToolAllowed, toolNameOf } from './tool-rules.ts';

const TOOL = { name: 'git__read_file', server: 'git', tool: 'read_file' };

describe('toolNameOf', () => {
  it('joins server and tool, fit for every provider', () => {
    expect(toolNameOf('git', 'read_file', () => false)).toBe('git__read_file');
    expect(toolNameOf('my.git', 'read file', () => false)).toBe('my_git__read_file');
  });

  it('keeps long and colliding names apart', () => {
    const long = toolNameOf('server', 'x'.repeat(100), () => false);
    expect(long).toMatch(/^server__x+_[0-9a-f]{8}$/);
    expect(long).toHaveLength(64);
    expect(toolNameOf('a', 'b', (name) => name === 'a__b')).toMatch(/^a__b_[0-9a-f]{8}$/);
  });
});

describe('isToolAllowed', () => {
  it.each([
    [undefined, true],
    [{}, true],
    [{ allow: ['git__*'] }, true],
    [{ allow: ['read_file'] }, true],
    [{ allow: ['mcp__git__*'] }, true],
    [{ allow: ['read'] }, false],
    [{ allow: [] }, false],
    [{ deny: ['read_*'] }, false],
    [{ allow: ['*'], deny: ['git__read_file'] }, false],
    [{ deny: ['git.*'] }, true],
  ])('%j → %s', (filter, allowed) => {
    expect(isToolAllowed(filter, TOOL)).toBe(allowed);
  });
});

describe('decideCall', () => {
  it.each([
    [[], undefined],
    [[{ tool: '*', decision: 'ask' as const }], 'ask'],
    [[{ tool: '*', decision: 'deny' as const }], 'deny'],
    [
      [
        { tool: 'read_file', decision: 'allow' as const },
        { tool: '*', decision: 'ask' as const },
      ],
      'allow',
    ],
    [[{ tool: '*', match: '*secret*', decision: 'deny' as const }], 'deny'],
    [[{ tool: '*', match: '{*"path":"/*t"}', decision: 'deny' as const }], 'deny'],
    [[{ tool: '*', match: '*other*', decision: 'deny' as const }], undefined],
    [[{ tool: '*', match: '*secret', decision: 'deny' as const }], undefined],
    [[{ tool: 'read_*file', decision: 'deny' as const }], 'deny'],
    [[{ tool: 'read_f*file', decision: 'deny' as const }], undefined],
  ])('%j → %s', (rules, decision) => {
    expect(decideCall(rules, { ...TOOL, input: { path: '/secret' } })).toBe(decision);
  });

  it('takes no longer for a pattern of many stars', () => {
    const rules = [{ tool: '*', match: `${'*a'.repeat(60)}*!`, decision: 'deny' as const }];
    const started = performance.now();
    expect(decideCall(rules, { ...TOOL, input: 'a'.repeat(100_000) })).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
