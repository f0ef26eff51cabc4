import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxLimits } from '../sandbox.ts';
import { type ControlGroup, openControlGroup } from './control-group.ts';

/** What the kernel can limit for a group of processes. */
export type Controller = 'memory' | 'pids' | 'cpu';

/** Where groups with a controller can be made. */
export interface ControllerPlace {
  controller: Controller;
  version: 1 | 2;
  /** Groups are folders in it. */
  parent: string;
}

/** Makes groups of processes with limits, as far as this host lets us. */
export interface ControlGroups {
  readonly places: readonly ControllerPlace[];
  /** A group of that name; one that exists is what a crash left and is taken over. */
  create(name: string, limits: SandboxLimits): Promise<ControlGroup>;
}

/** Name of the group of a sandbox; installations share the place, and their ids could be the same. */
export function groupNameOf(stateFolder: string, id: string): string {
  return `wegent-${id}-${createHash('sha256').update(stateFolder).digest('hex').slice(0, 8)}`;
}

const CONTROLLERS: readonly Controller[] = ['memory', 'pids', 'cpu'];
const MANAGER = 'wegent-manager';
const CPU_PERIOD_US = 100_000;

/** Looks which controllers we may use; each in version 2 where it was given to us, else in version 1. */
export async function findControlGroups({
  mountInfo,
  ownGroups,
}: {
  mountInfo?: string;
  ownGroups?: string;
} = {}): Promise<ControlGroups> {
  const mounts = parseMounts(mountInfo ?? (await readText('/proc/self/mountinfo')));
  const own = parseOwnGroups(ownGroups ?? (await readText('/proc/self/cgroup')));
  const places: ControllerPlace[] = [];
  for (const controller of CONTROLLERS) {
    const place = (await inVersion2(controller, mounts, own)) ?? (await inVersion1(controller, mounts, own));
    if (place) places.push(place);
  }
  return {
    places,
    async create(name, limits) {
      const folders = [...new Set(places.map(({ parent }) => path.join(parent, name)))];
      const group = openControlGroup(folders);
      try {
        for (const folder of folders) await mkdir(folder, { recursive: true });
        for (const place of places) await setLimit(place, path.join(place.parent, name), limits);
      } catch (error) {
        await group.remove();
        throw error;
      }
      return group;
    },
  };
}

async function setLimit(place: ControllerPlace, folder: string, limits: SandboxLimits): Promise<void> {
  for (const { file, value, optional } of settingsOf(place, limits)) {
    const set = writeFile(path.join(folder, file), String(value));
    await (optional ? set.catch(() => {}) : set);
  }
}

/** What is written to which file, in this order; the optional ones do not exist on every kernel. */
export function settingsOf(
  { controller, version }: Pick<ControllerPlace, 'controller' | 'version'>,
  limits: SandboxLimits,
): { file: string; value: string | number; optional?: boolean }[] {
  const quota = Math.max(1000, Math.round(limits.cpu * CPU_PERIOD_US));
  switch (controller) {
    case 'pids':
      return [{ file: 'pids.max', value: limits.pids }];
    case 'memory':
      return version === 2
        ? [
            { file: 'memory.max', value: limits.memoryBytes },
            { file: 'memory.swap.max', value: 0, optional: true },
          ]
        : [
            { file: 'memory.limit_in_bytes', value: limits.memoryBytes },
            { file: 'memory.memsw.limit_in_bytes', value: limits.memoryBytes, optional: true },
          ];
    case 'cpu':
      return version === 2
        ? [{ file: 'cpu.max', value: `${quota} ${CPU_PERIOD_US}` }]
        : [
            { file: 'cpu.cfs_period_us', value: CPU_PERIOD_US },
            { file: 'cpu.cfs_quota_us', value: quota },
          ];
  }
}

interface Mount {
  /** What of the hierarchy is mounted. */
  root: string;
  point: string;
  version: 1 | 2;
  controllers: readonly string[];
}

