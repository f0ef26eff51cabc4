import { once } from 'node:events';
import { openBlobStore } from '@wegent/blob';
import { openBus } from '@wegent/bus';
import { createEngines } from '@wegent/engine';
import { openQueue, sandboxQueueOf } from '@wegent/queue';
import { pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { readConfig } from './config.ts';
import { createHttpManagerLink } from './http-manager-link.ts';
import { createManager } from './manager.ts';
import { createManagerServer } from './manager-server.ts';
import { createManagerMetrics } from './metrics.ts';
import { openSandboxHost } from './sandboxes/sandbox-host.ts';
import { registerSandboxMetrics } from './sandboxes/sandbox-metrics.ts';

const config = readConfig();
const logger = pino({ name: 'manager', level: config.logLevel });
const registry = new Registry();
collectDefaultMetrics({ register: registry });

const onError = (err: unknown) => logger.warn({ err }, 'queue or bus');
const bus = await openBus({ url: config.redisUrl, onError });
const queue = await openQueue({ url: config.redisUrl, name: 'host', onError });
const blob = await openBlobStore({ url: config.blobUrl });
const { simulatorUrl, managerId } = config;
const link = createHttpManagerLink({ baseUrl: config.server.url, secret: config.server.secret });
const sandboxes = await openSandboxHost({
  link,
  bus,
  blob,
  managerId,
  ...(config.url === undefined ? {} : { url: config.url }),
  platformHosts: [new URL(config.server.url).hostname],
  settings: config.sandboxes,
  logger,
});
const sandboxQueues = [
  await openQueue({ url: config.redisUrl, name: 'sandbox', onError }),
  await openQueue({ url: config.redisUrl, name: sandboxQueueOf(managerId), onError }),
];
const problem = await sandboxes.problem();
const manager = createManager({
  link,
  queue,
  sandboxQueues,
  // A manager that cannot start sandboxes leaves their runs to the others.
  sandboxesUsable: sandboxes.usable,
  bus,
  blob,
  engines: createEngines({ sandbox: sandboxes.engines }),
  config: { managerId, concurrency: config.concurrency, maxTasks: config.sandboxes.maxTasks },
  onSlotsChanged: sandboxes.changed,
  ...(simulatorUrl ? { resolveSimulator: (endpoint) => ({ ...endpoint, baseUrl: simulatorUrl }) } : {}),
  logger,
  metrics: createManagerMetrics(registry),
});
registerSandboxMetrics(registry, { states: sandboxes.states, slots: () => manager.stats().slots });
const health = createManagerServer({
  stats: manager.stats,
  registry,
  access: sandboxes.access,
  secret: config.server.secret,
});

if (problem !== undefined) logger.warn({ problem }, 'no sandboxes here');
await sandboxes.start({ slotsUsed: () => manager.stats().slots.used });
await manager.start();
health.listen(config.listen);
await once(health, 'listening');
logger.info({ managerId, ...config.listen }, 'the manager is ready');

let closing = false;
const close = async (signal: NodeJS.Signals) => {
  // A second signal does not wait.
  if (closing) process.exit(1);
  closing = true;
  logger.info({ signal, ...manager.stats() }, 'the manager is closing');
  await manager.close({ drainMs: config.drainMs });
  await sandboxes.close({ keepBusy: true });
  health.close();
  await Promise.allSettled([queue, ...sandboxQueues, bus, blob].map((port) => port.close()));
};
process.on('SIGTERM', close);
process.on('SIGINT', close);
