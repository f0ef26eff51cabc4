import { describe, expect, it } from 'vitest';
import { completeMention, mentionAt } from './mentions.ts';

describe('mentionAt', () => {
  it.each([
    ['@', { start: 0, query: '' }],
    ['hey @as', { start: 4, query: 'as' }],
    ['你好，@助手', { start: 3, query: '助手' }],
    ['me@example', undefined],
    ['@assistant is', undefined],
    ['hello', undefined],
  ])('finds what is written in %j', (text, mention) => {
    expect(mentionAt(text, text.length)).toEqual(mention);
  });

  it('looks only before the caret', () => {
    expect(mentionAt('@assistant', 3)).toEqual({ start: 0, query: 'as' });
  });
});

describe('completeMention', () => {
  it('puts the name in and the caret behind it', () => {
    expect(completeMention('hey @as', { start: 4, query: 'as' }, 'assistant')).toEqual({
      text: 'hey @assistant ',
      caret: 15,
    });
    expect(completeMention('@a please', { start: 0, query: 'a' }, 'assistant')).toEqual({
      text: '@assistant please',
      caret: 11,
    });
  });
});
