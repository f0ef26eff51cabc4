import { expect, test } from 'vitest';
import { instanceOf } from './instance.ts';

test.each([
  [{ type: 'string' }, 'sample'],
  [{ type: 'string', minLength: 8, maxLength: 9 }, 'sample..'],
  [{ type: 'string', format: 'date' }, '2025-01-01'],
  [{ type: ['integer', 'null'], minimum: 3 }, 3],
  [{ type: 'number', exclusiveMinimum: 3 }, 4],
  [{ type: 'number', maximum: -2 }, -3],
  [{ type: 'number', description: 'a size\nminimum: 5; maximum: 9.' }, 5],
  [{ const: 'c' }, 'c'],
  [{ enum: ['x', 'y'] }, 'x'],
  [{ anyOf: [{ type: 'boolean' }, { type: 'null' }] }, true],
  [{ type: 'array', minItems: 2, items: { type: 'null' } }, [null, null]],
  [{ properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['b'] }, { b: 'sample' }],
  [{ allOf: [{ properties: { a: { const: 1 } }, required: ['a'] }, { type: 'object' }] }, { a: 1 }],
  [{ $ref: '#/$defs/thing', $defs: { thing: { const: 'found' } } }, 'found'],
  [{ $ref: '#' }, 'sample'],
])('%j', (schema, expected) => {
  expect(instanceOf(schema, 'sample')).toEqual(expected);
});

test('a schema that needs itself comes to an end', () => {
  const schema = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
  expect(JSON.stringify(instanceOf(schema, ''))).toContain('null');
});
