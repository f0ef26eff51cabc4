import { readdir, readFile } from 'node:fs/promises';

/**
 * Kills what a bridge has left behind: MCP servers have process groups of their own and need not mind that nobody
 * listens any more. They are known by a variable that nothing else has.
 */
export async function killMarked(mark: string): Promise<void> {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    names.map(async (name) => {
      const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
      if (!environment.split('\0').includes(`WEGENT_AGNO=${mark}`)) return;
      try {
        process.kill(Number(name), 'SIGKILL');
      } catch {
        // Already gone.
      }
    }),
  );
}
