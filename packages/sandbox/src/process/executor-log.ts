import { open, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';

const LARGEST = 1024 ** 2;
const TAIL = 2000;

/** Where a sandbox's executor writes what goes wrong; nobody else reads or writes it. */
export function logFileOf(folder: string): string {
  return path.join(folder, 'executor.log');
}

/** A new log. It is appended to, so that it can be cut while somebody writes. */
export async function openLog(folder: string) {
  await rm(logFileOf(folder), { force: true });
  return open(logFileOf(folder), 'ax', 0o600);
}

/** Empties a log that has grown too long: agents can write to it as well. */
export async function cutLog(folder: string): Promise<void> {
  const file = logFileOf(folder);
  if (((await stat(file).catch(() => undefined))?.size ?? 0) > LARGEST) await truncate(file);
}

/** The end of a log, without what a terminal would take for commands. */
export async function tailOfLog(folder: string): Promise<string> {
  const handle = await open(logFileOf(folder), 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.subarray(0, bytesRead).toString();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what has to go
    return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').trim();
  } finally {
    await handle.close();
  }
}
