/**
 * @wegent/blob — bytes that do not belong in rows.
 *
 * The port is `blob.ts`; `file.ts` keeps blobs in a folder, `memory.ts` in the process. Both pass `test/contract.ts`.
 * A new adapter is one file and one URL scheme below.
 * It may import `@wegent/api` and the drivers of its adapters.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiError } from '@wegent/api';
import type { BlobStore } from './blob.ts';

export type { BlobContent, BlobInfo, BlobStore } from './blob.ts';

/** Opens the store that the URL names: `file:/path`, `file:///path`, `file:relative/path` or `memory:`. */
export async function openBlobStore({ url }: { url: string }): Promise<BlobStore> {
  const scheme = url.slice(0, url.indexOf(':') + 1);
  if (scheme === 'memory:') return (await import('./memory.ts')).createMemoryBlobStore();
  if (scheme === 'file:') return (await import('./file.ts')).openFileBlobStore({ path: pathOf(url) });
  throw new ApiError('Invalid', `no blob store for scheme "${scheme}"; available: file:, memory:`);
}

function pathOf(url: string): string {
  const rest = url.slice('file:'.length);
  if (rest === '')
    throw new ApiError('Invalid', 'a blob store needs a folder, such as file:/var/lib/wegent/blobs');
  return rest.startsWith('//') ? fileURLToPath(url) : resolve(rest);
}
