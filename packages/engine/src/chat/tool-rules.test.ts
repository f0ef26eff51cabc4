import { describe, expect, it } from 'vitest';
import { isRefused, isToolAllowed, toolNameOf } from './tool-rules.ts';

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

describe('isRefused', () => {
  it.each([
    [[], false],
    [[{ tool: '*', decision: 'ask' as const }], true],
    [[{ tool: '*', decision: 'deny' as const }], true],
    [
      [
        { tool: 'read_file', decision: 'allow' as const },
        { tool: '*', decision: 'ask' as const },
      ],
      false,
    ],
    [[{ tool: '*', match: '*secret*', decision: 'deny' as const }], true],
    [[{ tool: '*', match: '*other*', decision: 'deny' as const }], false],
  ])('%j → %s', (rules, refused) => {
    expect(isRefused(rules, { ...TOOL, input: { path: '/secret' } })).toBe(refused);
  });
});