/** The mounted hierarchies, from `/proc/self/mountinfo`. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, point] = left.split(' ');
    const [type, , options = ''] = right.split(' ');
    if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ root, point, version: type === 'cgroup2' ? 2 : 1, controllers: options.split(',') } as const];
  });
}

/** Our own groups by controller, from `/proc/self/cgroup`; that of version 2 has the name ''. */
export function parseOwnGroups(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, names, ...rest] = line.split(':');
    if (names === undefined || rest.length === 0) continue;
    for (const name of names.split(',')) groups.set(name, rest.join(':'));
  }
  return groups;
}

async function inVersion1(
  controller: Controller,
  mounts: readonly Mount[],
  own: Map<string, string>,
): Promise<ControllerPlace | undefined> {
  const mount = mounts.find(({ version, controllers }) => version === 1 && controllers.includes(controller));
  const group = own.get(controller);
  if (!mount || group === undefined) return undefined;
  const place = { controller, version: 1, parent: folderOf(mount, group) } as const;
  return (await works(place)) ? place : undefined;
}

async function inVersion2(
  controller: Controller,
  mounts: readonly Mount[],
  own: Map<string, string>,
): Promise<ControllerPlace | undefined> {
  const mount = mounts.find(({ version }) => version === 2);
  const group = own.get('');
  if (!mount || group === undefined) return undefined;
  const folder = folderOf(mount, group);
  // A group with controllers for its children holds no process itself: the manager lives in one beside the sandboxes.
  const parent = path.basename(folder) === MANAGER ? path.dirname(folder) : folder;
  if (!(await passesOn(parent, controller))) return undefined;
  const place = { controller, version: 2, parent } as const;
  return (await works(place)) ? place : undefined;
}

/** Lets the groups below have the controller, which may need that no process stays in the group itself. */
async function passesOn(parent: string, controller: Controller): Promise<boolean> {
  const words = (text: string) => text.trim().split(/\s+/);
  if (!words(await readText(path.join(parent, 'cgroup.controllers'))).includes(controller)) return false;
  const file = path.join(parent, 'cgroup.subtree_control');
  if (words(await readText(file)).includes(controller)) return true;
  const enable = () =>
    writeFile(file, `+${controller}`).then(
      () => true,
      () => false,
    );
  if (await enable()) return true;
  if (!(await canWrite(file))) return false;
  const manager = path.join(parent, MANAGER);
  try {
    await mkdir(manager, { recursive: true });
    for (const pid of words(await readText(path.join(parent, 'cgroup.procs'))).filter(Boolean)) {
      await writeFile(path.join(manager, 'cgroup.procs'), pid);
    }
  } catch {
    return false;
  }
  return enable();
}

const LIMIT_FILES: Record<Controller, Record<1 | 2, string>> = {
  memory: { 1: 'memory.limit_in_bytes', 2: 'memory.max' },
  pids: { 1: 'pids.max', 2: 'pids.max' },
  cpu: { 1: 'cpu.cfs_quota_us', 2: 'cpu.max' },
};

/** Tries it: what files say about permissions is not all. */
async function works({ controller, version, parent }: ControllerPlace): Promise<boolean> {
  const folder = path.join(parent, `wegent-probe-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(folder);
  } catch {
    return false;
  }
  try {
    return (
      (await canWrite(path.join(folder, LIMIT_FILES[controller][version]))) &&
      (await canWrite(path.join(folder, 'cgroup.procs'))) &&
      (await canWrite(path.join(parent, 'cgroup.procs')))
    );
  } finally {
    await rmdir(folder).catch(() => {});
  }
}

function folderOf(mount: Mount, group: string): string {
  const inside =
    mount.root !== '/' && (group === mount.root || group.startsWith(`${mount.root}/`))
      ? group.slice(mount.root.length)
      : group;
  return path.join(mount.point, inside);
}

async function canWrite(file: string): Promise<boolean> {
  try {
    await access(file, 2);
    return true;
  } catch {
    return false;
  }
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
