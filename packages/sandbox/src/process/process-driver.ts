import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ApiError } from '@wegent/api';
import { DEFAULT_LIMITS, resolveLimits } from '../limits.ts';
import type { Sandbox, SandboxDriver, SandboxEnd, SandboxLimits, SandboxSpec } from '../sandbox.ts';
import { type ControlGroup, openControlGroup } from './control-group.ts';
import type { ControlGroups } from './control-groups.ts';
import { openLog, tailOfLog } from './executor-log.ts';
import { openShortFolder, reachSocket, takeSocketOut } from './executor-socket.ts';
import { startGated } from './gated-process.ts';
import { findProcess, isAlive } from './process-table.ts';
import { type RunningProcesses, runningProcesses } from './running-processes.ts';
import { type HostUser, prepareFolder, removeToken } from './sandbox-folder.ts';
import { createSandboxRecords, readBootId, type SandboxRecord } from './sandbox-record.ts';
import { superviseSandbox } from './supervise-sandbox.ts';

interface Entry {
  sandbox: Sandbox;
  end(how: SandboxEnd): Promise<SandboxEnd>;
}

/** Sandboxes as processes of this host, remembered in files so that another manager finds them. */
export function createProcessDriver({
  walls,
  stateFolder,
}: {
  walls: Walls;
  stateFolder: string;
}): SandboxDriver {
  const records = createSandboxRecords(stateFolder);
  const entries = new Map<string, Entry>();
  const starting = new Set<string>();
  /** Host users of sandboxes that are starting and may have no record yet. */
  const claimed = new Map<string, number>();

  async function start(spec: SandboxSpec, signal: AbortSignal): Promise<Entry> {
    const [all, bootId] = await Promise.all([records.loadAll(), readBootId()]);
    const former = all.find(({ id }) => id === spec.id);
    if (former && (await lives(former))) throw exists(spec.id);
    if (former) await removeRemains(former);
    const taken = all.flatMap(({ id, uid }) => (uid === undefined || id === spec.id ? [] : [uid]));
    const user = walls.userOf(spec.id, new Set([...taken, ...claimed.values()]));
    if (user) claimed.set(spec.id, user.uid);
    const limits = resolveLimits(spec.limits);
    const record: SandboxRecord = {
      id: spec.id,
      labels: spec.labels,
      folder: spec.folder,
      bootId,
      ...(user ? { uid: user.uid } : {}),
      diskBytes: limits.diskBytes,
      groups: walls.groups.places.map(({ parent }) => path.join(parent, `wegent-${spec.id}`)),
      ready: false,
    };
    await records.save(record);
    try {
      signal.throwIfAborted();
      await prepareFolder(spec, user);
      return await bringUp({ spec, record, limits, user, signal });
    } catch (error) {
      await removeRemains(await currentOf(record));
      throw error;
    }
  }

  /** The record as far as the start came. */
  const currentOf = async (record: SandboxRecord) => (await records.load(record.id)) ?? record;

  async function bringUp({
    spec,
    record,
    limits,
    user,
    signal,
  }: {
    spec: SandboxSpec;
    record: SandboxRecord;
    limits: SandboxLimits;
    user: HostUser | undefined;
    signal: AbortSignal;
  }): Promise<Entry> {
    const group = await walls.groups.create(spec.id, limits);
    const launch = await walls.launch(spec, limits, user);
    const log = await openLog(spec.folder);
    try {
      const { argv, env, files } = launch;
      const gated = await startGated({ argv, env, files, log: log.fd, cwd: '/' });
      record = { ...record, outer: gated.ref };
      await records.save(record);
      await group.add(gated.ref.pid);
      const told = await gated.open();
      const firstPid = launch.firstPid?.(told);
      const first = firstPid === undefined ? undefined : await findProcess(firstPid);
      if (first) {
        record = { ...record, first };
        await records.save(record);
      }
      const processes = runningProcesses({
        record,
        group,
        exited: gated.exited,
        ...(walls.markOf ? { mark: walls.markOf(spec.id) } : {}),
      });
      await reachExecutor(spec, processes, signal);
      record = { ...record, ready: true };
      await records.save(record);
      return await register(record, processes, group);
    } finally {
      await Promise.all([log.close(), launch.close()]);
    }
  }

  /** Waits until it listens, and moves its socket out of its reach. */
  async function reachExecutor(
    { id, folder }: SandboxSpec,
    processes: RunningProcesses,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = new AbortController();
    void processes.exited.then(() => ended.abort());
    const short = await openShortFolder(folder);
    const inside = path.join(short.path, 'run', 'executor.sock');
    try {
      await reachSocket(inside, AbortSignal.any([signal, ended.signal]));
      await takeSocketOut(inside, path.join(short.path, 'executor.sock'));
    } catch (cause) {
      signal.throwIfAborted();
      const tail = await tailOfLog(folder);
      throw new ApiError(
        'ServiceUnavailable',
        `the executor of sandbox ${id} ended before it listened${tail === '' ? '' : `: ${tail}`}`,
        { cause },
      );
    } finally {
      await short.close();
    }
  }

  async function register(
    record: SandboxRecord,
    processes: RunningProcesses,
    group: ControlGroup,
  ): Promise<Entry> {
    const short = await openShortFolder(record.folder);
    const entry = superviseSandbox({
      record,
      processes,
      group,
      address: { type: 'unix', path: path.join(short.path, 'executor.sock') },
      async cleanUp() {
        await removeRemains(record);
        if (entries.get(record.id) === entry) entries.delete(record.id);
        await short.close();
      },
    });
    entries.set(record.id, entry);
    return entry;
  }

  /** Ends what is left of a sandbox, and takes everything of it away but its folder. The record goes last. */
  async function removeRemains(record: SandboxRecord): Promise<void> {
    const group = openControlGroup(record.groups);
    const mark = walls.markOf?.(record.id);
    const sameBoot = record.bootId === (await readBootId());
    if (sameBoot) {
      await runningProcesses({ record, group, ...(mark === undefined ? {} : { mark }) }).kill();
      await group.remove();
    }
    const short = await openShortFolder(record.folder).catch(() => undefined);
    if (short) {
      await rm(path.join(short.path, 'executor.sock'), { force: true });
      await short.close();
      await removeToken(record);
    }
    await records.remove(record.id);
  }

  async function lives(record: SandboxRecord): Promise<boolean> {
    const ref = record.first ?? record.outer;
    return ref !== undefined && record.bootId === (await readBootId()) && isAlive(ref);
  }

  async function adopt(record: SandboxRecord): Promise<Entry> {
    const group = openControlGroup(record.groups);
    const mark = walls.markOf?.(record.id);
    return register(
      record,
      runningProcesses({ record, group, ...(mark === undefined ? {} : { mark }) }),
      group,
    );
  }

  /** Looks for what other managers left, one look at a time so that none is taken over twice. */
  let looking: Promise<Entry[]> = Promise.resolve([]);
  function findAll(): Promise<Entry[]> {
    looking = looking
      .catch(() => [])
      .then(async () => {
        const found: Entry[] = [];
        for (const record of await records.loadAll()) {
          if (starting.has(record.id) || !record.ready) continue;
          const known = entries.get(record.id);
          if (known) found.push(known);
          else if (await lives(record)) found.push(await adopt(record));
        }
        return found;
      });
    return looking;
  }

  return {
    name: walls.name,
    isolation: walls.isolation,
    isolated: walls.isolated,
    defaults: DEFAULT_LIMITS,

    async create(spec, signal) {
      checkSpec(spec);
      if (entries.has(spec.id) || starting.has(spec.id)) throw exists(spec.id);
      starting.add(spec.id);
      const late = AbortSignal.timeout(spec.startMs);
      try {
        signal?.throwIfAborted();
        return (await start(spec, signal ? AbortSignal.any([signal, late]) : late)).sandbox;
      } catch (cause) {
        signal?.throwIfAborted();
        if (cause instanceof ApiError) throw cause;
        const [reason, words] = late.aborted
          ? (['Timeout', `within ${spec.startMs} ms`] as const)
          : (['ServiceUnavailable', cause instanceof Error ? cause.message : String(cause)] as const);
        throw new ApiError(reason, `sandbox ${spec.id} did not start: ${words}`, { cause });
      } finally {
        starting.delete(spec.id);
        claimed.delete(spec.id);
      }
    },

    async list() {
      return (await findAll()).map(({ sandbox }) => sandbox);
    },

    async removeOrphans(keep) {
      await findAll();
      const removed: string[] = [];
      for (const record of await records.loadAll()) {
        if (starting.has(record.id)) continue;
        const entry = entries.get(record.id);
        if (keep.has(record.id) && (entry || (record.ready && (await lives(record))))) continue;
        if (entry) await entry.end({ cause: 'killed' });
        else await removeRemains(record);
        removed.push(record.id);
      }
      return removed;
    },
  };
}

/** Ids become names of files and groups. */
function checkSpec({ id, folder }: SandboxSpec): void {
  if (!/^[a-zA-Z0-9]{1,16}$/.test(id))
    throw new ApiError('Invalid', `id: must be 1 to 16 letters and digits, not "${id}"`);
  if (!path.isAbsolute(folder))
    throw new ApiError('Invalid', `folder: must be an absolute path, not "${folder}"`);
}

function exists(id: string): ApiError {
  return new ApiError('AlreadyExists', `sandbox ${id} exists`);
}
