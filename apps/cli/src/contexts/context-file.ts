import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError } from '../failure.ts';

/** A server and who one is there. */
export const Context = z.object({
  server: z.string(),
  namespace: z.string(),
  username: z.string().optional(),
  /** PEM of the authority that signed the server's certificate. */
  certificateAuthority: z.string().optional(),
  apiKey: z.string().optional(),
  refreshToken: z.string().optional(),
  accessToken: z.string().optional(),
  expiresAt: z.string().optional(),
});
export type Context = z.infer<typeof Context>;

/** All that the command remembers. It holds secrets: only its owner may read it. */
export const ContextFile = z.object({
  currentContext: z.string().optional(),
  contexts: z.record(z.string(), Context).default({}),
});
export type ContextFile = z.infer<typeof ContextFile>;

/** A lock that is older belongs to a command that was killed. */
const STALE_LOCK_MS = 30_000;

/** Reads the file; an absent one is empty. Throws when it is no file of ours. */
export async function readContextFile(file: string): Promise<ContextFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw new CommandError(`${file} cannot be read: ${error.message}`);
  });
  await warnOfReaders(file);
  const parsed = ContextFile.safeParse(parseJson(text));
  if (!parsed.success)
    throw new CommandError(`${file} is damaged; repair or remove it, then run \`wegent login\` again`);
  return parsed.data;
}

/**
 * Changes the file while no other command does: `change` gets what is there and answers what shall be. Two commands at
 * once must not spend the same refresh token, which the server takes for theft.
 */
export async function changeContextFile<Result>(
  file: string,
  change: (now: ContextFile) => Promise<{ next: ContextFile; result: Result }>,
): Promise<Result> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unlock = await lock(`${file}.lock`);
  try {
    const now = await readContextFile(file);
    const { next, result } = await change(now);
    if (next !== now) await replace(file, next);
    return result;
  } finally {
    await unlock();
  }
}

const warned = new Set<string>();

/** Says once when others can read the secrets; nothing is refused, as a mounted file may not be changeable. */
async function warnOfReaders(file: string): Promise<void> {
  if (process.platform === 'win32' || warned.has(file)) return;
  const mode = await stat(file).then(
    (found) => found.mode,
    () => 0,
  );
  if ((mode & 0o077) === 0) return;
  warned.add(file);
  process.stderr.write(`warning: ${file} holds secrets that others can read; run \`chmod 600 ${file}\`\n`);
}

async function replace(file: string, content: ContextFile): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
}

async function lock(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_LOCK_MS) await rm(file, { force: true });
    await sleep(25);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
