import { describe, expect, it } from 'vitest';
import { openAfterMove, openAfterRemoval } from './open-members.ts';

describe('open members', () => {
  it.each([
    { open: [0], from: 0, to: 2, becomes: [2] },
    { open: [1, 2], from: 0, to: 2, becomes: [0, 1] },
    { open: [0, 3], from: 2, to: 0, becomes: [1, 3] },
    { open: [2], from: 2, to: 1, becomes: [1] },
    { open: [1], from: 2, to: 3, becomes: [1] },
  ])('go with their members: $open, $from to $to', ({ open, from, to, becomes }) => {
    expect([...openAfterMove(new Set(open), from, to)].sort()).toEqual(becomes);
  });

  it('close with a member that is taken out, and others stay with theirs', () => {
    expect([...openAfterRemoval(new Set([0, 1, 3]), 1)]).toEqual([0, 2]);
  });
});
