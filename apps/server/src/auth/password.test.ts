import argon2 from 'argon2';
import { expect, test } from 'vitest';
import { hashPassword, needsRehash, verifyPassword } from './password.ts';

test('is argon2id with at least 19 MiB and two passes', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,/);
  expect(hash).toMatch(/t=2/);
  expect(needsRehash(hash)).toBe(false);
  expect(await verifyPassword(hash, 'correct horse')).toBe(true);
  expect(await verifyPassword(hash, 'Correct horse')).toBe(false);
});

test('the two Unicode forms of one text are one password', async () => {
  expect(await verifyPassword(await hashPassword('caf\u00e9 lait'), 'cafe\u0301 lait')).toBe(true);
});

test('nothing opens an account without a password, not even the decoy', async () => {
  expect(await verifyPassword(null, 'no account has this password')).toBe(false);
  expect(await verifyPassword(undefined, 'x')).toBe(false);
});

test('an older hash is still good and asks to be made anew', async () => {
  const old = await argon2.hash('correct horse', {
    type: argon2.argon2id,
    memoryCost: 4096,
    timeCost: 3,
    parallelism: 1,
  });
  expect(await verifyPassword(old, 'correct horse')).toBe(true);
  expect(needsRehash(old)).toBe(true);
});
