import type { User } from '@wegent/api';
import type { UserRow } from '@wegent/store';
import { toTime } from '../http/time.ts';

/** A user as the API shows it: without the hash of the password. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    ...(row.displayName === null ? {} : { displayName: row.displayName }),
    ...(row.email === null ? {} : { email: row.email }),
    role: row.role,
    namespace: row.namespace,
    disabled: row.disabled,
    preferences: row.preferences,
    createdAt: toTime(row.createdAt),
    ...(row.lastLoginAt === null ? {} : { lastLoginAt: toTime(row.lastLoginAt) }),
  };
}
