import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const AGAIN_MS = 50;

/**
 * Waits until nobody else on this Linux machine holds the lock of that name, and holds it until disposed. The kernel
 * gives it back when the process ends, however it ends.
 */
export async function holdMachineLock(name: string): Promise<AsyncDisposable> {
  for (;;) {
    const server = await tryListen(`\0${name}`);
    if (server) return { [Symbol.asyncDispose]: () => close(server) };
    await delay(AGAIN_MS);
  }
}

/** A socket in the abstract name space: one process listens at a name, and no file is left behind. */
async function tryListen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
