import { readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { send } from './process-table.ts';

/** The processes of one sandbox, as the kernel counts them. Without folders nothing is counted. */
export interface ControlGroup {
  readonly folders: readonly string[];
  /** Moves a process in; what it starts from then on is in as well. */
  add(pid: number): Promise<void>;
  processes(): Promise<number[]>;
  /** Offers its processes to the kernel for when memory is short, but for the spared ones. */
  sacrifice(spared: ReadonlySet<number | undefined>): Promise<void>;
  /** How often the kernel ended a process in it for want of memory. */
  oomKills(): Promise<number>;
  /** Bytes in use, without what the kernel could drop at once. */
  memoryBytes(): Promise<number | undefined>;
  /** Ends all processes; none can escape by starting others. */
  kill(): Promise<void>;
  /** Removes the group, which has to be empty by then; tries for a while, as the kernel needs a moment. */
  remove(): Promise<void>;
}

const TRIES = 400;
const AGAIN_MS = 10;

/** The group that these folders are, one for each hierarchy. */
export function openControlGroup(folders: readonly string[]): ControlGroup {
  const read = async (name: string): Promise<string | undefined> => {
    for (const folder of folders) {
      const text = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
      if (text !== undefined) return text;
    }
    return undefined;
  };
  const write = async (name: string, value: string): Promise<boolean> => {
    for (const folder of folders) {
      const file = path.join(folder, name);
      if ((await exists(file)) && (await succeeds(writeFile(file, value)))) return true;
    }
    return false;
  };

  async function processes(): Promise<number[]> {
    const pids = new Set<number>();
    for (const folder of folders) {
      const text = await readFile(path.join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of text.split('\n').filter(Boolean)) pids.add(Number(pid));
    }
    return [...pids];
  }

  return {
    folders,
    processes,

    async add(pid) {
      for (const folder of folders) await writeFile(path.join(folder, 'cgroup.procs'), String(pid));
    },

    async sacrifice(spared) {
      const pids = (await processes()).filter((pid) => !spared.has(pid));
      await Promise.all(pids.map((pid) => succeeds(writeFile(`/proc/${pid}/oom_score_adj`, '1000'))));
    },

    async oomKills() {
      const text = (await read('memory.events')) ?? (await read('memory.oom_control')) ?? '';
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
    },

    async memoryBytes() {
      const used = (await read('memory.current')) ?? (await read('memory.usage_in_bytes'));
      if (used === undefined) return undefined;
      const counters = (await read('memory.stat')) ?? '';
      const file = /^total_inactive_file (\d+)$/m.exec(counters) ?? /^inactive_file (\d+)$/m.exec(counters);
      return Math.max(0, Number(used) - Number(file?.[1] ?? 0));
    },

    async kill() {
      await write('pids.max', '0');
      await write('cgroup.kill', '1');
      for (let tries = 0; tries < TRIES; tries += 1) {
        const left = await processes();
        if (left.length === 0) return;
        for (const pid of left) send(pid, 'SIGKILL');
        await delay(AGAIN_MS);
      }
    },

    async remove() {
      for (const folder of folders) {
        for (let tries = 0; tries < TRIES; tries += 1) {
          if ((await succeeds(rmdir(folder))) || !(await exists(folder))) break;
          await delay(AGAIN_MS);
        }
      }
    },
  };
}

function exists(file: string): Promise<boolean> {
  return succeeds(stat(file));
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
