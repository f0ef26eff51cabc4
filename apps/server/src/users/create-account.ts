import { ApiError, DEFAULT_NAMESPACE } from '@wegent/api';
import { newId, type Store, type UserRow } from '@wegent/store';

/** What a new account starts with. */
export interface NewAccount {
  username: string;
  passwordHash: string;
  role: 'admin' | 'user';
  displayName?: string | undefined;
  email?: string | undefined;
  /** Its own namespace; named like the user unless given. */
  namespace?: string;
  /** Now, in ms since 1970. */
  now: number;
}

/** Writes a user and the namespace that belongs to it. Call it in a transaction; throws `AlreadyExists`. */
export async function createAccount(tx: Store, account: NewAccount): Promise<UserRow> {
  const { username, now } = account;
  const namespace = account.namespace ?? username;
  if (await tx.users.byUsername(username)) {
    throw new ApiError('AlreadyExists', `users "${username}" already exists`, {
      details: { name: username, kind: 'users' },
    });
  }
  const user: UserRow = {
    id: newId(),
    username,
    displayName: account.displayName ?? null,
    email: account.email ?? null,
    passwordHash: account.passwordHash,
    role: account.role,
    namespace,
    disabled: false,
    sessionEpoch: 0,
    preferences: {},
    createdAt: now,
    lastLoginAt: null,
  };
  const taken = (await tx.namespaces.get(namespace)) ?? (await tx.namespaces.get(namespace.toLowerCase()));
  if (taken && namespace !== DEFAULT_NAMESPACE) {
    const message = `namespaces "${taken.name}" already exists, so the user "${username}" would have no namespace of that name`;
    throw new ApiError('AlreadyExists', message, { details: { name: taken.name, kind: 'namespaces' } });
  }
  await tx.users.insert(user);
  if (!taken) {
    const displayName = account.displayName ?? null;
    await tx.namespaces.insert({
      name: namespace,
      type: 'personal',
      ownerId: user.id,
      displayName,
      createdAt: now,
    });
  }
  return user;
}
