import type { UserRow } from '@wegent/store';

/** Who makes a request, as far as rules need to know. */
export interface Principal {
  userId: string;
  username: string;
  role: 'admin' | 'user';
  /** The user's own namespace, where they are Owner. */
  namespace: string;
  via: 'session' | 'api-key';
  /** What ends when it is signed out: the session's family, or the id of the API key. */
  sessionId?: string;
  /** When this proof of identity ends, in ms since 1970; absent for API keys without an end. */
  expiresAt?: number;
}

/** The principal for work that is done in a user's name while they are away: what waited, or what they share. */
export function principalOfUser({ id, username, role, namespace }: UserRow): Principal {
  return { userId: id, username, role, namespace, via: 'session' };
}
