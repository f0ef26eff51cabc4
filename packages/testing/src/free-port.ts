import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, which come and go with every request of other tests. */
const PORTS = { from: 15_000, to: 32_000 };
const given = new Set<number>();

/**
 * A TCP port of 127.0.0.1 that nobody listens on now, and that this process was not given before. Another process can
 * take it before the caller does: prefer listening on port 0 where the server under test allows it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
