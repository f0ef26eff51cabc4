import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '@wegent/testing';

interface ProcessInfo {
  pid: number;
  parent: number;
  command: string;
}

/** Command lines of what runs in the local sandboxes of a product. */
export async function insideOf(dataDir: string): Promise<string[]> {
  return (await processesOf(dataDir)).map(({ command }) => command);
}

/** Kills the executor, or the engine's own process, in the only sandbox of a product. */
export async function killInside({
  dataDir,
  who,
}: {
  dataDir: string;
  who: 'executor' | 'agent';
}): Promise<void> {
  const pattern = who === 'executor' ? /^\/opt\/node\/bin\/node .*main\.js/ : /claude/;
  const found = (await processesOf(dataDir)).find(({ command }) => pattern.test(command));
  if (!found) throw new Error(`no ${who} in ${JSON.stringify(await insideOf(dataDir))}`);
  process.kill(found.pid, 'SIGKILL');
}

/** What still runs of a product's sandboxes a moment after its end; empty when all is well. */
export async function leftBehind(dataDir: string): Promise<string[]> {
  let left: string[] = [];
  await waitFor(
    async () => {
      left = await insideOf(dataDir);
      return left.length === 0;
    },
    { what: 'the end of the sandboxes' },
  ).catch(() => undefined);
  return left;
}

/** A sandbox begins with a process that names its folder; everything below it belongs to it. */
async function processesOf(dataDir: string): Promise<ProcessInfo[]> {
  const all = await processes();
  const folder = path.join(dataDir, 'sandboxes');
  const ids = new Set(
    all.filter(({ command }) => command.includes('bwrap') && command.includes(folder)).map(({ pid }) => pid),
  );
  for (let before = -1; before !== ids.size; ) {
    before = ids.size;
    for (const { pid, parent } of all) if (ids.has(parent)) ids.add(pid);
  }
  return all.filter(({ pid }) => ids.has(pid));
}

async function processes(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (name): Promise<ProcessInfo | undefined> => {
      try {
        const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
        const status = await readFile(`/proc/${name}/stat`, 'utf8');
        const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
        return command === '' ? undefined : { pid: Number(name), parent, command };
      } catch {
        // It ended meanwhile.
        return undefined;
      }
    }),
  );
  return found.filter((info) => info !== undefined);
}
