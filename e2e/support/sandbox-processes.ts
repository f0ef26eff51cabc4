import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '@wegent/testing';
import { z } from 'zod';

/** A process of a sandbox; `startTime` tells it from a later one with its number. */
export interface SandboxProcess {
  pid: number;
  parent: number;
  startTime: string;
  command: string;
}

const Record = z.object({
  outer: z.object({ pid: z.number() }).optional(),
  first: z.object({ pid: z.number() }).optional(),
});

/** What runs in the local sandboxes of a product. */
export async function insideOf(dataDir: string): Promise<SandboxProcess[]> {
  const all = await processes();
  const ids = new Set(await roots(path.join(dataDir, 'sandbox-state')));
  for (let before = -1; before !== ids.size; ) {
    before = ids.size;
    for (const { pid, parent } of all) if (ids.has(parent)) ids.add(pid);
  }
  return all.filter(({ pid }) => ids.has(pid));
}

/** Kills the executor, or the engine's own process, in the only sandbox of a product. */
export async function killInside({
  dataDir,
  who,
}: {
  dataDir: string;
  who: 'executor' | 'agent';
}): Promise<void> {
  const inside = await insideOf(dataDir);
  const pattern = who === 'executor' ? /^\S*node \S*main\.js/ : /^\S*\/claude /;
  const found = inside.find(({ command }) => pattern.test(command));
  if (!found) throw new Error(`no ${who} in ${JSON.stringify(inside.map(({ command }) => command))}`);
  process.kill(found.pid, 'SIGKILL');
}

/** Which of these processes still run a moment later; empty when all is well. */
export async function stillThere(before: readonly SandboxProcess[]): Promise<string[]> {
  let left: SandboxProcess[] = [];
  await waitFor(
    async () => {
      const now = await processes();
      left = before.filter(({ pid, startTime }) =>
        now.some((other) => other.pid === pid && other.startTime === startTime),
      );
      return left.length === 0;
    },
    { what: 'the end of the sandboxes' },
  ).catch(() => undefined);
  return left.map(({ pid, command }) => `${pid} ${command}`);
}

async function roots(stateFolder: string): Promise<number[]> {
  const names = await readdir(stateFolder).catch((): string[] => []);
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.sandbox.json'))
      .map(async (name) => {
        const text = await readFile(path.join(stateFolder, name), 'utf8').catch(() => '{}');
        return Record.parse(JSON.parse(text));
      }),
  );
  return records.flatMap(({ outer, first }) => [outer?.pid ?? [], first?.pid ?? []].flat());
}

async function processes(): Promise<SandboxProcess[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<SandboxProcess | undefined> => {
      try {
        const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
        const stat = await readFile(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A zombie has no command line and waits for its parent only.
        if (command === '') return undefined;
        return { pid: Number(name), parent: Number(fields[1]), startTime: fields[19] ?? '', command };
      } catch {
        // It ended meanwhile.
        return undefined;
      }
    }),
  );
  return found.filter((info) => info !== undefined);
}
