import { once } from 'node:events';
import { openBlobStore } from '@wegent/blob';
import { openBus } from '@wegent/bus';
import { createEngines } from '@wegent/engine';
import { openQueue } from '@wegent/queue';
import { pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { readConfig } from './config.ts';
import { createHealthServer } from './health-server.ts';
import { createHttpManagerLink } from './http-manager-link.ts';
import { createManager } from './manager.ts';
import { createManagerMetrics } from './metrics.ts';

const config = readConfig();
const logger = pino({ name: 'manager', level: config.logLevel });
const registry = new Registry();
collectDefaultMetrics({ register: registry });

const onError = (err: unknown) => logger.warn({ err }, 'queue or bus');
const bus = await openBus({ url: config.redisUrl, onError });
const queue = await openQueue({ url: config.redisUrl, name: 'host', onError });
const blob = await openBlobStore({ url: config.blobUrl });
const { simulatorUrl } = config;
const manager = createManager({
  link: createHttpManagerLink({ baseUrl: config.server.url, secret: config.server.secret }),
  queue,
  bus,
  blob,
  engines: createEngines(),
  config: { managerId: config.managerId, concurrency: config.concurrency },
  ...(simulatorUrl ? { resolveSimulator: (endpoint) => ({ ...endpoint, baseUrl: simulatorUrl }) } : {}),
  logger,
  metrics: createManagerMetrics(registry),
});
const health = createHealthServer({ stats: manager.stats, registry });

await manager.start();
health.listen(config.listen);
await once(health, 'listening');
logger.info({ managerId: config.managerId, ...config.listen }, 'the manager is ready');

let closing = false;
const close = async (signal: NodeJS.Signals) => {
  // A second signal does not wait.
  if (closing) process.exit(1);
  closing = true;
  logger.info({ signal, ...manager.stats() }, 'the manager is closing');
  await manager.close({ drainMs: config.drainMs });
  health.close();
  await Promise.allSettled([queue.close(), bus.close(), blob.close()]);
};
process.on('SIGTERM', close);
process.on('SIGINT', close);
