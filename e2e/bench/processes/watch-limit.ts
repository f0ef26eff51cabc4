import { createServer, type ServerResponse } from 'node:http';
import { serveParent } from '../child.ts';

const watching = new Set<ServerResponse>();

/** A server that writes every body that it is sent to everybody who listens; answers its address. */
async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      watching.add(response);
      response.on('close', () => watching.delete(response));
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      for (const watcher of watching) watcher.write(`${body}\n`);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** Resident bytes of this process. */
function memory(): number {
  return process.memoryUsage().rss;
}

const handlers = { listen, memory };
/** What this process is asked for. */
export type WatchLimitHandlers = typeof handlers;
serveParent(handlers);
