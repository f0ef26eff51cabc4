import { refusePatchKey, refuseUnfitPatch } from './patch-guards.ts';
import { isMapping } from './tree.ts';

/** Applies a JSON merge patch (RFC 7386) and returns a new value; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  refuseUnfitPatch(patch);
  return merge(target, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const result = new Map(Object.entries(isMapping(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    refusePatchKey(key);
    if (value === null) result.delete(key);
    else result.set(key, merge(result.get(key), value));
  }
  return Object.fromEntries(result);
}
