import { describe, expect, it } from 'vitest';
import { passwordStrength } from './password-strength.ts';

describe('passwordStrength', () => {
  it.each([
    ['', 'weak'],
    ['password1', 'weak'],
    ['aaaaaaaaaaaaaaaaaaaa', 'weak'],
    ['k7#mPq2x!a', 'fair'],
    ['purple-train-9', 'good'],
    ['correct horse battery staple', 'strong'],
    ['正确的马电池订书钉和更多的词语在这里', 'strong'],
  ] as const)('%j is %s', (password, strength) => {
    expect(passwordStrength(password)).toBe(strength);
  });
});
