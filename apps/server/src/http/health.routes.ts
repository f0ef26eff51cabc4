import type { Store } from '@wegent/store';
import { z } from 'zod';
import type { App } from './app-type.ts';
import type { Metrics } from './metrics.ts';

const State = z.object({ status: z.string(), checks: z.record(z.string(), z.string()).optional() });
const PING_TIMEOUT_MS = 2_000;

/** `/livez` says that the process runs, `/readyz` and `/healthz` that it can serve. */
export function registerHealthRoutes(
  app: App,
  { store, metrics, isDraining }: { store: Store; metrics: Metrics; isDraining: () => boolean },
): void {
  const config = { public: true };
  const tags = ['health'];

  app.get(
    '/livez',
    { config, schema: { tags, summary: 'The process runs', response: { 200: State } } },
    async () => ({ status: 'ok' }),
  );

  for (const path of ['/readyz', '/healthz']) {
    app.get(
      path,
      { config, schema: { tags, summary: 'The process can serve', response: { 200: State, 503: State } } },
      async (_request, reply) => {
        const checks = { database: await databaseState(store), draining: isDraining() ? 'yes' : 'no' };
        const isReady = checks.database === 'ok' && !isDraining();
        return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', checks });
      },
    );
  }

  app.get('/metrics', { config, schema: { tags, summary: 'Prometheus metrics' } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}

async function databaseState(store: Store): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PING_TIMEOUT_MS);
  });
  try {
    await Promise.race([store.ping(), timeout]);
    return 'ok';
  } catch {
    return 'unavailable';
  } finally {
    clearTimeout(timer);
  }
}
