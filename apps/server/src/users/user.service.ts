import {
  ApiError,
  type ApiKey,
  type ApiKeyRequest,
  invalid,
  type ProfilePatch,
  type User,
} from '@wegent/api';
import { type ApiKeyRow, newId, type Store, type UserRow } from '@wegent/store';
import type { z } from 'zod';
import { notFound } from '../access/refusals.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuthService } from '../auth/auth.service.ts';
import { endAllSessions } from '../auth/end-all-sessions.ts';
import { hashPassword } from '../auth/password.ts';
import type { Principal } from '../auth/principal.ts';
import { API_KEY_PREFIX, hashSecretToken, newSecretToken, shownPrefix } from '../auth/secret-token.ts';
import type { Signals } from '../auth/signals.ts';
import { toTime } from '../http/time.ts';
import { toUser } from './user-view.ts';

const MAX_KEYS = 100;
const MAX_PREFERENCES_BYTES = 64 * 1024;
const MAX_FOUND = 20;

/** A user as others see it, to be named as a participant. */
export interface UserName {
  id: string;
  username: string;
  displayName?: string;
}

/** What people do with their own account, see {@link createUserService}. */
export type UserService = ReturnType<typeof createUserService>;

/** One's own profile, password and API keys, and the names of the others. */
export function createUserService(deps: {
  store: Store;
  auth: Pick<AuthService, 'confirmPassword'>;
  signals: Signals;
  audit: Audit;
  now?: () => number;
}) {
  const { store, auth, signals, audit, now = Date.now } = deps;

  async function rowOf(principal: Principal): Promise<UserRow> {
    const row = await store.users.get(principal.userId);
    if (!row) throw notFound('User', principal.username);
    return row;
  }

  async function nextPasswordHash(
    principal: Principal,
    password: { current: string; next: string },
    address: string,
  ): Promise<string> {
    refuseApiKey(principal, 'change the password');
    if (!(await auth.confirmPassword(principal.username, password.current, address))) {
      const cause = {
        reason: 'FieldValueInvalid',
        field: 'password.current',
        message: 'Invalid value: is not your password',
      };
      throw invalid('the current password is wrong', [cause]);
    }
    return hashPassword(password.next);
  }

  return {
    /** The caller's own account. */
    async me(principal: Principal): Promise<User> {
      return toUser(await rowOf(principal));
    },

    /**
     * Changes the caller's profile. A new password ends all sessions, this one too, and needs the current one.
     * Preferences are merged by key; null takes one away.
     */
    async update(principal: Principal, patch: z.infer<typeof ProfilePatch>, address: string): Promise<User> {
      const row = await rowOf(principal);
      const passwordHash = patch.password && (await nextPasswordHash(principal, patch.password, address));
      const preferences = patch.preferences && mergePreferences(row.preferences, patch.preferences);
      await store.transaction(async (tx) => {
        await tx.users.update(row.id, {
          ...(patch.displayName === undefined ? {} : { displayName: patch.displayName || null }),
          ...(patch.email === undefined ? {} : { email: patch.email || null }),
          ...(preferences === undefined ? {} : { preferences }),
          ...(passwordHash === undefined ? {} : { passwordHash }),
        });
        if (passwordHash !== undefined) await endAllSessions(tx, row, now());
      });
      await signals.send({
        type: passwordHash === undefined ? 'user-changed' : 'user-revoked',
        userId: row.id,
      });
      const action = passwordHash === undefined ? 'profile-update' : 'password-change';
      audit.record({
        principal,
        action,
        target: { kind: 'User', name: row.username },
        detail: { fields: Object.keys(patch) },
        address,
      });
      return toUser(await rowOf(principal));
    },

    /** Users whose name holds the text, at most 20; for choosing participants. */
    async search(search: string): Promise<{ items: UserName[] }> {
      const rows = await store.users.list({ limit: MAX_FOUND * 2, ...(search === '' ? {} : { search }) });
      const items = rows.filter((row) => !row.disabled).slice(0, MAX_FOUND);
      return {
        items: items.map(({ id, username, displayName }) => ({
          id,
          username,
          ...(displayName === null ? {} : { displayName }),
        })),
      };
    },

    /** The caller's API keys, without the keys themselves. */
    async apiKeys(principal: Principal): Promise<{ items: ApiKey[] }> {
      return { items: (await store.apiKeys.ofUser(principal.userId)).map(toApiKey) };
    },

    /** Makes an API key; the answer is the only place where it can be read. */
    async createApiKey(
      principal: Principal,
      input: z.infer<typeof ApiKeyRequest>,
      address: string,
    ): Promise<ApiKey> {
      refuseApiKey(principal, 'create API keys');
      const expiresAt = input.expiresAt === undefined ? null : futureTime(input.expiresAt, now());
      if ((await store.apiKeys.ofUser(principal.userId)).length >= MAX_KEYS) {
        throw new ApiError(
          'Forbidden',
          `a user has at most ${MAX_KEYS} API keys; delete one that is not used`,
        );
      }
      const key = newSecretToken(API_KEY_PREFIX);
      const row: ApiKeyRow = {
        id: newId(),
        userId: principal.userId,
        name: input.name,
        prefix: shownPrefix(key),
        keyHash: hashSecretToken(key),
        createdAt: now(),
        expiresAt,
        lastUsedAt: null,
      };
      await store.apiKeys.insert(row);
      audit.record({
        principal,
        action: 'api-key-create',
        target: { kind: 'ApiKey', name: row.id },
        detail: { name: row.name },
        address,
      });
      return { ...toApiKey(row), key };
    },

    /** Deletes one of the caller's API keys; it stops working at once. */
    async deleteApiKey(principal: Principal, keyId: string, address: string): Promise<void> {
      if (!(await store.apiKeys.delete(keyId, principal.userId))) {
        throw new ApiError('NotFound', `API key "${keyId}" not found`, {
          details: { name: keyId, kind: 'apikeys' },
        });
      }
      await signals.send({ type: 'session-ended', sessionId: keyId });
      audit.record({ principal, action: 'api-key-delete', target: { kind: 'ApiKey', name: keyId }, address });
    },
  };
}

/** Refuses what would let an API key outlive itself or take over the account. */
export function refuseApiKey(principal: Principal, what: string): void {
  if (principal.via !== 'api-key') return;
  throw new ApiError('Forbidden', `an API key cannot ${what}; sign in with a password`);
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    createdAt: toTime(row.createdAt),
    ...(row.expiresAt === null ? {} : { expiresAt: toTime(row.expiresAt) }),
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: toTime(row.lastUsedAt) }),
  };
}

function futureTime(text: string, now: number): number {
  const time = Date.parse(text);
  if (time > now) return time;
  throw invalid('expiresAt: Invalid value: must be in the future', [
    { reason: 'FieldValueInvalid', field: 'expiresAt', message: 'Invalid value: must be in the future' },
  ]);
}

function mergePreferences(
  old: Record<string, unknown>,
  patch: Record<string, unknown>,
): Record<string, unknown> {
  const merged = Object.fromEntries(
    Object.entries({ ...old, ...patch }).filter(([, value]) => value !== null),
  );
  if (Buffer.byteLength(JSON.stringify(merged)) <= MAX_PREFERENCES_BYTES) return merged;
  const message = `Invalid value: all preferences together have at most ${MAX_PREFERENCES_BYTES} bytes`;
  throw invalid(`preferences: ${message}`, [{ reason: 'FieldValueInvalid', field: 'preferences', message }]);
}
