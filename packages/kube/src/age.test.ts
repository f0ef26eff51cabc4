import { describe, expect, it } from 'vitest';
import { ageOf, shortDuration } from './age.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('shortDuration', () => {
  it.each([
    [-5000, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [999, '0s'],
    [119_000, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + 5000, '2m5s'],
    [10 * MINUTE + 5000, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [7 * HOUR + 59 * MINUTE, '7h59m'],
    [47 * HOUR, '47h'],
    [2 * DAY, '2d'],
    [7 * DAY + 3 * HOUR, '7d3h'],
    [400 * DAY, '400d'],
    [800 * DAY, '2y70d'],
    [8 * 365 * DAY, '8y'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(shortDuration(milliseconds)).toBe(text);
  });
});

describe('ageOf', () => {
  it('reads timestamps', () => {
    expect(ageOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:00Z'))).toBe('60s');
    expect(ageOf(undefined, 0)).toBe('<unknown>');
    expect(ageOf('yesterday', 0)).toBe('<unknown>');
  });
});
