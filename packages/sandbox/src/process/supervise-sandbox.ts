import path from 'node:path';
import type { RunError } from '@wegent/api';
import type { Sandbox, SandboxAddress, SandboxEnd } from '../sandbox.ts';
import type { ControlGroup } from './control-group.ts';
import { watchDisk } from './disk-watch.ts';
import { cutLog, logFileOf, tailOfLog } from './executor-log.ts';
import type { RunningProcesses } from './running-processes.ts';
import { PARTS } from './sandbox-folder.ts';
import type { SandboxRecord } from './sandbox-record.ts';

const TEND_MS = 1000;
/** What Node writes when it cannot get more memory, where no kernel ends it for that. */
const OUT_OF_MEMORY = /out of memory|allocation.failed|allocate memory|ENOMEM/i;

/** A sandbox that lives, watched until it ends in one way or the other. */
export function superviseSandbox({
  record,
  processes,
  group,
  address,
  cleanUp,
}: {
  record: SandboxRecord;
  processes: RunningProcesses;
  group: ControlGroup;
  address: SandboxAddress;
  /** Takes away what it held. */
  cleanUp: () => Promise<void>;
}): { sandbox: Sandbox; end(how: SandboxEnd): Promise<SandboxEnd> } {
  const { id, folder, labels } = record;
  const ended = Promise.withResolvers<SandboxEnd>();
  let ending: Promise<SandboxEnd> | undefined;
  let oomKills = 0;
  const exited = processes.exited;

  const tending = setInterval(() => {
    void Promise.all([processes.preferChildren(), cutLog(folder)]).catch(() => {});
  }, TEND_MS);
  tending.unref();
  const watch = watchDisk({
    folders: [...PARTS.map((part) => path.join(folder, part)), logFileOf(folder)],
    limitBytes: record.diskBytes,
    onFull: (message) => void end({ cause: 'failed', error: failed(message) }),
  });

  async function finish(how: SandboxEnd, graceMs: number): Promise<SandboxEnd> {
    if (graceMs > 0) await askToEnd(graceMs);
    clearInterval(tending);
    watch[Symbol.dispose]();
    await processes.kill();
    oomKills = await group.oomKills();
    await cleanUp().catch(() => {});
    ended.resolve(how);
    return how;
  }

  async function askToEnd(graceMs: number): Promise<void> {
    await processes.ask();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, graceMs);
    await Promise.race([exited, late.promise]);
    clearTimeout(timer);
  }

  function end(how: SandboxEnd, graceMs = 0): Promise<SandboxEnd> {
    ending ??= finish(how, graceMs);
    return ending;
  }

  async function tellWhy(): Promise<RunError> {
    const detail = await tailOfLog(folder).catch(() => '');
    const outOfMemory = (await group.oomKills()) > 0 || OUT_OF_MEMORY.test(detail);
    return {
      ...(outOfMemory
        ? {
            reason: 'SandboxOutOfMemory',
            message: 'the sandbox used up its memory: raise the memory limit of the Shell',
            retryable: false,
          }
        : failed('the executor of the sandbox ended by itself')),
      ...(detail === '' ? {} : { detail }),
    };
  }

  void exited.then(async () => {
    if (ending) return;
    const error = await tellWhy();
    await end({ cause: 'failed', error });
  });

  return {
    end,
    sandbox: {
      id,
      labels,
      address,
      // The group goes with the sandbox, its count does not.
      oomKills: async () => Math.max(oomKills, await group.oomKills()),
      memoryBytes: () => group.memoryBytes(),
      ended: ended.promise,
      stop: (graceMs) => end({ cause: 'stopped' }, graceMs),
      kill: () => end({ cause: 'killed' }),
    },
  };
}

function failed(message: string): RunError {
  return { reason: 'SandboxFailed', message, retryable: true };
}
