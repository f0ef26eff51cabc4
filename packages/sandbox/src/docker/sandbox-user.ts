import type { HostUser } from '../process/sandbox-folder.ts';

/** Who an agent is where the manager is root, which an agent must not be. */
const AGENT: HostUser = { uid: 1000, gid: 1000 };

/** Who the processes of containers are: the user of this process, or the agent's own where that is root. */
export function sandboxUser(): HostUser {
  const uid = process.getuid?.() ?? AGENT.uid;
  return uid === 0 ? AGENT : { uid, gid: process.getgid?.() ?? uid };
}
