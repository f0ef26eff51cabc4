import { ApiError, type Session, type User } from '@wegent/api';
import { type ApiClient, createApiClient } from '@wegent/client';
import { renewAlone } from './renewal-guard.ts';

/** Is somebody signed in on this page, and who? */
export type SessionState =
  | { status: 'starting' }
  | { status: 'unreachable' }
  | { status: 'signed-out'; byChoice: boolean }
  | { status: 'signed-in'; user: User };

/** Keeps the session of the page, see {@link createSessionKeeper}. */
export type SessionKeeper = ReturnType<typeof createSessionKeeper>;

const RETRY_MS = 10_000;
/** Timers count in 32-bit milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps the session of this page. The access token lives in memory only; the refresh token is an HttpOnly cookie
 * that no script sees. The token is renewed before it expires and once more when a request is refused, and
 * signing in or out in one tab reaches the others.
 */
export function createSessionKeeper() {
  let state: SessionState = { status: 'starting' };
  let token: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const tabs = new BroadcastChannel('wegent.session');

  const api: ApiClient = createApiClient({ baseUrl: '', getAccessToken: () => token, refresh: renew });
  // A page that goes away must not abandon a renewal: the browser would miss the new cookie.
  const { auth: lasting } = createApiClient({
    baseUrl: '',
    fetch: (input, init) => fetch(input, { ...init, keepalive: true }),
  });

  function enter(next: SessionState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  function accept(session: Session): void {
    token = session.accessToken;
    const lifetime = Date.parse(session.expiresAt) - Date.now();
    renewIn(Math.max(lifetime * 0.8, 1000));
    enter({ status: 'signed-in', user: session.user });
  }

  function end(byChoice: boolean): void {
    token = undefined;
    clearTimeout(timer);
    enter({ status: 'signed-out', byChoice });
  }

  function renewIn(milliseconds: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void api.http.renew(), Math.min(milliseconds, LONGEST_TIMER_MS));
  }

  async function renew(): Promise<string | undefined> {
    try {
      accept(await renewAlone(lasting.refresh));
    } catch (error) {
      if (error instanceof ApiError && (error.reason === 'Unauthorized' || error.reason === 'Forbidden'))
        end(false);
      else if (state.status === 'signed-in') renewIn(RETRY_MS);
      else enter({ status: 'unreachable' });
    }
    return token;
  }

  tabs.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'signed-out' && state.status === 'signed-in') end(true);
    if (data === 'signed-in' && state.status === 'signed-out') void api.http.renew();
  };

  return {
    /** Every call of the server, with the session's token. */
    api,
    /** For `useSyncExternalStore`. */
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    /** Continues the session that the cookie stands for, if any. */
    resume: () => api.http.renew(),
    /** Begins a session with the answer of login or setup. */
    begin(session: Session): void {
      accept(session);
      tabs.postMessage('signed-in');
    },
    /** Takes over a changed profile. */
    update(user: User): void {
      if (state.status === 'signed-in') enter({ status: 'signed-in', user });
    },
    /** Ends the session here, in the other tabs and on the server. */
    async signOut(): Promise<void> {
      try {
        await api.auth.logout();
      } finally {
        end(true);
        tabs.postMessage('signed-out');
      }
    },
  };
}
