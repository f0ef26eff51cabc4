import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { App } from './app-type.ts';

/** Figures of the process for Prometheus. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Makes a registry of its own, so that several servers can live in one process. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'wegent_http_request_seconds',
    help: 'Duration of HTTP requests by route.',
    labelNames: ['method', 'route', 'code'] as const,
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  const events = new Counter({
    name: 'wegent_execution_events_total',
    help: 'Events of runs that were stored.',
    registers: [registry],
  });
  const statements = new Counter({
    name: 'wegent_sql_statements_total',
    help: 'Statements that the database was asked to run.',
    registers: [registry],
  });
  return {
    /** For the figures of others in this process. */
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countEvents: (count: number) => events.inc(count),
    countStatement: () => statements.inc(),

    /** Adds a figure that is read when it is asked for. */
    gauge(name: string, help: string, read: () => number | Promise<number>): void {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read());
        },
      });
    },

    /** Measures every request of an app. */
    observe(app: App): void {
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'unknown';
        requests.observe(
          { method: request.method, route, code: String(reply.statusCode) },
          reply.elapsedTime / 1000,
        );
      });
    },
  };
}
