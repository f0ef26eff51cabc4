import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type ControlGroup, openControlGroup } from './control-group.ts';
import { openShortFolder } from './executor-socket.ts';
import { isAlive } from './process-table.ts';
import { type RunningProcesses, runningProcesses } from './running-processes.ts';
import { removeToken } from './sandbox-folder.ts';
import { readBootId, type SandboxRecord, type SandboxRecords } from './sandbox-record.ts';
import type { Walls } from './walls.ts';

/** Does the sandbox of a record live? */
export async function lives({ first, outer, bootId }: SandboxRecord): Promise<boolean> {
  const ref = first ?? outer;
  return ref !== undefined && bootId === (await readBootId()) && isAlive(ref);
}

/** The processes and the group of a record that another manager wrote. */
export function processesOf(
  walls: Walls,
  record: SandboxRecord,
): { processes: RunningProcesses; group: ControlGroup } {
  const group = openControlGroup(record.groups);
  const mark = walls.markOf?.(record.id);
  return { group, processes: runningProcesses({ record, group, ...(mark === undefined ? {} : { mark }) }) };
}

/** Ends what is left of a sandbox, and takes everything of it away but its folder. The record goes last. */
export async function removeRemains(
  walls: Walls,
  records: SandboxRecords,
  record: SandboxRecord,
): Promise<void> {
  if (record.bootId === (await readBootId())) {
    const { processes, group } = processesOf(walls, record);
    await processes.kill();
    await group.remove();
  }
  // The folder may be gone with its owner's record.
  const short = await openShortFolder(record.folder).catch(() => undefined);
  if (short) {
    await rm(path.join(short.path, 'executor.sock'), { force: true });
    await short.close();
    await removeToken(record);
  }
  await records.remove(record.id);
}
