import { setTimeout as delay } from 'node:timers/promises';
import { COMMAND_TOPIC, type ManagerLink, type ModelEndpoint } from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import type { Bus } from '@wegent/bus';
import type { Engines } from '@wegent/engine';
import type { Consumer, Queue } from '@wegent/queue';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ManagerMetrics } from './metrics.ts';
import { createPlace, type Place } from './place.ts';
import { type Run, type RunDeps, startRun } from './run.ts';
import { createSlots, type Slots } from './slots.ts';
import { createWorkTrees } from './work-trees.ts';

/** Settings of a manager. */
export interface ManagerConfig {
  /** Who holds the leases; unique among managers. */
  managerId: string;
  /** Runs of the manager itself at work at once, at most; 256 by default: they wait for models most of the time. */
  concurrency?: number;
  /** Runs in sandboxes at work at once, at most; 5 by default. Those that wait for somebody do not count. */
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
  /** Nothing is taken from them before it resolves: other managers may have what is missing here. */
  sandboxesUsable?: Promise<void>;
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
    trees: createWorkTrees(),
    logger,
    ...(resolveSimulator ? { resolveSimulator } : {}),
    ...(metrics ? { metrics } : {}),
  };
  const maxTasks = config.maxTasks ?? MAX_TASKS;
  const hostSlots = createSlots({ total: concurrency });
  const slots = createSlots({
    total: maxTasks,
    ...(deps.onSlotsChanged ? { onChange: deps.onSlotsChanged } : {}),
  });
  /** By execution id; `again` when it was asked for while it is here. */
  const runs = new Map<string, { run: Run; again: boolean }>();
  const lives = new Set<Promise<void>>();
  const closing = new AbortController();
  const consumers: Consumer[] = [];
  let unsubscribe: (() => Promise<void>) | undefined;

  /** Is the run here already? Then it is tried again when that is over: it may be an attempt that was lost. */
  function isHere(executionId: string): boolean {
    const known = runs.get(executionId);
    if (known) known.again = true;
    return known !== undefined;
  }

  async function live(executionId: string, place: Place): Promise<void> {
    try {
      for (let again = true; again && !closing.signal.aborted; ) {
        await place.take({ signal: closing.signal });
        const own = { run: startRun(executionId, place, runDeps), again: false };
        runs.set(executionId, own);
        await own.run.done;
        again = own.again;
      }
    } catch {
      // It closes, and takes nothing more.
    } finally {
      runs.delete(executionId);
      place.leave();
    }
  }

  /** Ends with the run, or when that gives its place back: then the queue has room for another one. */
  async function handle(executionId: string, { signal, of }: { signal: AbortSignal; of: Slots }) {
    if (isHere(executionId)) return;
    try {
      await of.take({ signal: AbortSignal.any([signal, closing.signal]) });
    } catch {
      // The sweep of the server puts it back.
      return;
    }
    const place = createPlace(of);
    if (isHere(executionId)) return place.leave();
    const life = live(executionId, place);
    lives.add(life);
    void life.then(() => lives.delete(life));
    const abandon = () => runs.get(executionId)?.run.abandon();
    signal.addEventListener('abort', abandon, { once: true });
    await Promise.race([life, place.left]);
    signal.removeEventListener('abort', abandon);
  }

  function takeSandboxRuns(): void {
    if (closing.signal.aborted) return;
    for (const queue of deps.sandboxQueues ?? [])
      consumers.push(
        queue.consume({
          concurrency: maxTasks,
          handler: (job, signal) => handle(job.id, { signal, of: slots }),
        }),
      );
  }

  return {
    async start() {
      unsubscribe = await deps.bus.subscribe(COMMAND_TOPIC, (message) => {
        const command = CommandMessage.safeParse(message);
        if (command.success) runs.get(command.data.executionId)?.run.poke();
      });
      consumers.push(
        deps.queue.consume({
          concurrency,
          handler: (job, signal) => handle(job.id, { signal, of: hostSlots }),
        }),
      );
      if (deps.sandboxesUsable) void deps.sandboxesUsable.then(takeSandboxRuns);
      else takeSandboxRuns();
    },
    async close({ drainMs }) {
      closing.abort(new Error('the manager closes'));
      await Promise.all([
        ...consumers.map((consumer) => consumer.close({ deadlineMs: drainMs })),
        Promise.race([Promise.all(lives), delay(drainMs, undefined, { ref: false })]),
      ]);
      for (const { run } of runs.values()) run.abandon();
      await Promise.all(lives);
      await unsubscribe?.();
    },
    stats: () => ({ running: runs.size, concurrency, slots: { total: maxTasks, used: slots.used() } }),
  };
}
