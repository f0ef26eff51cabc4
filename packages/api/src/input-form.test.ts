import { describe, expect, it } from 'vitest';
import { faultOfInput, type InputField, InputValues } from './input-form.ts';

const field = (control: InputField['control'], more: Partial<InputField> = {}): InputField => ({
  variable: 'v',
  label: 'V',
  control,
  required: false,
  options: [],
  ...more,
});

describe('faultOfInput', () => {
  it.each([
    [field('text', { required: true }), '', 'required'],
    [field('text', { required: true }), undefined, 'required'],
    [field('text', { required: true, preset: 'x' }), '', undefined],
    [field('files', { required: true }), [], 'required'],
    [field('checkbox', { required: true }), false, undefined],
    [field('number', { required: true }), 0, undefined],
    [field('text'), '', undefined],
    [field('text', { maxLength: 2 }), '日本', undefined],
    [field('paragraph', { maxLength: 2 }), 'abc', 'long'],
    [field('text'), 7, 'text'],
    [field('select', { options: ['a'] }), 'a', undefined],
    [field('select', { options: ['a'] }), 'b', 'option'],
    [field('number'), '1.5', undefined],
    [field('number'), 'many', 'number'],
    [field('number'), true, 'number'],
    [field('checkbox'), 'yes', 'boolean'],
    [field('file'), 'id', 'files'],
    [field('file'), ['id'], undefined],
    [field('json'), '{"a":1}', undefined],
    [field('json'), '[1]', 'json'],
    [field('json'), '{', 'json'],
  ])('%j with %j: %s', (given, value, code) => {
    expect(faultOfInput(given, value)?.code).toBe(code);
  });
});

describe('InputValues', () => {
  it('takes no object, and no more than a form has', () => {
    expect(InputValues.safeParse({ a: 'x', b: 1, c: true, d: ['id'] }).success).toBe(true);
    expect(InputValues.safeParse({ a: { b: 1 } }).success).toBe(false);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`v${index}`, 'x']));
    expect(InputValues.safeParse(many).success).toBe(false);
  });
});
