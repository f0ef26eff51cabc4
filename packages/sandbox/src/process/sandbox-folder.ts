import { chmod, lchown, lstat, mkdir, opendir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApiError } from '@wegent/api';
import type { SandboxSpec } from '../sandbox.ts';

/** A user of the host. */
export interface HostUser {
  uid: number;
  gid: number;
}

/** The parts of a sandbox's folder that its agent can write to. */
export const PARTS = ['workspace', 'home', 'run'] as const;

/**
 * Makes what is missing of a sandbox's folder, gives it to the user that its processes have, and writes the token. The
 * parts can hold what an agent put there, also links that point out of it: nothing here follows one.
 */
export async function prepareFolder(
  { folder, token }: Pick<SandboxSpec, 'folder' | 'token'>,
  user: HostUser | undefined,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const part of PARTS) {
    const place = path.join(folder, part);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const { uid } = await requireFolder(place);
    if (user && uid !== user.uid) await giveTo(place, user, uid);
    // It belongs to the agent, who may have locked itself out or others in.
    await chmod(place, 0o700);
  }
  const run = path.join(folder, 'run');
  await removeToken({ folder });
  for (const name of await readdir(run)) {
    // What an earlier executor left; the gateway's sockets belong to the manager and stay its own.
    if (name.startsWith('executor')) await rm(path.join(run, name), { recursive: true, force: true });
  }
  const file = path.join(run, 'token');
  await writeFile(file, token, { flag: 'wx', mode: 0o400 });
  if (user) await lchown(file, user.uid, user.gid);
}

/** Takes the token away from where its executor did not. */
export async function removeToken({ folder }: Pick<SandboxSpec, 'folder'>): Promise<void> {
  await rm(path.join(folder, 'run', 'token'), { recursive: true, force: true });
}

async function requireFolder(place: string) {
  const found = await lstat(place);
  if (!found.isDirectory()) throw new ApiError('Invalid', `${place} has to be a folder`);
  return found;
}

/**
 * Changes the owner of everything below. A file with several names may be one of somebody else's: it changes only when
 * it belonged to the former owner, and that was no administrator.
 */
async function giveTo(place: string, user: HostUser, formerUid: number): Promise<void> {
  for await (const entry of await opendir(place)) {
    const inner = path.join(place, entry.name);
    const found = await lstat(inner).catch(() => undefined);
    if (!found) continue;
    if (found.isDirectory()) await giveTo(inner, user, formerUid);
    else if (found.nlink === 1 || (found.uid === formerUid && formerUid !== 0)) {
      await lchown(inner, user.uid, user.gid);
    }
  }
  await lchown(place, user.uid, user.gid);
}
