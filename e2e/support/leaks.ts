import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '@wegent/testing';
import { expect } from 'vitest';
import { insideOf, type SandboxProcess, stillThere } from './sandbox-processes.ts';

/** What the sandboxes of some managers consist of on this machine. */
export interface Traces {
  sandboxIds: string[];
  processes: SandboxProcess[];
  namespaces: string[];
}

/** Notes the sandboxes below the data folders, while they live. */
export async function tracesOf(dataDirs: readonly string[]): Promise<Traces> {
  const ids = await Promise.all(
    dataDirs.map((dataDir) => readdir(path.join(dataDir, 'sandboxes')).catch((): string[] => [])),
  );
  const processes = (await Promise.all(dataDirs.map(insideOf))).flat();
  return {
    sandboxIds: ids.flat().filter((name) => /^[0-9a-f]{12}$/.test(name)),
    processes,
    namespaces: await networkNamespaces(),
  };
}

/** Nothing of them may be left when their managers have ended: no process, no control group, no socket. */
export async function expectNothingLeft({ sandboxIds, processes }: Traces): Promise<void> {
  expect(sandboxIds.length, 'sandboxes that were looked at').toBeGreaterThan(0);
  expect(await stillThere(processes), 'processes of its sandboxes').toEqual([]);
  const isOurs = (name: string) => sandboxIds.some((id) => name.includes(id));
  const groups = await readdir('/sys/fs/cgroup', { recursive: true }).catch((): string[] => []);
  expect(groups.filter(isOurs), 'control groups').toEqual([]);
  const sockets = (await promisify(execFile)('cat', ['/proc/net/unix'])).stdout.split('\n');
  expect(sockets.filter(isOurs), 'sockets').toEqual([]);
}

/** Names of the network name spaces of this machine. */
export async function networkNamespaces(): Promise<string[]> {
  const program = findProgram('ip');
  if (program === undefined) return [];
  const { stdout } = await promisify(execFile)(program, ['netns', 'list']);
  return stdout
    .split('\n')
    .flatMap((line) => line.split(' ')[0] ?? [])
    .filter(Boolean);
}
