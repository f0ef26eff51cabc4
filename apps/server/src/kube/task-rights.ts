import type { KindDefinition } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Verb } from '../access/roles.ts';
import type { Principal } from '../auth/principal.ts';
import { aboutTasks } from '../resources/resource-reader.ts';

/** What somebody wants of Tasks; without a name, of those of the namespace. */
interface TaskWish {
  principal: Principal;
  definition: KindDefinition;
  namespace: string;
  /** Empty for no certain one. */
  name: string;
  right: Verb;
  /** Whether the role in the namespace allows it. */
  byRole: boolean;
}

const READS: ReadonlySet<Verb> = new Set<Verb>(['get', 'list', 'watch']);

/** Tells rights in Tasks, see `createTaskRights`. */
export type TaskRights = ReturnType<typeof createTaskRights>;

/**
 * A Task is seen and talked to by those who take part in it, whatever their role; what changes it takes the role
 * besides, and only its owner deletes it. What shows Tasks in another way, Pods and Events, goes with them.
 */
export function createTaskRights({ store }: { store: Store }) {
  async function partIn(
    { userId }: Principal,
    namespace: string,
    name: string,
  ): Promise<'owner' | 'member' | undefined> {
    const object = await store.resources.get('Task', namespace, name);
    const task = object && (await store.tasks.get(object.metadata.uid ?? ''));
    if (!task || !(await store.tasks.isMember(task.id, userId))) return undefined;
    return task.ownerId === userId ? 'owner' : 'member';
  }

  return {
    /** Does it take more, or less, than the role? */
    concerns: (definition: KindDefinition): boolean => aboutTasks(definition),

    async may({ principal, definition, namespace, name, right, byRole }: TaskWish): Promise<boolean> {
      if (name === '' || definition.kind === 'Event') {
        const reads = right === 'list' || right === 'watch' || (right === 'get' && name !== '');
        return byRole || (reads && (await store.tasks.namespacesOf(principal.userId)).includes(namespace));
      }
      // The name is still to be taken.
      if (right === 'create') return byRole;
      const part = await partIn(principal, namespace, name);
      if (READS.has(right) || right === 'run') return part !== undefined;
      return byRole && (right === 'delete' ? part === 'owner' : part !== undefined);
    },
  };
}
