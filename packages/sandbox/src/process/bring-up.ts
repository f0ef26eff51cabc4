import path from 'node:path';
import { ApiError } from '@wegent/api';
import type { SandboxLimits, SandboxSpec } from '../sandbox.ts';
import type { ControlGroup } from './control-group.ts';
import { openLog, tailOfLog } from './executor-log.ts';
import { openShortFolder, reachSocket, takeSocketOut } from './executor-socket.ts';
import { startGated } from './gated-process.ts';
import { findProcess } from './process-table.ts';
import { type RunningProcesses, runningProcesses } from './running-processes.ts';
import type { HostUser } from './sandbox-folder.ts';
import type { SandboxRecord, SandboxRecords } from './sandbox-record.ts';
import type { Walls } from './walls.ts';

/** What a sandbox is started with. */
export interface StartParts {
  walls: Walls;
  records: SandboxRecords;
  spec: SandboxSpec;
  /** As it was saved before anything was started. */
  record: SandboxRecord;
  groupName: string;
  limits: SandboxLimits;
  user: HostUser | undefined;
  signal: AbortSignal;
}

/** A sandbox whose executor listens. */
export interface BroughtUp {
  record: SandboxRecord;
  processes: RunningProcesses;
  group: ControlGroup;
}

/**
 * Starts the processes of a sandbox and waits until the executor listens. What is started is written down before it
 * may begin, so that whoever finds the record finds all of it. Leaves what it has made when it fails.
 */
export async function bringUp(parts: StartParts): Promise<BroughtUp> {
  const { walls, spec, limits, user, signal } = parts;
  const group = await walls.groups.create(parts.groupName, limits);
  const launch = await walls.launch(spec, limits, user);
  const log = await openLog(spec.folder);
  try {
    const started = await startProcesses(parts, { group, launch, log: log.fd });
    await reachExecutor(spec, started.processes, signal);
    const record = { ...started.record, ready: true };
    await parts.records.save(record);
    return { record, processes: started.processes, group };
  } finally {
    await Promise.all([log.close(), launch.close()]);
  }
}

async function startProcesses(
  { walls, records, spec, record: former }: StartParts,
  { group, launch, log }: { group: ControlGroup; launch: Awaited<ReturnType<Walls['launch']>>; log: number },
): Promise<Omit<BroughtUp, 'group'>> {
  const { argv, env, files, cwd = '/' } = launch;
  const gated = await startGated({ argv, env, files, log, cwd });
  let record: SandboxRecord = { ...former, outer: gated.ref };
  try {
    await records.save(record);
    await group.add(gated.ref.pid);
  } catch (error) {
    gated.abandon();
    throw error;
  }
  const told = await gated.open();
  const firstPid = launch.firstPid?.(told);
  const first = firstPid === undefined ? undefined : await findProcess(firstPid);
  if (first) {
    record = { ...record, first };
    await records.save(record);
  }
  const mark = walls.markOf?.(spec.id);
  const processes = runningProcesses({
    record,
    group,
    exited: gated.exited,
    ...(mark === undefined ? {} : { mark }),
  });
  return { record, processes };
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
