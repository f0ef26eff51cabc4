import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createOutbound } from '../src/index.ts';

test('cancelling the body of an answer that has already ended harms nobody', async () => {
  const server = createServer((_request, response) => response.end('all of it'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.on('uncaughtException', note);
  try {
    const { port } = server.address() as AddressInfo;
    const get = createOutbound().fetchFor(undefined);
    for (let round = 0; round < 20; round++) {
      const response = await get(`http://127.0.0.1:${port}/`);
      if (round % 2 === 0) await delay(2);
      await response.body?.cancel();
    }
    await delay(50);
    expect(uncaught).toEqual([]);
  } finally {
    process.off('uncaughtException', note);
    server.closeAllConnections();
    server.close();
  }
});
