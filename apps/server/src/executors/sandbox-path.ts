import { ApiError } from '@wegent/api';

const MAX_CHARACTERS = 4096;

/**
 * A path within the work tree as part of a request to the executor: each name encoded, so that nothing in it can be a
 * separator, a query or another request. Names that lead elsewhere are refused here; links are the executor's to refuse.
 */
export function sandboxPath(path: string, { optional = false }: { optional?: boolean } = {}): string {
  if (path === '' && optional) return '';
  const names = path.split('/');
  const isWrong =
    path.length > MAX_CHARACTERS ||
    path.includes('\0') ||
    names.some((name) => name === '' || name === '.' || name === '..');
  if (isWrong) {
    throw new ApiError(
      'BadRequest',
      'path must be relative to the work tree, without empty names, "." and ".."',
    );
  }
  return names.map((name) => encodeURIComponent(name.toWellFormed())).join('/');
}
