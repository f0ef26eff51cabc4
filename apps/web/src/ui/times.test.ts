import { describe, expect, it } from 'vitest';
import { relativeTime } from './times.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('relativeTime', () => {
  it.each([
    ['2026-03-01T11:59:40Z', 'en', 'now'],
    ['2026-03-01T11:55:00Z', 'en', '5 minutes ago'],
    ['2026-03-01T13:00:00Z', 'en', 'in 1 hour'],
    ['2026-02-28T11:00:00Z', 'en', 'yesterday'],
    ['2026-03-01T11:55:00Z', 'zh', '5分钟前'],
  ] as const)('%s in %s is “%s”', (at, language, text) => {
    expect(relativeTime({ at, now, language })).toBe(text);
  });
});
