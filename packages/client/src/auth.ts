import type { AuthState, LoginRequest, Session, SetupRequest } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** Signing in and out. The refresh token is a cookie that scripts cannot read. */
export type AuthApi = ReturnType<typeof createAuthApi>;

/** Creates the calls under /api/v1/auth. */
export function createAuthApi(http: HttpClient) {
  const post = <Answer>(action: string, body?: unknown) =>
    http.request<Answer>('POST', `/api/v1/auth/${action}`, { body, authorized: false });

  return {
    /** What the sign-in page must show. */
    state: () => http.request<AuthState>('GET', '/api/v1/auth/state', { authorized: false }),
    /** Signs in; `Unauthorized` for a wrong pair, `TooManyRequests` after repeated failures. */
    login: (credentials: LoginRequest) => post<Session>('login', credentials),
    /** Makes the first administrator of a fresh install, once. */
    setup: (request: SetupRequest) => post<Session>('setup', request),
    /** Trades the cookie for a new session; `Unauthorized` when it is spent or expired. */
    refresh: () => post<Session>('refresh'),
    /** Ends the session and its cookie. */
    logout: () => http.request<void>('POST', '/api/v1/auth/logout'),
  };
}
