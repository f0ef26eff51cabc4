import { expect, it } from 'vitest';
import { usersNamedIn } from './in-use.ts';

it('finds the users in the refusal and falls back to its words', () => {
  const refusal =
    'Operation cannot be fulfilled on models.agent.wecode.io "m": it is in use by Bot default/a, 2 other objects; change or delete these first, or delete with force=true';
  expect(usersNamedIn(refusal)).toBe('Bot default/a, 2 other objects');
  expect(usersNamedIn('no')).toBe('no');
});
