import { describe, expect, test } from 'vitest';
import { findMention } from './mentions.ts';

const names = [
  { name: 'dev', target: 'dev' },
  { name: 'dev-team', target: 'dev-team' },
  { name: 'Anna', target: 'anna' },
];

describe('findMention', () => {
  test.each([
    ['@dev please look', 'dev'],
    ['please look, @dev.', 'dev'],
    ['@dev-team please', 'dev-team'],
    ['@dev-team-2 please', undefined],
    ['@devops please', undefined],
    ['mail me at x@dev', undefined],
    ['你好，@anna 请看', 'anna'],
    ['@anna，请看', 'anna'],
    ['nobody is called', undefined],
    ['first @anna then @dev', 'anna'],
    ['@', undefined],
  ])('%s', (text, expected) => {
    expect(findMention(text, names)).toBe(expected);
  });
});
