import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Random } from './random.ts';

/** A line between a client and a server that a test can cut. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** Breaks all connections now, without a goodbye. */
  cut(): void;
  /**
   * Breaks the connection inside what the server sends next: a random part of it still arrives, as happens when a
   * network goes in the middle of a frame. Resolves when that has happened.
   */
  cutInside(): Promise<void>;
}

/** Listens on a port of its own and passes everything on to `target`, both ways. */
export async function startTcpProxy(target: { port: number }, random: Random): Promise<TcpProxy> {
  const pairs = new Set<{ near: Socket; far: Socket }>();
  let cutter: (() => void) | undefined;

  const server = createServer((near) => {
    const far = connect(target.port, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk: Buffer) => {
      if (!cutter) {
        near.write(chunk);
        return;
      }
      near.end(chunk.subarray(0, random.below(chunk.length)));
      far.destroy();
      pairs.delete(pair);
      cutter();
    });
    for (const socket of [near, far]) socket.setNoDelay(true).on('close', end).on('error', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');

  const cut = () => {
    cutter = undefined;
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    cutInside() {
      const { promise, resolve } = Promise.withResolvers<void>();
      cutter = () => {
        cutter = undefined;
        resolve();
      };
      return promise;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
