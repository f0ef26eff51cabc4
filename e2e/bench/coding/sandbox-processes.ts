import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { clock } from '../clock.ts';

/** A process in a sandbox, as the host sees it. */
export interface SandboxProcess {
  pid: number;
  what: 'executor' | 'agent' | 'other';
  /** When it was started, by `clock`; to the hundredth of a second. */
  startedAt: number;
  residentBytes: number;
}

const TICK_MS = 10;

/**
 * What runs in the sandboxes of a product, whichever driver made them: each has a folder of the product's mounted, and
 * that stands in its table of mounts.
 */
export async function sandboxProcesses(dataDir: string): Promise<SandboxProcess[]> {
  // The table begins at the mounted file system, which may itself lie anywhere.
  const mark = `/${path.basename(dataDir)}/sandboxes/`;
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const mounts = await readFile(`/proc/${name}/mountinfo`, 'utf8').catch(() => '');
      return mounts.includes(mark) ? describe(Number(name)).catch(() => undefined) : undefined;
    }),
  );
  return found.filter((info) => info !== undefined);
}

/** Bytes of memory that a process of this machine has in use. */
export async function residentBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function describe(pid: number): Promise<SandboxProcess> {
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return {
    pid,
    what: /^\S*\/claude /.test(command)
      ? 'agent'
      : /^\S*node .*main\.js/.test(command)
        ? 'executor'
        : 'other',
    startedAt: ticks * TICK_MS - (await bootOffset),
    residentBytes: await residentBytesOf(pid),
  };
}

/** Milliseconds since the boot when `clock` was 0; the former is told in hundredths, so its next step is awaited. */
async function findBootOffset(): Promise<number> {
  const before = os.uptime();
  for (;;) {
    const now = os.uptime();
    if (now !== before) return now * 1000 - clock();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const bootOffset = findBootOffset();
