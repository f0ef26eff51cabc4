import { ApiError } from '@wegent/api';
import type { Store, UserRow } from '@wegent/store';

/** The users of these names who may sign in; Invalid, naming those that there are not. */
export async function findParticipants(store: Store, names: readonly string[]): Promise<UserRow[]> {
  if (names.length === 0) return [];
  const users = (await store.users.byUsernames(names)).filter((user) => !user.disabled);
  const missing = names.filter(
    (name) => !users.some((user) => user.username.toLowerCase() === name.toLowerCase()),
  );
  if (missing.length === 0) return users;
  throw new ApiError('Invalid', `there is no user ${missing.map((name) => `"${name}"`).join(', ')}`, {
    details: {
      causes: missing.map((name) => ({
        reason: 'FieldValueNotFound',
        field: 'participants',
        message: `user "${name}" not found`,
      })),
    },
  });
}
