import { describe, expect, it } from 'vitest';
import { planStart } from './session-book.ts';

const user = (id: string) => ({ id, role: 'user' as const, text: id });
const answer = (id: string) => ({ id, role: 'assistant' as const, text: id });
const BOOK = {
  answers: { a1: { sessionId: 's1', at: 'e1' }, a2: { sessionId: 's1', at: 'e2' }, a3: { sessionId: 's2' } },
  tips: { s1: 'a2', s2: 'a3' },
  told: ['u1', 'u2', 'steered'],
};

describe('planStart', () => {
  it.each([
    ['nothing before', [], { retell: [] }],
    ['unknown answers', [user('u8'), answer('a8')], { retell: [user('u8'), answer('a8')] }],
    [
      'the newest answer of its session',
      [user('u1'), answer('a1'), user('u2'), answer('a2')],
      { resume: { sessionId: 's1', fork: false }, retell: [] },
    ],
    [
      'an older answer',
      [user('u1'), answer('a1')],
      { resume: { sessionId: 's1', at: 'e1', fork: true }, retell: [] },
    ],
    [
      'an answer without an end, the newest',
      [user('u3'), answer('a3')],
      { resume: { sessionId: 's2', fork: false }, retell: [] },
    ],
    [
      'words of others afterwards, but nothing that was heard',
      [user('u1'), answer('a1'), user('u2'), answer('a2'), user('steered'), answer('a9')],
      { resume: { sessionId: 's1', fork: false }, retell: [answer('a9')] },
    ],
    [
      'an answer that another member gave in the end, which the session does not hold',
      [user('u1'), answer('a1'), user('u2'), { ...answer('a2'), author: 'ben' }],
      { resume: { sessionId: 's1', fork: false }, retell: [{ ...answer('a2'), author: 'ben' }] },
    ],
  ])('%s', (_name, history, start) => {
    expect(planStart({ history }, BOOK)).toEqual(start);
  });

  it('goes further back where the end of an answer is not known', () => {
    const book = { ...BOOK, tips: { ...BOOK.tips, s2: 'other' } };
    expect(planStart({ history: [user('u1'), answer('a1'), answer('a3')] }, book)).toEqual({
      resume: { sessionId: 's1', at: 'e1', fork: true },
      retell: [answer('a3')],
    });
  });
});
