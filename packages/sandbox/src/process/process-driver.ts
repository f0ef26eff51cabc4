import path from 'node:path';
import { ApiError } from '@wegent/api';
import { DEFAULT_LIMITS, resolveLimits } from '../limits.ts';
import type { Sandbox, SandboxDriver, SandboxEnd, SandboxSpec } from '../sandbox.ts';
import { type BroughtUp, bringUp } from './bring-up.ts';
import { groupNameOf } from './control-groups.ts';
import { openShortFolder } from './executor-socket.ts';
import { prepareFolder } from './sandbox-folder.ts';
import { createSandboxRecords, readBootId, type SandboxRecord } from './sandbox-record.ts';
import { lives, processesOf, removeRemains } from './sandbox-remains.ts';
import { superviseSandbox } from './supervise-sandbox.ts';
import type { Walls } from './walls.ts';

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
    if (former) await removeRemains(walls, records, former);
    const taken = all.flatMap(({ id, uid }) => (uid === undefined || id === spec.id ? [] : [uid]));
    const user = walls.userOf(spec.id, new Set([...taken, ...claimed.values()]));
    if (user) claimed.set(spec.id, user.uid);
    const limits = resolveLimits(spec.limits);
    const groupName = groupNameOf(stateFolder, spec.id);
    const record: SandboxRecord = {
      id: spec.id,
      labels: spec.labels,
      folder: spec.folder,
      bootId,
      ...(user ? { uid: user.uid } : {}),
      diskBytes: limits.diskBytes,
      groups: walls.groups.places.map(({ parent }) => path.join(parent, groupName)),
      ready: false,
    };
    await records.save(record);
    try {
      signal.throwIfAborted();
      await prepareFolder(spec, user);
      return await register(await bringUp({ walls, records, spec, record, groupName, limits, user, signal }));
    } catch (error) {
      // The record as far as the start came.
      await removeRemains(walls, records, (await records.load(spec.id)) ?? record);
      throw error;
    }
  }

  async function register({ record, processes, group }: BroughtUp): Promise<Entry> {
    const short = await openShortFolder(record.folder);
    const entry = superviseSandbox({
      record,
      processes,
      group,
      address: { type: 'unix', path: path.join(short.path, 'executor.sock') },
      async cleanUp() {
        await removeRemains(walls, records, record);
        if (entries.get(record.id) === entry) entries.delete(record.id);
        await short.close();
      },
    });
    entries.set(record.id, entry);
    return entry;
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
          else if (await lives(record)) found.push(await register({ record, ...processesOf(walls, record) }));
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
        else await removeRemains(walls, records, record);
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
