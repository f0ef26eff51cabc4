import { describe, expect, it } from 'vitest';
import { costText, countText } from './usage-text.ts';

describe('countText', () => {
  it.each([
    [0, '0'],
    [1234, '1,234'],
    [12_345, '12.3K'],
    [2_000_000, '2M'],
  ])('says %d as %s', (count, text) => {
    expect(countText(count, 'en')).toBe(text);
  });

  it('counts in ten thousands in Chinese', () => {
    expect(countText(12_345, 'zh')).toBe('1.2万');
  });
});

describe('costText', () => {
  it.each([
    [0, '$0.00'],
    [0.00123, '$0.0012'],
    [0.5, '$0.5'],
    [3.456, '$3.46'],
  ])('says %d as %s', (usd, text) => {
    expect(costText(usd, 'en')).toBe(text);
  });
});
