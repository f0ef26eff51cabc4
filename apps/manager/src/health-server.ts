import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** Answers `/healthz`, `/livez` and `/readyz` with what `stats` says, `/metrics` for Prometheus. */
export function createHealthServer({ stats, registry }: { stats: () => object; registry: Registry }): Server {
  return createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics') {
      response.setHeader('content-type', registry.contentType).end(await registry.metrics());
      return;
    }
    const known = path === '/healthz' || path === '/livez' || path === '/readyz';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? { status: 'ok', ...stats() } : { status: 'not found' }));
  });
}
