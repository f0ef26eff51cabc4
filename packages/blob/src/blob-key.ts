import { ApiError } from '@wegent/api';

const MAX_LENGTH = 200;
const PART = /^[A-Za-z0-9_.-]+$/;

/** Gives the key back or throws `Invalid`. A valid key cannot leave a folder, whatever it is joined with. */
export function checkKey(key: string): string {
  const parts = key.split('/');
  const valid = parts.every((part) => PART.test(part) && part !== '.' && part !== '..');
  if (valid && key.length <= MAX_LENGTH) return key;
  throw new ApiError(
    'Invalid',
    `blob key ${JSON.stringify(key.slice(0, MAX_LENGTH))} has to be parts of letters, digits, "-", "_" and "." joined by "/", ` +
      `at most ${MAX_LENGTH} characters`,
  );
}
