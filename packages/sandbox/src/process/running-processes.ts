import { setTimeout as delay } from 'node:timers/promises';
import type { ControlGroup } from './control-group.ts';
import {
  childrenOf,
  findByEnvironment,
  findProcess,
  innerPid,
  isAlive,
  type ProcessRef,
  send,
  signalProcess,
} from './process-table.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** The processes of one sandbox, ours or those of a manager that died. */
export interface RunningProcesses {
  /** Fulfilled when the executor has ended. */
  readonly exited: Promise<void>;
  /** Asks the executor to end. */
  ask(): Promise<void>;
  /** Ends all of them now; fulfilled when none is left. */
  kill(): Promise<void>;
  /** Lets the kernel take what the executor started before it takes the executor, when memory is short. */
  preferChildren(): Promise<void>;
}

const POLL_MS = 200;
const AGAIN_MS = 5;
const ROUNDS = 2000;
const EXECUTOR_INSIDE = 2;

/** The processes that a record tells of; `exited` is given by who started them. */
export function runningProcesses({
  record,
  group,
  exited,
  mark,
}: {
  record: SandboxRecord;
  group: ControlGroup;
  exited?: Promise<void>;
  mark?: string;
}): RunningProcesses {
  const { first, outer } = record;

  /** In a name space of its own it is the second process, else it is what we started. */
  async function executor(): Promise<ProcessRef | undefined> {
    if (!first) return outer;
    if (!(await isAlive(first))) return undefined;
    for (const pid of await childrenOf(first.pid)) {
      if ((await innerPid(pid)) === EXECUTOR_INSIDE) return findProcess(pid);
    }
    return undefined;
  }

  async function killAll(): Promise<void> {
    // With the first process of its name space the kernel ends all others, and lets none be started.
    if (first) await signalProcess(first, 'SIGKILL');
    else if (outer && (await isAlive(outer))) await killWithChildren(outer.pid, mark !== undefined);
    if (group.folders.length > 0) await group.kill();
    else if (mark !== undefined) await killMarked(mark);
    if (first) await waitForEnd(first);
    if (outer) {
      await signalProcess(outer, 'SIGKILL');
      await waitForEnd(outer);
    }
  }

  return {
    get exited() {
      const ref = outer ?? first;
      return exited ?? (ref ? pollUntilEnd(ref) : Promise.resolve());
    },
    async ask() {
      const ref = await executor();
      if (ref) await signalProcess(ref, 'SIGTERM');
    },
    kill: killAll,
    async preferChildren() {
      const spared = new Set([outer?.pid, first?.pid, (await executor())?.pid]);
      await group.sacrifice(spared);
    },
  };
}

/** What started a name space that we do not know of yet: its children go first, then it. */
async function killWithChildren(pid: number, leadsGroup: boolean): Promise<void> {
  // It starts no others while it is looked at.
  send(pid, 'SIGSTOP');
  const children = await childrenOf(pid);
  if (leadsGroup) send(-pid, 'SIGKILL');
  for (const child of children) send(child, 'SIGKILL');
  send(pid, 'SIGKILL');
}

/** Again and again, since they can start others meanwhile. */
async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await findByEnvironment(mark);
    if (found.length === 0) return;
    for (const pid of found) send(pid, 'SIGKILL');
    await delay(AGAIN_MS);
  }
}

async function waitForEnd(ref: ProcessRef): Promise<void> {
  for (let round = 0; round < ROUNDS && (await isAlive(ref)); round += 1) await delay(AGAIN_MS);
}

/** Processes that are not our children tell nobody when they end. */
async function pollUntilEnd(ref: ProcessRef): Promise<void> {
  while (await isAlive(ref)) await delay(POLL_MS, undefined, { ref: false });
}
