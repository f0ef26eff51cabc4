import { expect, test } from 'vitest';
import { chooseHostUser, HOST_USERS } from './host-users.ts';

test('a sandbox has the same user each time, and another than its neighbours', () => {
  const none = new Set<number>();
  const user = chooseHostUser('/data', 'one', none);
  expect(chooseHostUser('/data', 'one', none)).toEqual(user);
  expect(user.gid).toBe(user.uid);
  const others = ['two', 'three', 'four'].map((id) => chooseHostUser('/data', id, none).uid);
  expect(new Set([user.uid, ...others, chooseHostUser('/other', 'one', none).uid]).size).toBe(5);
});

test('one that is taken is left to whom has it; all are in the range', () => {
  const taken = new Set<number>();
  for (let count = 0; count < 100; count += 1) {
    const { uid } = chooseHostUser('/data', 'one', taken);
    expect(taken.has(uid)).toBe(false);
    expect(uid).toBeGreaterThanOrEqual(HOST_USERS.first);
    expect(uid).toBeLessThan(HOST_USERS.first + HOST_USERS.count);
    taken.add(uid);
  }
});

test('the range is one that systemd and containers leave free', () => {
  expect(HOST_USERS.first).toBeGreaterThanOrEqual(1_879_048_192);
  expect(HOST_USERS.first + HOST_USERS.count).toBeLessThan(2_147_352_576);
});
