import type { Store } from '@wegent/store';
import type { Access } from '../access/access.ts';
import type { ObjectKey } from './resource-reader.ts';

const MAX_NAMED = 10;

/**
 * Says who uses an object ("Team default/helpers, 3 tasks"), or undefined when nobody does. Users that the
 * principal may not see are counted, not named.
 */
export async function describeUse({
  store,
  access,
  key,
}: {
  store: Store;
  access: Access;
  key: ObjectKey;
}): Promise<string | undefined> {
  const { principal, definition, namespace, name } = key;
  const referrers = (await store.resources.referrers(definition.kind, namespace, name)).filter(
    ({ kind }) => kind !== 'Task',
  );
  const visible = await Promise.all(
    referrers.map((referrer) =>
      access.can(principal, 'get', referrer.kind, referrer.namespace, referrer.name),
    ),
  );
  const named = referrers.filter((_, index) => visible[index]).slice(0, MAX_NAMED);
  const others = referrers.length - named.length;
  const tasks = definition.kind === 'Team' ? await store.tasks.usingTeam(namespace, name) : 0;
  const parts = [
    ...named.map((referrer) => `${referrer.kind} ${referrer.namespace}/${referrer.name}`),
    ...(others > 0 ? [`${others} ${others === 1 ? 'other object' : 'other objects'}`] : []),
    ...(tasks > 0 ? [`${tasks} ${tasks === 1 ? 'task' : 'tasks'}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}
