import { COMMAND_TOPIC, type ManagerLink, type ModelEndpoint } from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import type { Bus } from '@wegent/bus';
import type { Engines } from '@wegent/engine';
import type { Consumer, Queue } from '@wegent/queue';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ManagerMetrics } from './metrics.ts';
import { type Run, type RunDeps, startRun } from './run.ts';
import { createSlots } from './slots.ts';

/** Settings of a manager. */
export interface ManagerConfig {
  /** Who holds the leases; unique among managers. */
  managerId: string;
  /** Runs of the manager itself at once, at most; 256 by default: they wait for models most of the time. */
  concurrency?: number;
  /** Runs in sandboxes at once, at most; 5 by default. */
  maxTasks?: number;
  /** Milliseconds between heartbeats of a run; 10,000 by default. */
  heartbeatMs?: number;
}

export interface ManagerDeps {
  /** The server: itself in one process, else `createHttpManagerLink`. */
  link: ManagerLink;
  /** The queue of host runs; its jobs are execution ids. */
  queue: Pick<Queue, 'consume'>;
  /** The queues of sandbox runs: the general one, and one of this manager's own where there are many. */
  sandboxQueues?: readonly Pick<Queue, 'consume'>[];
  bus: Pick<Bus, 'subscribe'>;
  blob: Pick<BlobStore, 'read'>;
  engines: Engines;
  config: ManagerConfig;
  /** Gives the demo model its address. */
  resolveSimulator?: (endpoint: ModelEndpoint) => ModelEndpoint;
  logger: Logger;
  metrics?: ManagerMetrics;
  /** A run in a sandbox began or ended. */
  onSlotsChanged?: () => void;
}

/** Takes executions from the queue and runs them. */
export interface Manager {
  start(): Promise<void>;
  /**
   * Takes no more work and waits up to `drainMs` for what is running. Runs that are not over by then are left
   * without a word: their leases run out and the server makes new attempts elsewhere, which is what it also does
   * when a manager dies. Nothing is reported as failed because of a restart.
   */
  close(options: { drainMs: number }): Promise<void>;
  stats(): { running: number; concurrency: number; slots: { total: number; used: number } };
}

const CommandMessage = z.object({ executionId: z.string() });

const CONCURRENCY = 256;
const MAX_TASKS = 5;
const HEARTBEAT_MS = 10_000;

/** Makes a manager; it does nothing before `start`. */
export function createManager(deps: ManagerDeps): Manager {
  const { link, blob, engines, config, logger, metrics, resolveSimulator } = deps;
  const concurrency = config.concurrency ?? CONCURRENCY;
  const runDeps: RunDeps = {
    link,
    blob,
    engines,
    managerId: config.managerId,
    heartbeatMs: config.heartbeatMs ?? HEARTBEAT_MS,
    logger,
    ...(resolveSimulator ? { resolveSimulator } : {}),
    ...(metrics ? { metrics } : {}),
  };
  const maxTasks = config.maxTasks ?? MAX_TASKS;
  const slots = createSlots({
    total: maxTasks,
    ...(deps.onSlotsChanged ? { onChange: deps.onSlotsChanged } : {}),
  });
  const runs = new Map<string, Run>();
  let consumers: Consumer[] = [];
  let unsubscribe: (() => Promise<void>) | undefined;

  const handle = async (executionId: string, signal: AbortSignal) => {
    // The queue may deliver a job twice; the claim of the second would be refused anyway.
    if (signal.aborted || runs.has(executionId)) return;
    const run = startRun(executionId, runDeps);
    runs.set(executionId, run);
    signal.addEventListener('abort', run.abandon, { once: true });
    try {
      await run.done;
    } finally {
      signal.removeEventListener('abort', run.abandon);
      runs.delete(executionId);
    }
  };
  return {
    async start() {
      unsubscribe = await deps.bus.subscribe(COMMAND_TOPIC, (message) => {
        const command = CommandMessage.safeParse(message);
        if (command.success) runs.get(command.data.executionId)?.poke();
      });
      consumers = [
        deps.queue.consume({ concurrency, handler: (job, signal) => handle(job.id, signal) }),
        ...(deps.sandboxQueues ?? []).map((queue) =>
          queue.consume({
            concurrency: maxTasks,
            handler: (job, signal) => slots.run(signal, () => handle(job.id, signal)),
          }),
        ),
      ];
    },
    async close({ drainMs }) {
      await Promise.all(consumers.map((consumer) => consumer.close({ deadlineMs: drainMs })));
      for (const run of runs.values()) run.abandon();
      await Promise.all([...runs.values()].map((run) => run.done));
      await unsubscribe?.();
    },
    stats: () => ({ running: runs.size, concurrency, slots: { total: maxTasks, used: slots.used() } }),
  };
}
