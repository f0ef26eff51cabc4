import { createHash } from 'node:crypto';

/** Characters of a manager's name that its queue shows. */
const SHOWN = 60;

/**
 * The queue of one manager: runs of tasks whose sandboxes it has. Names of queues hold lower-case letters, digits and
 * `-` only, so a hash tells managers apart whose names come out alike.
 */
export function sandboxQueueOf(managerId: string): string {
  const shown = managerId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SHOWN)
    .replaceAll(/^-+|-+$/g, '');
  const hash = createHash('sha256').update(managerId).digest('hex').slice(0, 8);
  return ['sandbox', shown, hash].filter((part) => part !== '').join('-');
}
