import { describe, expect, it } from 'vitest';
import { dataText } from './data-text.ts';

describe('dataText', () => {
  it.each([
    ['text', 'plain', 'plain'],
    ['an object', { a: 1 }, '{\n  "a": 1\n}'],
    ['JSON in text', '{"a":1}', '{\n  "a": 1\n}'],
    ['text that only begins like JSON', '[not json', '[not json'],
    [
      'the parts of an MCP tool',
      [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
      'one\ntwo',
    ],
    ['a whole MCP result', { content: [{ type: 'text', text: '{"a":1}' }] }, '{\n  "a": 1\n}'],
    ['parts that are not all text', [{ type: 'image' }], '[\n  {\n    "type": "image"\n  }\n]'],
    ['nothing', undefined, ''],
    ['null', null, 'null'],
  ])('reads %s', (_, value, text) => {
    expect(dataText(value)).toBe(text);
  });
});
