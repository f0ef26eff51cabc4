import { ApiError, DEFAULT_NAMESPACE, PUBLIC_NAMESPACE, Username } from '@wegent/api';
import type { Store, UserRow } from '@wegent/store';
import { z } from 'zod';
import { createAccount } from '../users/create-account.ts';
import { hashPassword } from './password.ts';
import { hashSecretToken, newSecretToken } from './secret-token.ts';
import { unauthorized } from './unauthorized.ts';

const TOKEN_PREFIX = 'setup-';
const TOKEN_SETTING = 'auth.setup-token';
const DONE_SETTING = 'auth.setup-done';

const StoredToken = z.object({ hash: z.string() });

/**
 * Makes what every installation needs, and its first administrator: from the configured password, or by a
 * link that only the newest start knows and that works once. A row that can be written only once decides
 * between replicas or people who do it at the same moment.
 */
export function createFirstRun(deps: {
  store: Store;
  config: { adminUsername: string; adminPassword?: string | undefined; publicUrl: string };
  now: () => number;
}) {
  const { store, config, now } = deps;
  // Once there is a user there always is one: accounts are disabled, never deleted.
  let done = false;

  async function setupRequired(): Promise<boolean> {
    done ||= (await store.users.count({})) > 0;
    return !done;
  }

  function createAdministrator(username: string, passwordHash: string): Promise<UserRow | undefined> {
    return store.transaction(async (tx) => {
      if (!(await tx.settings.setIfAbsent(DONE_SETTING, { at: now() }))) return undefined;
      if ((await tx.users.count({})) > 0) return undefined;
      await tx.settings.set(TOKEN_SETTING, null);
      return createAccount(tx, {
        username,
        passwordHash,
        role: 'admin',
        namespace: DEFAULT_NAMESPACE,
        now: now(),
      });
    });
  }

  return {
    setupRequired,

    /** Prepares the database at a start; the answer holds the setup link when a person has to open it. */
    async bootstrap(): Promise<{ setupUrl?: string }> {
      await ensurePublicNamespace(store, now());
      if (!(await setupRequired())) return {};
      if (config.adminPassword !== undefined) {
        await createAdministrator(
          checkedAdminName(config.adminUsername),
          await hashPassword(config.adminPassword),
        );
        return {};
      }
      const token = newSecretToken(TOKEN_PREFIX);
      await store.settings.set(TOKEN_SETTING, { hash: hashSecretToken(token) });
      return { setupUrl: `${config.publicUrl}/setup?token=${token}` };
    },

    /** Makes the first administrator for whoever holds the setup token. */
    async complete(input: {
      setupToken: string;
      username?: string | undefined;
      password: string;
    }): Promise<UserRow> {
      const stored = StoredToken.safeParse(await store.settings.get(TOKEN_SETTING));
      const refused = () =>
        unauthorized(
          'TokenInvalid',
          'the setup link is not valid: it was used, or a newer one was printed at the last start',
        );
      if (!stored.success || stored.data.hash !== hashSecretToken(input.setupToken)) throw refused();
      const username = input.username ?? checkedAdminName(config.adminUsername);
      const user = await createAdministrator(username, await hashPassword(input.password));
      if (!user) throw refused();
      return user;
    },
  };
}

function checkedAdminName(name: string): string {
  const parsed = Username.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new Error(
    `WEGENT_ADMIN_USERNAME: "${name}" ${parsed.error.issues[0]?.message ?? 'is not a user name'}`,
  );
}

async function ensurePublicNamespace(store: Store, now: number): Promise<void> {
  if (await store.namespaces.get(PUBLIC_NAMESPACE)) return;
  try {
    await store.namespaces.insert({
      name: PUBLIC_NAMESPACE,
      type: 'public',
      ownerId: null,
      displayName: null,
      createdAt: now,
    });
  } catch (error) {
    // Another replica that started at the same moment has made it.
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
  }
}
