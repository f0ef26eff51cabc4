import { createHash } from 'node:crypto';
import type { HostUser } from '../process/sandbox-folder.ts';

/**
 * Where sandboxes take their host users from when the manager is root: above what distributions, systemd and
 * containers use (`man systemd.uid` leaves 1879048192–2147483647 free).
 */
export const HOST_USERS = { first: 1_900_000_000, count: 2 ** 24 } as const;

/** The same user for a sandbox each time, so that its files need no new owner, unless somebody else has it. */
export function chooseHostUser(installation: string, id: string, taken: ReadonlySet<number>): HostUser {
  const hash = createHash('sha256').update(`${installation}\0${id}`).digest();
  let offset = hash.readUInt32LE(0) % HOST_USERS.count;
  while (taken.has(HOST_USERS.first + offset)) offset = (offset + 1) % HOST_USERS.count;
  const uid = HOST_USERS.first + offset;
  return { uid, gid: uid };
}
