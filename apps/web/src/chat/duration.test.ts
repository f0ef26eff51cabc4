import { describe, expect, it } from 'vitest';
import { splitDuration } from './duration.ts';

describe('splitDuration', () => {
  it.each([
    [0, { unit: 'seconds', seconds: '0.1' }],
    [2940, { unit: 'seconds', seconds: '2.9' }],
    [3000, { unit: 'seconds', seconds: '3' }],
    [9960, { unit: 'seconds', seconds: '10' }],
    [42_400, { unit: 'seconds', seconds: '42' }],
    [59_700, { unit: 'minutes', minutes: 1, seconds: 0 }],
    [125_000, { unit: 'minutes', minutes: 2, seconds: 5 }],
    [3_720_000, { unit: 'hours', hours: 1, minutes: 2 }],
  ])('splits %d ms', (ms, duration) => {
    expect(splitDuration(ms)).toEqual(duration);
  });
});
