import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ModelEndpoint } from '@wegent/api';
import {
  createEngines,
  createManager,
  createManagerMetrics,
  createOutbound,
  openSandboxHost,
  readInputForm,
  registerSandboxMetrics,
  testModel,
} from '@wegent/manager';
import { composeServer, type Mount } from '@wegent/server';
import { createSimulator } from '@wegent/simulator';
import { pino } from 'pino';
import { readStandaloneConfig } from './config.ts';

/** Milliseconds that runs have to end when the process is stopped; the others are taken up at the next start. */
const DRAIN_MS = 5_000;
const SIMULATOR_PREFIX = '/simulator';

/** A running product. */
export interface Standalone {
  url: string;
  /** One-time link to choose the administrator's password, on a fresh installation. */
  setupUrl?: string | undefined;
  close(): Promise<void>;
}

/** Starts server, manager and demo model in this process. */
export async function startStandalone(): Promise<Standalone> {
  const config = readStandaloneConfig();
  const logger = pino({ level: config.server.logLevel }, pino.destination({ dest: 2, sync: false }));
  const simulator = createLocalSimulator(config.simulatorPace);

  const server = await composeServer({
    config: config.server,
    logger,
    webFolder: findPlace('apps/web/out'),
    commandLineFile: findPlace('apps/cli/dist/wegent.mjs'),
    seedFolder: findPlace('apps/server/src/seed') ?? '',
    mounts: [simulator.mount],
    fetchFor: createOutbound().fetchFor,
    // The manager needs the server first; nobody calls before both listen.
    executors: { call: (context, request) => sandboxes.access.call(context, request) },
    readInputForm,
    testModel: (input) =>
      testModel({
        ...input,
        endpoint: simulator.resolve(input.endpoint),
        outboundAllow: input.outboundAllow && [...input.outboundAllow, simulator.address()],
      }),
  });
  const managerId = `standalone-${os.hostname()}-${config.server.port}`;
  const sandboxes = await openSandboxHost({
    link: server.link,
    bus: server.bus,
    blob: server.blobs,
    managerId,
    platformHosts: [new URL(config.server.publicUrl ?? 'http://localhost').hostname],
    settings: config.sandboxes,
    logger,
  });
  const ownQueue = await server.queues.ofManager(managerId);
  const manager = createManager({
    link: server.link,
    queue: server.queues.host,
    sandboxQueues: ownQueue ? [server.queues.sandbox, ownQueue] : [server.queues.sandbox],
    // Where others may have what is missing here, their runs are left to them.
    ...(ownQueue ? { sandboxesUsable: sandboxes.usable } : {}),
    bus: server.bus,
    blob: server.blobs,
    engines: createEngines({ sandbox: sandboxes.engines }),
    config: { managerId, concurrency: config.concurrency, maxTasks: config.sandboxes.maxTasks },
    onSlotsChanged: sandboxes.changed,
    resolveSimulator: simulator.resolve,
    logger,
    metrics: createManagerMetrics(server.services.metrics.registry),
  });
  registerSandboxMetrics(server.services.metrics.registry, {
    states: sandboxes.states,
    slots: () => manager.stats().slots,
  });
  const { url, port, setupUrl } = await server.listen({ managerId });
  simulator.listensOn(config.server.host, port);
  await sandboxes.start({ slotsUsed: () => manager.stats().slots.used });
  await manager.start();
  return {
    url,
    setupUrl,
    async close() {
      await manager.close({ drainMs: DRAIN_MS });
      // Who stops it on a laptop expects that nothing of it goes on.
      await sandboxes.close({ keepBusy: false });
      await server.close();
    },
  };
}

/**
 * The demo model on the server's own port. A key that only this process knows opens it, so that it is no free
 * model for everybody who reaches the port.
 */
function createLocalSimulator(pace: number) {
  const { handler } = createSimulator({ pace });
  const key = `sim_${randomBytes(24).toString('base64url')}`;
  let origin = '';
  const mount: Mount = {
    prefix: SIMULATOR_PREFIX,
    handler: (request, response) => {
      const given = request.headers['x-api-key'] ?? request.headers.authorization?.replace(/^Bearer /i, '');
      if (given === key) {
        handler(request, response);
        return;
      }
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end('{"error":{"message":"the demo model answers this server only"}}');
    },
  };
  return {
    mount,
    listensOn(host: string, port: number): void {
      const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
      origin = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
    },
    /** host:port, for runs that may reach listed addresses only. */
    address: () => origin.replace('http://', ''),
    /** Replaces `simulator:/v1` by the address, and the key by the one that opens it. */
    resolve(endpoint: ModelEndpoint): ModelEndpoint {
      if (!endpoint.baseUrl?.startsWith('simulator:')) return endpoint;
      const rest = endpoint.baseUrl.slice('simulator:'.length);
      return { ...endpoint, baseUrl: `${origin}${SIMULATOR_PREFIX}${rest}`, apiKey: key };
    },
  };
}

// The bundle lies in apps/standalone/dist, the source in apps/standalone/src: both are three levels below the root.
function findPlace(relative: string): string | undefined {
  const place = path.resolve(import.meta.dirname, '../../..', relative);
  return existsSync(place) ? place : undefined;
}
