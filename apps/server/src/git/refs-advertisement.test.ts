import { expect, test } from 'vitest';
import { parseRefsAdvertisement } from './refs-advertisement.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
const line = (text: string) => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
const HEAD = `${line('# service=git-upload-pack\n')}0000`;

test('reads branches, the default one first', () => {
  const text =
    HEAD +
    line(`${A} HEAD\0multi_ack symref=HEAD:refs/heads/main agent=git/2.39\n`) +
    line(`${B} refs/heads/fix/ümlaut\n`) +
    line(`${A} refs/heads/main\n`) +
    line(`${C} refs/pull/1/head\n`) +
    line(`${C} refs/tags/v1\n`) +
    line(`${A} refs/tags/v1^{}\n`) +
    '0000';
  expect(parseRefsAdvertisement(Buffer.from(text))).toEqual({
    branches: [
      { name: 'main', isDefault: true, commit: A },
      { name: 'fix/ümlaut', isDefault: false, commit: B },
    ],
  });
});

test('an empty repository has no branches', () => {
  const text = `${HEAD}${line(`${'0'.repeat(40)} capabilities^{}\0agent=git/2.39\n`)}0000`;
  expect(parseRefsAdvertisement(Buffer.from(text))).toEqual({ branches: [] });
});

test.each([
  ['nothing', ''],
  ['a page', '<html>Sign in</html>'],
  ['another service', `${line('# service=git-receive-pack\n')}0000`],
  ['a line that ends early', `${HEAD}00ff${A} HEAD`],
  ['a length that is none', `${HEAD}zzzz`],
  ['a length below its own', `${HEAD}0002`],
  ['an error', `${HEAD}${line('ERR access denied')}`],
])('%s is no advertisement', (_what, text) => {
  expect(parseRefsAdvertisement(Buffer.from(text))).toBeUndefined();
});
