import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 100;

/**
 * A connection to the manager's gateway. A new manager makes the socket anew, so one that is not there is waited for:
 * what the agent asks meanwhile takes longer instead of failing.
 */
export async function connectGateway(socketPath: string, { waitMs }: { waitMs: number }): Promise<Socket> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      return await connectOnce(socketPath);
    } catch (cause) {
      if (Date.now() >= deadline) throw new Error('the gateway of the manager cannot be reached', { cause });
      await delay(RETRY_MS);
    }
  }
}

function connectOnce(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath, allowHalfOpen: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
