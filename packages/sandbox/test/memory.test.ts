import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { temporaryFolder } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { createMemorySandboxDriver, type StartExecutor } from '../src/index.ts';
import { sandboxContract } from './contract.ts';

const OUT_OF_MEMORY = {
  reason: 'SandboxOutOfMemory',
  message: 'raise the memory limit',
  retryable: false,
} as const;

describe('memory sandbox driver', () => {
  sandboxContract(async () => {
    const folder = await temporaryFolder();
    const driver = createMemorySandboxDriver({ startExecutor: listenIn(folder.path) });
    return {
      driver,
      root: folder.path,
      hanging: { env: { HANG: '1' } },
      exhaustMemory: ({ id }) => driver.fail(id, OUT_OF_MEMORY),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  });

  test('an executor that does not start is ServiceUnavailable', async () => {
    const driver = createMemorySandboxDriver({ startExecutor: () => Promise.reject(new Error('broken')) });
    const spec = {
      id: 'one',
      labels: { taskId: 'task', namespace: 'default' },
      limits: {},
      folder: '/',
      token: 'token',
      env: {},
      startMs: 60_000,
    } as const;
    await expect(driver.create(spec)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      cause: { message: 'broken' },
    });
  });
});

/** Executors that only listen, on sockets in the folder, or do not even that. */
function listenIn(folder: string): StartExecutor {
  return async ({ id, env }) => {
    if (env.HANG) await new Promise(() => {});
    const server = createServer();
    const path = join(folder, `${id}.sock`);
    server.listen(path);
    await once(server, 'listening');
    return {
      address: { type: 'unix', path },
      async end() {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      },
    };
  };
}
