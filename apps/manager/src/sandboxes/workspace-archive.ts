import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { ApiError } from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import type { ExecutorClient } from './executor-client.ts';

/** Workspaces of tasks whose sandbox is gone, in the blob store, for whichever host goes on with the task. */
export type WorkspaceArchive = ReturnType<typeof createWorkspaceArchive>;

/**
 * Packs and unpacks workspaces. Both happen inside the sandbox, by its own tar: what an agent put into its workspace
 * is never interpreted outside.
 */
export function createWorkspaceArchive({ blob }: { blob: BlobStore }) {
  const keyOf = (taskId: string) => `workspaces/${taskId}.tar.zst`;
  return {
    async store(taskId: string, client: ExecutorClient): Promise<{ size: number }> {
      const { status, body } = await client.call({ method: 'GET', path: '/v1/archive' });
      if (status !== 200) throw new ApiError('ServiceUnavailable', `the archive was answered with ${status}`);
      const packed = createZstdCompress();
      const packing = pump(body, packed);
      const [stored] = await Promise.all([blob.put(keyOf(taskId), packed), packing]);
      return stored;
    },

    async has(taskId: string): Promise<boolean> {
      const packed = await blob.get(keyOf(taskId));
      packed?.destroy();
      return packed !== undefined;
    },

    /** Forgets it; does nothing when there is none. */
    remove: (taskId: string): Promise<void> => blob.delete(keyOf(taskId)),

    /** Puts the archived workspace into a new sandbox; false when there is none. */
    async restore(taskId: string, client: ExecutorClient): Promise<boolean> {
      const packed = await blob.get(keyOf(taskId));
      if (!packed) return false;
      const body = packed.pipe(createZstdDecompress());
      packed.once('error', (cause) => body.destroy(cause));
      const answer = await client.call({
        method: 'PUT',
        path: '/v1/archive',
        body,
        contentType: 'application/x-tar',
      });
      for await (const _chunk of answer.body);
      if (answer.status >= 300)
        throw new ApiError('ServiceUnavailable', `the workspace could not be restored (${answer.status})`);
      return true;
    },
  };
}

async function pump(
  source: AsyncIterable<Uint8Array>,
  target: ReturnType<typeof createZstdCompress>,
): Promise<void> {
  try {
    for await (const chunk of source) {
      if (!target.write(chunk)) await new Promise((resolve) => target.once('drain', resolve));
    }
    target.end();
  } catch (cause) {
    // The store must not take half an archive for a whole one.
    target.destroy(cause as Error);
  }
}
