import { ApiError, type User, type UserCreate, type UserPatch } from '@wegent/api';
import type { Store, UserRow } from '@wegent/store';
import type { z } from 'zod';
import { notFound } from '../access/refusals.ts';
import type { Audit } from '../audit/audit.ts';
import { endAllSessions } from '../auth/end-all-sessions.ts';
import { hashPassword } from '../auth/password.ts';
import type { Principal } from '../auth/principal.ts';
import type { Signals } from '../auth/signals.ts';
import { createAccount } from '../users/create-account.ts';
import { refuseApiKey } from '../users/user.service.ts';
import { toUser } from '../users/user-view.ts';
import { decodeContinue, encodeContinue, type Page, type PageQuery } from './page.ts';
import { requireAdmin } from './require-admin.ts';

/** Written first by everyone who takes an administrator away, so that they wait for each other. */
const ADMINISTRATORS_LOCK = 'admin.administrators-lock';

/** Accounts, seen by administrators, see {@link createUserAdminService}. */
export type UserAdminService = ReturnType<typeof createUserAdminService>;

/**
 * Accounts are made and disabled here, never deleted: what they wrote stays theirs. Whatever takes rights away
 * ends the user's sessions and sockets at once.
 */
export function createUserAdminService(deps: {
  store: Store;
  signals: Signals;
  audit: Audit;
  now?: () => number;
}) {
  const { store, signals, audit, now = Date.now } = deps;

  return {
    /** A page of accounts in the order of their names. */
    async list(
      principal: Principal,
      query: PageQuery & { search?: string | undefined },
    ): Promise<Page<User>> {
      requireAdmin(principal);
      const after = decodeContinue(query.continue);
      const rows = await store.users.list({
        limit: query.limit + 1,
        ...(after === undefined ? {} : { after }),
        ...(query.search ? { search: query.search } : {}),
      });
      const items = rows.slice(0, query.limit);
      const last = rows.length > query.limit ? items.at(-1) : undefined;
      return { items: items.map(toUser), metadata: last ? { continue: encodeContinue(last.username) } : {} };
    },

    /** One account. */
    async get(principal: Principal, userId: string): Promise<User> {
      requireAdmin(principal);
      return toUser(await existing(store, userId));
    },

    /** Makes an account and its namespace. */
    async create(principal: Principal, input: z.output<typeof UserCreate>, address: string): Promise<User> {
      requireAdmin(principal);
      if (input.role === 'admin') refuseApiKey(principal, 'make administrators');
      const { password, ...account } = input;
      const passwordHash = await hashPassword(password);
      const user = await store.transaction((tx) =>
        createAccount(tx, { ...account, passwordHash, now: now() }),
      );
      audit.record({
        principal,
        action: 'user-create',
        target: targetOf(user),
        detail: { role: user.role },
        address,
      });
      return toUser(user);
    },

    /** Changes an account. Demoting or disabling the last active administrator is refused. */
    async update(
      principal: Principal,
      userId: string,
      patch: z.output<typeof UserPatch>,
      address: string,
    ): Promise<User> {
      requireAdmin(principal);
      if (patch.role === 'admin') refuseApiKey(principal, 'make administrators');
      const { user, revoked } = await store.transaction(async (tx) => {
        await tx.settings.set(ADMINISTRATORS_LOCK, { at: now() });
        const before = await existing(tx, userId);
        await tx.users.update(userId, changesOf(patch));
        await requireAdministrator(tx);
        const losesRights =
          (patch.role === 'user' && before.role === 'admin') || (patch.disabled === true && !before.disabled);
        if (losesRights) await endAllSessions(tx, before, now());
        return { user: await existing(tx, userId), revoked: losesRights };
      });
      await signals.send({ type: revoked ? 'user-revoked' : 'user-changed', userId });
      const { role, disabled } = patch;
      audit.record({
        principal,
        action: 'user-update',
        target: targetOf(user),
        detail: { fields: Object.keys(patch), role, disabled },
        address,
      });
      return toUser(user);
    },

    /** Gives an account a new password and ends all of its sessions. */
    async resetPassword(
      principal: Principal,
      userId: string,
      password: string,
      address: string,
    ): Promise<void> {
      requireAdmin(principal);
      refuseApiKey(principal, 'reset passwords');
      await existing(store, userId);
      const passwordHash = await hashPassword(password);
      const user = await store.transaction(async (tx) => {
        const row = await existing(tx, userId);
        await tx.users.update(userId, { passwordHash });
        await endAllSessions(tx, row, now());
        return row;
      });
      await signals.send({ type: 'user-revoked', userId });
      audit.record({ principal, action: 'password-reset', target: targetOf(user), address });
    },
  };
}

async function existing(store: Store, userId: string): Promise<UserRow> {
  const user = await store.users.get(userId);
  if (!user) throw notFound('User', userId);
  return user;
}

async function requireAdministrator(tx: Store): Promise<void> {
  if ((await tx.users.count({ role: 'admin', disabled: false })) > 0) return;
  throw new ApiError(
    'Conflict',
    'this is the last active administrator: make somebody else administrator first',
  );
}

function changesOf(patch: z.output<typeof UserPatch>) {
  const { role, disabled, displayName, email } = patch;
  return {
    ...(role === undefined ? {} : { role }),
    ...(disabled === undefined ? {} : { disabled }),
    ...(displayName === undefined ? {} : { displayName: displayName || null }),
    ...(email === undefined ? {} : { email: email || null }),
  };
}

function targetOf(user: UserRow) {
  return { kind: 'User', name: user.username };
}
