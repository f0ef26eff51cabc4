import type { Bus } from '@wegent/bus';
import { newId, type SessionRow, type Store, type UserRow } from '@wegent/store';
import { signAccessToken } from './access-token.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { hashSecretToken, newSecretToken } from './secret-token.ts';
import type { Signals } from './signals.ts';
import { unauthorized } from './unauthorized.ts';

const REFRESH_PREFIX = 'wgr_';
const ENDED_CACHE_MS = 5_000;

/** The two tokens of a session; times are ms since 1970. */
export interface SessionTokens {
  accessToken: string;
  expiresAt: number;
  refreshToken: string;
  refreshExpiresAt: number;
}

/** Sessions of people, see {@link createSessions}. */
export type Sessions = ReturnType<typeof createSessions>;

/**
 * A session is a family of refresh tokens, of which only the newest is good, and the short-lived access
 * tokens made with them. A refresh token that comes twice was stolen from one of the two who hold it, so
 * the whole family ends. That a session has ended is kept in the shared cache for as long as its access
 * tokens could live.
 */
export function createSessions(deps: {
  store: Store;
  bus: Bus;
  signals: Signals;
  config: { jwtSecret: Uint8Array; accessTokenSeconds: number; refreshTokenSeconds: number };
  now: () => number;
}) {
  const { store, bus, signals, config, now } = deps;
  const ended = createExpiringCache<boolean>({ ttlMs: ENDED_CACHE_MS, now });
  signals.on((signal) => {
    if (signal.type === 'session-ended') ended.invalidate(signal.sessionId);
  });

  function newRow(userId: string, familyId: string, userAgent: string | null) {
    const refreshToken = newSecretToken(REFRESH_PREFIX);
    const row: SessionRow = {
      id: newId(),
      familyId,
      userId,
      tokenHash: hashSecretToken(refreshToken),
      createdAt: now(),
      expiresAt: now() + config.refreshTokenSeconds * 1000,
      usedAt: null,
      revokedAt: null,
      userAgent,
    };
    return { row, refreshToken };
  }

  async function tokens(user: UserRow, row: SessionRow, refreshToken: string): Promise<SessionTokens> {
    const access = await signAccessToken(
      config.jwtSecret,
      { userId: user.id, sessionId: row.familyId, epoch: user.sessionEpoch },
      { now: now(), seconds: config.accessTokenSeconds },
    );
    return {
      accessToken: access.token,
      expiresAt: access.expiresAt,
      refreshToken,
      refreshExpiresAt: row.expiresAt,
    };
  }

  async function end(sessionId: string): Promise<void> {
    await store.sessions.revokeFamily(sessionId, now());
    await bus.set(endedKey(sessionId), true, config.accessTokenSeconds * 1000);
    await signals.send({ type: 'session-ended', sessionId });
  }

  return {
    /** Begins a session of a user who has just proved to be it. `user` is the row the proof was checked against. */
    async open(user: UserRow, userAgent: string | null): Promise<SessionTokens> {
      const { row, refreshToken } = newRow(user.id, newId(), userAgent);
      await store.transaction(async (tx) => {
        const current = await tx.users.get(user.id);
        // The password may have been changed, and all sessions ended, while the old one was being checked.
        if (!current || current.disabled || current.sessionEpoch !== user.sessionEpoch) {
          throw unauthorized('TokenInvalid', 'the account has just been changed; sign in again');
        }
        await tx.sessions.insert(row);
      });
      return tokens(user, row, refreshToken);
    },

    /** Takes a refresh token for a new pair of tokens. */
    async rotate(refreshToken: string, userAgent: string | null): Promise<SessionTokens & { user: UserRow }> {
      const session = await store.sessions.byTokenHash(hashSecretToken(refreshToken));
      if (!session || session.revokedAt !== null)
        throw unauthorized('TokenInvalid', 'the session has ended; sign in again');
      if (session.expiresAt <= now())
        throw unauthorized('TokenExpired', 'the session has expired; sign in again');

      const next = newRow(session.userId, session.familyId, userAgent);
      const user = await store.transaction(async (tx) => {
        if (!(await tx.sessions.markUsed(session.id, now()))) return undefined;
        await tx.sessions.insert(next.row);
        return tx.users.get(session.userId);
      });
      if (!user || user.disabled) {
        await end(session.familyId);
        throw unauthorized('TokenInvalid', 'the session has ended; sign in again');
      }
      return { ...(await tokens(user, next.row, next.refreshToken)), user };
    },

    /** Ends a session: its refresh tokens, its access tokens and, through the signal, its sockets. */
    end,

    /** Which session a refresh token belongs to, used or not, as long as the session lives. */
    async ofRefreshToken(refreshToken: string): Promise<{ sessionId: string; userId: string } | undefined> {
      const session = await store.sessions.byTokenHash(hashSecretToken(refreshToken));
      if (!session || session.revokedAt !== null || session.expiresAt <= now()) return undefined;
      return { sessionId: session.familyId, userId: session.userId };
    },

    /** Has the session of an access token been ended before the token's own end? */
    async isEnded(sessionId: string): Promise<boolean> {
      const answer = await ended.get(
        sessionId,
        async () => (await bus.get(endedKey(sessionId))) !== undefined,
      );
      return answer ?? false;
    },
  };
}

function endedKey(sessionId: string): string {
  return `auth:ended:${sessionId}`;
}
