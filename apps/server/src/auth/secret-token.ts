import { createHash, randomBytes } from 'node:crypto';

/** What API keys begin with; it tells them from access tokens and lets scanners find leaked ones. */
export const API_KEY_PREFIX = 'wg_';

/** A new secret of 256 random bits behind a prefix. */
export function newSecretToken(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** What is stored of such a secret. It has 256 random bits, so a plain hash cannot be guessed back. */
export function hashSecretToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The part of an API key that its owner sees later, to tell keys apart. */
export function shownPrefix(key: string): string {
  return key.slice(0, API_KEY_PREFIX.length + 6);
}
