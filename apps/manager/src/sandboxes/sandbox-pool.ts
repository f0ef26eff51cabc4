import { ApiError, type SandboxContext, type SandboxState } from '@wegent/api';
import type { SandboxDriver } from '@wegent/sandbox';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/gateway.ts';
import { createKeyedLock } from './keyed-lock.ts';
import { createLiveSandboxes, type LiveSandbox } from './live-sandboxes.ts';
import type { SandboxFolders, SandboxRecord } from './sandbox-folders.ts';
import { madeFor } from './sandbox-make.ts';
import type { WorkspaceArchive } from './workspace-archive.ts';

/** How long sandboxes and their folders are kept. */
export interface SandboxLifetimes {
  /** Milliseconds after the last turn until the workspace is archived and the sandbox ends. */
  chatMs: number;
  codeMs: number;
  /** Milliseconds that the folder stays after its content went into the archive. */
  deletionDelayMs: number;
  /** Sandboxes that may live without work; more of them end, the longest idle first, and keep their folders. */
  maxIdle: number;
  /** Sandboxes that are started ahead for the next new task. */
  warm: number;
  /** Archive after each turn, where another host may go on with the task. */
  archiveEachTurn: boolean;
}

/** A sandbox in use; it lives at least until it is released. */
export interface SandboxLease {
  live: LiveSandbox;
  /** `archive: false` leaves the archive of the task as it is. */
  release(options?: { archive?: boolean }): void;
}

/** What somebody wants a sandbox for. */
export interface Wanted {
  context: SandboxContext;
  /** The run, when it is for one. */
  executionId?: string;
  signal?: AbortSignal;
  onPhase?: (text: string) => void;
}

/** The sandboxes of one manager. */
export type SandboxPool = ReturnType<typeof createSandboxPool>;

/**
 * Finds the living sandbox of a task, or takes a warm one, or starts one on the folder that the task has here, or on a
 * new folder into which the archive is unpacked. Keeps them for follow-ups, archives them after their time, and
 * removes what belongs to nobody.
 */
