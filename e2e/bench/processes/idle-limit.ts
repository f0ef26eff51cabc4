import { createServer } from 'node:http';
import { serveParent } from '../child.ts';

/** Starts a server that does nothing; answers the resident bytes of this process. */
async function listen(): Promise<number> {
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return process.memoryUsage().rss;
}

const handlers = { listen };
/** What this process is asked for. */
export type IdleLimitHandlers = typeof handlers;
serveParent(handlers);
