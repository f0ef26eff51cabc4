import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { ReaderGone, type WatchSession } from './watch.service.ts';

// A reader that takes nothing for so long is dropped; it can come back with the last version that it saw.
const SLOW_READER_MS = 30_000;

/** Answers a request with a watch: one JSON text a line, headers at once, until the watch or the reader ends. */
export async function streamWatch(reply: FastifyReply, session: WatchSession): Promise<FastifyReply> {
  const response = reply.raw;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  response.once('close', session.end);
  await session.run({ write: (lines) => write(response, lines) });
  response.end();
  return reply;
}

function write(response: ServerResponse, lines: string): Promise<void> {
  if (response.destroyed || response.writableEnded)
    return Promise.reject(new ReaderGone('the reader is gone'));
  if (response.write(lines)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => response.destroy(), SLOW_READER_MS);
    const settle = (finish: () => void) => () => {
      clearTimeout(timer);
      response.off('drain', drained);
      response.off('close', closed);
      finish();
    };
    const drained = settle(resolve);
    const closed = settle(() => reject(new ReaderGone('the reader is gone or too slow')));
    response.once('drain', drained);
    response.once('close', closed);
  });
}
