import { ApiError } from '@wegent/api';
import { expired } from './watch.ts';

/** What of a request decides which state it is about. */
export interface VersionOptions {
  resourceVersion: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  watch: boolean;
  /** A watch begins with what exists, and says where that ends; with `false` it never begins with it. */
  sendInitialEvents?: boolean | undefined;
}

/** Which state a list shows or a watch begins with. */
export type VersionDecision =
  /** What exists now; a watch writes it as ADDED first. */
  | { start: 'current' }
  /** For a watch only: what changes after this version. */
  | { start: 'after'; version: number };

/**
 * Decides what `resourceVersion` asks for. `current` is the newest version, `floor` the oldest that a watch can begin
 * with. A version of the future is a `Timeout` that tells clients to come again; one that is gone is `Expired`.
 */
export function decideVersion(
  options: VersionOptions,
  { current, floor }: { current: number; floor: number },
): VersionDecision {
  const { resourceVersion, resourceVersionMatch, watch, sendInitialEvents } = options;
  if (resourceVersion === '' || resourceVersion === '0') {
    const silent = watch && sendInitialEvents === false;
    return silent ? { start: 'after', version: current } : { start: 'current' };
  }
  const version = parseResourceVersion(resourceVersion);
  if (version > current) throw versionTooLarge(version, current);
  if (!watch) {
    // Past states are not kept.
    if (resourceVersionMatch === 'Exact' && version !== current) throw expired(version, current);
    return { start: 'current' };
  }
  if (sendInitialEvents) return { start: 'current' };
  if (version < floor) throw expired(version, floor);
  return { start: 'after', version };
}

/** Reads a version. Throws `BadRequest` for what this server did not hand out. */
export function parseResourceVersion(text: string): number {
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  throw new ApiError('BadRequest', `resourceVersion ${JSON.stringify(text.slice(0, 50))} is not a version`);
}

/** The version is newer than what this replica has seen. */
export function versionTooLarge(version: number, current: number): ApiError {
  return new ApiError('Timeout', `Too large resource version: ${version}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}
