import { chmod, lstat, open, rename, rm } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Longest path of a socket that the kernel takes. */
const LONGEST = process.platform === 'linux' ? 107 : 103;
const AGAIN_MS = 8;
const ANSWER_MS = 1000;

/** A name for the folder that is short however deep it lies, until it is given back. */
export interface ShortFolder {
  path: string;
  close(): Promise<void>;
}

/** Where sockets in the folder can be reached from this process. */
export async function openShortFolder(folder: string): Promise<ShortFolder> {
  const longest = path.join(folder, 'run', 'executor.sock');
  if (Buffer.byteLength(longest) <= LONGEST || process.platform !== 'linux') {
    return { path: folder, close: async () => {} };
  }
  const handle = await open(folder, 'r');
  return { path: `/proc/self/fd/${handle.fd}`, close: () => handle.close() };
}

/** Waits until an HTTP server answers at the socket, whatever it says. Rejects when the signal aborts. */
export async function reachSocket(socketPath: string, signal: AbortSignal): Promise<void> {
  while (!((await isSocket(socketPath)) && (await answers(socketPath, signal)))) {
    await delay(AGAIN_MS, undefined, { signal });
  }
  signal.throwIfAborted();
}

/**
 * Moves the socket to where the sandbox does not see it, so that only we can connect. Who listens notices nothing.
 * The folder it comes from belongs to the sandbox; the one it goes to does not.
 */
export async function takeSocketOut(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await rename(from, to);
  if (!(await isSocket(to))) {
    await rm(to, { force: true });
    throw new Error('what the executor left in place of its socket is none');
  }
  await chmod(to, 0o600);
}

/** Not by following a link: that could lead to any socket of the host. */
async function isSocket(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined))?.isSocket() ?? false;
}

function answers(socketPath: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { socketPath, path: '/healthz', agent: false, timeout: ANSWER_MS, signal },
      (answer) => {
        answer.resume();
        answer.on('error', () => {});
        resolve(true);
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
