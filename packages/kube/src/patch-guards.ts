import { ApiError, invalid } from '@wegent/api';
import { checkTree } from './tree.ts';

/** Refuses a patch that is too deep, too large, or holds text that no document may hold. */
export function refuseUnfitPatch(patch: unknown): void {
  const causes = checkTree(patch);
  const [first] = causes;
  if (first === undefined) return;
  const where = first.field ? `${first.field}: ` : '';
  if (first.reason === 'FieldValueForbidden')
    throw new ApiError('BadRequest', `the patch is not allowed: ${where}${first.message}`, {
      details: { causes },
    });
  throw invalid(`the patch is invalid: ${where}${first.message}`, causes);
}

/** Refuses the key that would change what all objects inherit. */
export function refusePatchKey(key: string): void {
  if (key === '__proto__') throw new ApiError('BadRequest', 'the key "__proto__" is not allowed in a patch');
}
