import { expect, test } from 'vitest';
import { editedInput, editorOf } from './edited-input.ts';

test('a command is edited as text and keeps its other fields', () => {
  const input = { command: 'rm a', description: 'Remove' };
  const editor = editorOf(input);
  expect(editor).toEqual({ field: 'command', text: 'rm a' });
  expect(editedInput(input, editor, 'ls')).toEqual({
    ok: true,
    input: { command: 'ls', description: 'Remove' },
  });
  expect(editedInput(input, editor, ' ')).toEqual({ ok: false });
});

test('anything else is edited as JSON of the same kind', () => {
  const input = { zone: 'UTC' };
  const editor = editorOf(input);
  expect(editedInput(input, editor, '{"zone":"CET"}')).toEqual({ ok: true, input: { zone: 'CET' } });
  for (const text of ['{', '[]', '3', 'null', ''])
    expect(editedInput(input, editor, text)).toEqual({ ok: false });
});
