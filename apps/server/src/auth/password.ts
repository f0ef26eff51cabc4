import argon2 from 'argon2';

/** Argon2id with the parameters that OWASP names as its minimum: 19 MiB, two passes, one lane. */
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

let decoy: Promise<string> | undefined;

/** The hash of a password, with its own salt and parameters inside. */
export function hashPassword(password: string): Promise<string> {
  return argon2.hash(normalise(password), PARAMETERS);
}

/**
 * Is this the password? An account without a password (or no account at all) costs the same work as a
 * wrong password, so that the time of the answer does not tell which names exist.
 */
export async function verifyPassword(hash: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('no account has this password');
  const matches = await argon2.verify(hash ?? (await decoy), normalise(password));
  return matches && typeof hash === 'string';
}

/** Was the hash made with other parameters than those of today? */
export function needsRehash(hash: string): boolean {
  return argon2.needsRehash(hash, PARAMETERS);
}

// The same password typed on two keyboards may arrive in two Unicode forms.
function normalise(password: string): string {
  return password.normalize('NFKC');
}
