/** How hard a password is to guess, roughly. */
export type Strength = 'weak' | 'fair' | 'good' | 'strong';

/** Characters that a password must have, as the server demands. */
export const SHORTEST_PASSWORD = 8;

const COMMON = /^(?:pass(?:word)?|qwert[yz]|admin|letmein|welcome|abc|123|iloveyou|wegent)/i;

/**
 * A hint, not a rule: length counts, repetition does not, and well-known beginnings stay weak until much follows.
 */
export function passwordStrength(password: string): Strength {
  const distinct = new Set(password).size;
  const worth = Math.min(password.length, distinct * 2) - (COMMON.test(password) ? 6 : 0);
  if (worth < 10) return 'weak';
  if (worth < 14) return 'fair';
  return worth < 18 ? 'good' : 'strong';
}
