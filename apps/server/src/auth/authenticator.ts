import type { ApiKeyRow, Store, UserRow } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import { verifyAccessToken } from './access-token.ts';
import { createExpiringCache } from './expiring-cache.ts';
import type { Principal } from './principal.ts';
import { API_KEY_PREFIX, hashSecretToken } from './secret-token.ts';
import type { Sessions } from './sessions.ts';
import type { Signals } from './signals.ts';
import { unauthorized } from './unauthorized.ts';

const CACHE_MS = 3_000;
const TOUCH_EVERY_MS = 60_000;
/** Longer than any token we make; more is not worth the work of a check. */
const MAX_TOKEN_LENGTH = 4096;

/**
 * Turns a bearer token, an access token or an API key, into a principal. The token says who; role, name and
 * whether the account is in force come from the user's row at every request, through a cache of seconds
 * that a signal empties on all replicas.
 */
export function createAuthenticator(deps: {
  store: Store;
  sessions: Sessions;
  signals: Signals;
  config: { jwtSecret: Uint8Array };
  logger: Pick<FastifyBaseLogger, 'warn'>;
  now: () => number;
}) {
  const { store, sessions, signals, config, logger, now } = deps;
  const users = createExpiringCache<UserRow>({ ttlMs: CACHE_MS, now });
  const apiKeys = createExpiringCache<ApiKeyRow>({ ttlMs: CACHE_MS, now });
  const touched = createExpiringCache<true>({ ttlMs: TOUCH_EVERY_MS, now });

  signals.on((signal) => {
    if (signal.type === 'user-changed' || signal.type === 'user-revoked') users.invalidate(signal.userId);
    // The end of an API key is told by its id, the cache goes by its hash; keys end rarely.
    if (signal.type === 'session-ended') apiKeys.clear();
  });

  async function userInForce(userId: string): Promise<UserRow> {
    const user = await users.get(userId, () => store.users.get(userId));
    if (!user) throw unauthorized('TokenInvalid', 'the account of this token does not exist');
    if (user.disabled) throw unauthorized('AccountDisabled', 'this account is disabled');
    return user;
  }

  async function byAccessToken(token: string): Promise<Principal> {
    const { userId, sessionId, epoch, expiresAt } = await verifyAccessToken(config.jwtSecret, token, now());
    const user = await userInForce(userId);
    if (epoch !== user.sessionEpoch || (await sessions.isEnded(sessionId))) {
      throw unauthorized('TokenInvalid', 'the session has ended; sign in again');
    }
    return { ...identity(user), via: 'session', sessionId, expiresAt };
  }

  async function byApiKey(token: string): Promise<Principal> {
    const hash = hashSecretToken(token);
    const key = await apiKeys.get(hash, () => store.apiKeys.byHash(hash));
    if (!key) throw unauthorized('TokenInvalid', 'the API key is not valid');
    if (key.expiresAt !== null && key.expiresAt <= now())
      throw unauthorized('TokenExpired', 'the API key has expired');
    const user = await userInForce(key.userId);
    noteUse(key.id);
    return {
      ...identity(user),
      via: 'api-key',
      sessionId: key.id,
      ...(key.expiresAt === null ? {} : { expiresAt: key.expiresAt }),
    };
  }

  // Once a minute is enough to say when a key was used last, and the request need not wait for it.
  function noteUse(keyId: string): void {
    const touch = async (): Promise<true> => {
      await store.apiKeys.touch(keyId, now());
      return true;
    };
    touched
      .get(keyId, touch)
      .catch((error: unknown) => logger.warn({ err: error, keyId }, 'use of an API key was not noted'));
  }

  return {
    /** Who holds this token; throws `Unauthorized`, saying whether it is missing, expired or not valid. */
    async authenticate(token: string | undefined): Promise<Principal> {
      if (token === undefined || token === '')
        throw unauthorized('TokenMissing', 'sign in first: a bearer token is needed');
      if (token.length > MAX_TOKEN_LENGTH) throw unauthorized('TokenInvalid', 'the token is not valid');
      return token.startsWith(API_KEY_PREFIX) ? byApiKey(token) : byAccessToken(token);
    },
  };
}

function identity(user: UserRow): Pick<Principal, 'userId' | 'username' | 'role' | 'namespace'> {
  return { userId: user.id, username: user.username, role: user.role, namespace: user.namespace };
}