export function createSandboxPool({
  managerId,
  driver,
  gateway,
  folders,
  archive,
  lifetimes,
  onChange,
  logger,
  claimMs,
  now = Date.now,
}: {
  managerId: string;
  driver: SandboxDriver;
  gateway: Gateway;
  folders: SandboxFolders;
  archive: WorkspaceArchive;
  lifetimes: SandboxLifetimes;
  /** Something that `states` tells has changed. */
  onChange: () => void;
  logger: Logger;
  /** How long turns of sandboxes that were taken over may go on without their runs. */
  claimMs?: number;
  now?: () => number;
}) {
  const records = new Map<string, SandboxRecord>();
  const sandboxes = createLiveSandboxes({ driver, gateway, folders, onChange, logger, claimMs });
  const lock = createKeyedLock();
  const archiving = new Map<string, Promise<void>>();
  let warming: Promise<void> | undefined;
  let refill: NodeJS.Timeout | undefined;
  let closed = false;

  const recordOfTask = (taskId: string) =>
    [...records.values()].find((record) => record.task?.taskId === taskId);
  const isBusy = (sandboxId: string) => (sandboxes.get(sandboxId)?.users ?? 0) > 0;
  const lifetimeOf = (record: SandboxRecord) =>
    record.task?.taskType === 'code' ? lifetimes.codeMs : lifetimes.chatMs;

  async function save(record: SandboxRecord): Promise<SandboxRecord> {
    records.set(record.sandboxId, record);
    await folders.save(record);
    return record;
  }

  async function discard(sandboxId: string): Promise<void> {
    await sandboxes.get(sandboxId)?.sandbox.kill();
    records.delete(sandboxId);
    await folders.remove(sandboxId);
    onChange();
  }

  /** The sandbox of a task that lives, made of what its Shell asks for; one of another make ends when nobody uses it. */
  async function livingOf(record: SandboxRecord, made: string): Promise<LiveSandbox | undefined> {
    const live = sandboxes.get(record.sandboxId);
    if (!live || record.made === made || live.users > 0) return live;
    await live.sandbox.stop(STOP_MS);
    return undefined;
  }

  /** The folder of a task, unless another host has worked on it since: then its archive is newer, and this one goes. */
  async function currentOf({ taskId, lastManagerId = managerId }: SandboxContext) {
    const record = recordOfTask(taskId);
    const isAtWork = record && (sandboxes.get(record.sandboxId)?.executionIds.size ?? 0) > 0;
    if (!record || isAtWork || lastManagerId === managerId) return record;
    if (record.managerId === undefined || record.managerId === lastManagerId) return record;
    if (!(await archive.has(taskId))) return record;
    logger.info({ taskId, sandboxId: record.sandboxId, lastManagerId }, 'a folder is out of date and goes');
    await discard(record.sandboxId);
    return undefined;
  }

  function takeWarm(made: string): SandboxRecord | undefined {
    return [...records.values()].find(
      (record) => !record.task && record.made === made && sandboxes.get(record.sandboxId),
    );
  }

  async function startFor({ context, signal, onPhase }: Wanted): Promise<LiveSandbox> {
    const made = madeFor(context.shell);
    const task = { taskId: context.taskId, namespace: context.namespace, taskType: context.taskType };
    const known = await currentOf(context);
    if (known) {
      const living = await livingOf(known, made);
      if (living) {
        if (known.managerId !== managerId) await save({ ...known, managerId });
        return living;
      }
      onPhase?.('Starting the sandbox');
      const { archivedAt: _archivedAt, ...record } = known;
      return sandboxes.start(await save({ ...record, made, managerId }), {
        signal,
        startMs: context.shell.startSeconds * 1000,
      });
    }
    const warm = takeWarm(made);
    if (!warm) onPhase?.('Starting the sandbox');
    // The record is written before anything is started: a crash in between leaves a folder that has an owner.
    const record = warm
      ? await save({ ...warm, task, managerId, usedAt: now() })
      : await save(await folders.create({ made, task, managerId }));
    try {
      const live = warm
        ? sandboxes.require(record.sandboxId)
        : await sandboxes.start(record, { signal, startMs: context.shell.startSeconds * 1000 });
      if (await archive.restore(context.taskId, live.client)) onPhase?.('Restored the workspace');
      return live;
    } catch (cause) {
      await discard(record.sandboxId);
      throw cause;
    } finally {
      if (warm) refillSoon();
    }
  }

  // Not at once: the agent of the task that took it starts now, on the same cores.
  function refillSoon(): void {
    clearTimeout(refill);
    refill = setTimeout(() => void fillWarm(), REFILL_MS);
    refill.unref();
  }

  async function fillWarm(): Promise<void> {
    warming ??= (async () => {
      const made = madeFor(undefined);
      while (!closed && countWarm() < lifetimes.warm) {
        const record = await save(await folders.create({ made }));
        try {
          await sandboxes.start(record, { startMs: WARM_START_MS });
        } catch (err) {
          await discard(record.sandboxId);
          logger.warn({ err }, 'a sandbox could not be started ahead');
          return;
        }
      }
    })().finally(() => {
      warming = undefined;
    });
    return warming;
  }

  const countWarm = () => [...records.values()].filter((record) => !record.task).length;

  /** Packs the workspace; the sandbox is started for it where it does not live. */
  function archiveTask(record: SandboxRecord): Promise<void> {
    const taskId = record.task?.taskId;
    const running = archiving.get(record.sandboxId);
    if (taskId === undefined || running) return running ?? Promise.resolve();
    const work = async () => {
      const live =
        sandboxes.get(record.sandboxId) ?? (await sandboxes.start(record, { startMs: WARM_START_MS }));
      await archive.store(taskId, live.client);
    };
    const archived = work().finally(() => archiving.delete(record.sandboxId));
    archiving.set(record.sandboxId, archived);
    return archived;
  }

  async function retire(record: SandboxRecord): Promise<void> {
    await archiveTask(record);
    // Somebody may have come back meanwhile.
    if (isBusy(record.sandboxId) || records.get(record.sandboxId)?.usedAt !== record.usedAt) return;
    await sandboxes.get(record.sandboxId)?.sandbox.stop(STOP_MS);
    await save({ ...record, archivedAt: now() });
    onChange();
  }

  async function sweepOne(record: SandboxRecord): Promise<void> {
    if (!record.task || isBusy(record.sandboxId)) return;
    if (record.archivedAt !== undefined) {
      if (now() - record.archivedAt >= lifetimes.deletionDelayMs) await discard(record.sandboxId);
      return;
    }
    if (now() - record.usedAt >= lifetimeOf(record)) await retire(record);
  }

  async function endLongestIdle(): Promise<void> {
    const idle = [...records.values()]
      .filter((record) => record.task && sandboxes.get(record.sandboxId) && !isBusy(record.sandboxId))
      .toSorted((left, right) => right.usedAt - left.usedAt);
    for (const record of idle.slice(lifetimes.maxIdle)) {
      await sandboxes.get(record.sandboxId)?.sandbox.stop(STOP_MS);
    }
  }

  return {
    /** Adopts what an earlier manager of this host left alive, and removes what belongs to nobody. */
    async start(): Promise<void> {
      await folders.prepare();
      for (const record of await folders.load()) records.set(record.sandboxId, record);
      await sandboxes.adopt(records);
      await driver.removeOrphans(new Set(records.keys()));
    },

    /** Starts sandboxes ahead of need. */
    fillWarm,

    /** A sandbox for a task; it stays until it is released. */
    acquire(wanted: Wanted): Promise<SandboxLease> {
      const { context, executionId } = wanted;
      return lock(context.taskId, async () => {
        if (closed) throw new ApiError('ServiceUnavailable', 'the manager is closing');
        const live = await startFor(wanted);
        live.users++;
        if (executionId !== undefined) live.executionIds.add(executionId);
        onChange();
        let released = false;
        return {
          live,
          release({ archive: mayArchive = true } = {}) {
            if (released) return;
            released = true;
            live.users--;
            if (executionId !== undefined) live.executionIds.delete(executionId);
            const record = records.get(live.sandboxId);
            onChange();
            if (!record) return;
            const used = { ...record, usedAt: now() };
            save(used)
              .then(() =>
                lifetimes.archiveEachTurn && mayArchive && executionId !== undefined
                  ? archiveTask(used)
                  : undefined,
              )
              .catch((err: unknown) =>
                logger.warn({ err, sandboxId: live.sandboxId }, 'a workspace was not archived'),
              );
          },
        };
      });
    },

    /** The living sandbox with this id. */
    live: (sandboxId: string): LiveSandbox | undefined => sandboxes.get(sandboxId),

    /** Ids of the tasks that have a folder here. */
    taskIds: (): string[] => [...records.values()].flatMap((record) => record.task?.taskId ?? []),

    /** Ends the sandbox of a deleted task and removes its folder. */
    async removeTask(taskId: string): Promise<void> {
      await lock(taskId, async () => {
        const record = recordOfTask(taskId);
        if (!record) return;
        const packing = archiving.get(record.sandboxId);
        await discard(record.sandboxId);
        // What was being packed when the task was deleted would stay for ever.
        await packing?.catch(() => undefined);
        await archive.remove(taskId);
      });
    },

    /** Does what time asks for; called every few seconds. */
    async sweep(): Promise<void> {
      for (const record of [...records.values()]) {
        const work = () => sweepOne(record);
        await (record.task ? lock(record.task.taskId, work) : work()).catch((err: unknown) =>
          logger.warn({ err, sandboxId: record.sandboxId }, 'a sandbox could not be tidied up'),
        );
      }
      await endLongestIdle();
      await sandboxes.measure();
      await driver.removeOrphans(new Set(records.keys()));
      for (const record of [...records.values()]) {
        if (!record.task && !sandboxes.get(record.sandboxId) && !warming) await discard(record.sandboxId);
      }
    },

    states: (): SandboxState[] =>
      sandboxes.all().flatMap((live) => {
        const record = records.get(live.sandboxId);
        return record ? [stateOf(live, record, lifetimeOf(record))] : [];
      }),

    /** Ends all sandboxes; those at work go on for the manager that comes next when `keepBusy` says so. */
    async close({ keepBusy }: { keepBusy: boolean }): Promise<void> {
      closed = true;
      clearTimeout(refill);
      await warming;
      for (const record of [...records.values()].filter(({ task }) => !task)) await discard(record.sandboxId);
      await Promise.all(
        sandboxes.all().map(async (live) => {
          // Who only looks at files, or has a terminal open, does not keep it.
          if (keepBusy && live.executionIds.size > 0) sandboxes.leave(live.sandboxId);
          else await live.sandbox.stop(STOP_MS);
        }),
      );
    },
  };
}

const STOP_MS = 3_000;
const WARM_START_MS = 60_000;
const REFILL_MS = 5_000;

function stateOf(live: LiveSandbox, record: SandboxRecord, lifetimeMs: number): SandboxState {
  const idle = live.users === 0;
  return {
    sandboxId: live.sandboxId,
    ...(record.task ? { taskId: record.task.taskId, namespace: record.task.namespace } : {}),
    state: record.task ? (idle ? 'idle' : 'busy') : 'warm',
    executionIds: [...live.executionIds],
    startedAt: new Date(live.startedAt).toISOString(),
    ...(record.task && idle
      ? {
          idleSince: new Date(record.usedAt).toISOString(),
          expiresAt: new Date(record.usedAt + lifetimeMs).toISOString(),
        }
      : {}),
    ...(live.memoryBytes === undefined ? {} : { memoryBytes: live.memoryBytes }),
  };
}
