import { ApiError, ObjectName } from '@wegent/api';
import { z } from 'zod';

/** Where a page of a list ends: the version of the first page, and the key of the last object. */
export const ContinueKey = z.object({
  rv: z.number().int().min(0),
  after: z.object({ namespace: ObjectName, name: ObjectName }),
});
export type ContinueKey = z.infer<typeof ContinueKey>;

/** Writes a continue token: opaque to clients, base64url. */
export function encodeContinue(key: ContinueKey): string {
  // Names are ASCII, so btoa is safe.
  return btoa(JSON.stringify(key)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads a continue token. Throws `BadRequest` for anything that `encodeContinue` did not write. */
export function decodeContinue(token: string): ContinueKey {
  try {
    return ContinueKey.parse(JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/'))));
  } catch (cause) {
    throw new ApiError('BadRequest', 'the continue token is not valid; start the list again without it', {
      cause,
    });
  }
}
