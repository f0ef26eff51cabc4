import { expect, test } from 'vitest';
import { readPhase } from './phase-text.ts';

test.each([
  ['Cloning https://host/a.git', 'cloning', 'https://host/a.git'],
  ['Receiving objects: 45 %', 'receiving', '45 %'],
  ['Set-up 1 of 3', 'setup', '1/3'],
  ['Starting the sandbox', 'starting', ''],
  ['The model failed; trying again in 3 s', undefined, 'The model failed; trying again in 3 s'],
])('%s', (text, key, what) => {
  expect(readPhase(text)).toEqual({ key, what });
});
