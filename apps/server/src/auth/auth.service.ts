import { ObjectName, type Session, type SetupRequest } from '@wegent/api';
import type { Bus } from '@wegent/bus';
import type { Store, UserRow } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import type { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import { toTime } from '../http/time.ts';
import { toUser } from '../users/user-view.ts';
import { createAuthenticator } from './authenticator.ts';
import { endAllSessions } from './end-all-sessions.ts';
import { createFirstRun } from './first-run.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { hashPassword, needsRehash, verifyPassword } from './password.ts';
import { createSessions, type SessionTokens } from './sessions.ts';
import type { Signals } from './signals.ts';
import { unauthorized } from './unauthorized.ts';

/** What the service needs to know; times in seconds. */
export interface AuthConfig {
  jwtSecret: Uint8Array;
  accessTokenSeconds?: number;
  refreshTokenSeconds?: number;
  adminUsername: string;
  adminPassword?: string | undefined;
  /** Where people reach the platform, without a slash at its end. */
  publicUrl: string;
}

/** A session as it is answered: the body, and the refresh token that goes into a cookie. */
export interface OpenedSession {
  session: Session;
  refreshToken: string;
  /** ms since 1970 */
  refreshExpiresAt: number;
}

/** Where a request comes from. */
export interface Origin {
  address: string;
  userAgent?: string | undefined;
}

/** Signing in and out, and proving who one is. */
export type AuthService = ReturnType<typeof createAuthService>;

/** Accounts prove themselves by password, sessions by tokens, programs by API keys. */
export function createAuthService(deps: {
  store: Store;
  bus: Bus;
  signals: Signals;
  audit: Audit;
  config: AuthConfig;
  logger: Pick<FastifyBaseLogger, 'warn'>;
  now?: () => number;
}) {
  const { store, bus, signals, audit, logger, now = Date.now } = deps;
  const config = { accessTokenSeconds: 900, refreshTokenSeconds: 30 * 24 * 60 * 60, ...deps.config };
  const sessions = createSessions({ store, bus, signals, config, now });
  const firstRun = createFirstRun({ store, config, now });
  const throttle = createLoginThrottle({ bus, now });
  const { authenticate } = createAuthenticator({ store, sessions, signals, config, logger, now });

  async function provenUser(
    username: string,
    password: string,
    address: string,
  ): Promise<UserRow | undefined> {
    return throttle.attempt({ username, address }, async () => {
      // What cannot be a name is not looked up, but costs the same work.
      const user = ObjectName.safeParse(username).success
        ? await store.users.byUsername(username)
        : undefined;
      if (!(await verifyPassword(user?.passwordHash, password)) || !user) return undefined;
      if (!user.passwordHash || !needsRehash(user.passwordHash)) return user;
      const passwordHash = await hashPassword(password);
      await store.users.update(user.id, { passwordHash });
      return { ...user, passwordHash };
    });
  }

  async function open(user: UserRow, userAgent: string | undefined): Promise<OpenedSession> {
    return answer(user, await sessions.open(user, userAgent?.slice(0, 300) ?? null));
  }

  async function provenSession(proof: {
    refreshToken?: string | undefined;
    accessToken?: string | undefined;
  }) {
    const session =
      proof.refreshToken === undefined ? undefined : await sessions.ofRefreshToken(proof.refreshToken);
    if (session || proof.accessToken === undefined) return session;
    // A token that is no longer good has no session left to end.
    const principal = await authenticate(proof.accessToken).catch(() => undefined);
    if (principal?.via !== 'session' || principal.sessionId === undefined) return undefined;
    return { sessionId: principal.sessionId, userId: principal.userId };
  }

  async function signOutEverywhere(userId: string): Promise<void> {
    await store.transaction(async (tx) => {
      const user = await tx.users.get(userId);
      if (user) await endAllSessions(tx, user, now());
    });
    await signals.send({ type: 'user-revoked', userId });
  }

  return {
    /** Prepares a fresh installation at start and listens to the other replicas; see {@link createFirstRun}. */
    async bootstrap(): Promise<{ setupUrl?: string }> {
      await signals.start();
      await store.sessions.deleteExpired(now());
      return firstRun.bootstrap();
    },

    /** What the sign-in page must show. */
    async state(): Promise<{ setupRequired: boolean }> {
      return { setupRequired: await firstRun.setupRequired() };
    },

    /** Makes the first administrator and signs them in. */
    async setup(input: z.infer<typeof SetupRequest>, origin: Origin): Promise<OpenedSession> {
      const user = await firstRun.complete(input);
      audit.record({
        principal: principalOf(user),
        action: 'setup',
        target: targetOf(user),
        address: origin.address,
      });
      return open(user, origin.userAgent);
    },

    /** Signs in by password. Every failure has the same answer, and so many of them a wait. */
    async login(input: { username: string; password: string }, origin: Origin): Promise<OpenedSession> {
      const user = await provenUser(input.username, input.password, origin.address);
      if (!user) {
        // People type passwords into the wrong field, so what cannot be a name is not written down.
        const username = ObjectName.safeParse(input.username).success ? input.username : '(no user name)';
        audit.record({ principal: null, username, action: 'login-failed', address: origin.address });
        throw unauthorized('PasswordWrong', 'the user name or the password is wrong');
      }
      if (user.disabled)
        throw unauthorized('AccountDisabled', 'this account is disabled; ask an administrator');
      const opened = await open(user, origin.userAgent);
      await store.users.update(user.id, { lastLoginAt: now() });
      audit.record({
        principal: principalOf(user),
        action: 'login',
        target: targetOf(user),
        address: origin.address,
      });
      return opened;
    },

    /** Takes a refresh token for a new session answer; a token that comes twice ends its session. */
    async refresh(refreshToken: string | undefined, userAgent?: string): Promise<OpenedSession> {
      if (refreshToken === undefined)
        throw unauthorized('TokenMissing', 'sign in first: the refresh cookie is missing');
      const { user, ...tokens } = await sessions.rotate(refreshToken, userAgent?.slice(0, 300) ?? null);
      return answer(user, tokens);
    },

    /**
     * Ends the session that a refresh token or else an access token belongs to, or all sessions of its user.
     * It is no error if there is none.
     */
    async logout(proof: {
      refreshToken?: string | undefined;
      accessToken?: string | undefined;
      everywhere?: boolean;
    }): Promise<void> {
      const session = await provenSession(proof);
      if (!session) return;
      await sessions.end(session.sessionId);
      if (proof.everywhere) await signOutEverywhere(session.userId);
    },

    /** Begins a session for a user who proved to be it in another way, after their password changed. */
    async openFor(userId: string, userAgent: string | undefined): Promise<OpenedSession> {
      const user = await store.users.get(userId);
      if (!user) throw unauthorized('TokenInvalid', 'the account of this token does not exist');
      return open(user, userAgent);
    },

    /** Is this the user's password? Guessing is slowed down as at sign-in. */
    async confirmPassword(username: string, password: string, address: string): Promise<boolean> {
      return (await provenUser(username, password, address)) !== undefined;
    },

    authenticate,

    /** Calls the handler with a user whose rights were taken away: their sockets must end. */
    onRevoked(handler: (userId: string) => void): void {
      signals.on((signal) => signal.type === 'user-revoked' && handler(signal.userId));
    },

    /** Calls the handler with a session that was signed out or an API key that was deleted (`Principal.sessionId`). */
    onSessionEnded(handler: (sessionId: string) => void): void {
      signals.on((signal) => signal.type === 'session-ended' && handler(signal.sessionId));
    },
  };
}

function answer(user: UserRow, tokens: SessionTokens): OpenedSession {
  return {
    session: { accessToken: tokens.accessToken, expiresAt: toTime(tokens.expiresAt), user: toUser(user) },
    refreshToken: tokens.refreshToken,
    refreshExpiresAt: tokens.refreshExpiresAt,
  };
}

function principalOf(user: UserRow) {
  return { userId: user.id, username: user.username };
}

function targetOf(user: UserRow) {
  return { kind: 'User', name: user.username };
}
