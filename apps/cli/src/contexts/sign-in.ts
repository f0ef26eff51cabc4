import { type LoginRequest, Session } from '@wegent/api';
import type { HttpClient } from '@wegent/client';

const COOKIE = /^wegent_refresh=([^;]*)/;

/** A session with the token that renews it, once. */
export interface SignedIn {
  session: Session;
  refreshToken: string;
}

/** Signs in with a password. Rejects with what the server says. */
export async function signIn(http: HttpClient, credentials: LoginRequest): Promise<SignedIn> {
  const response = await http.send('POST', '/api/v1/auth/login', { body: credentials, authorized: false });
  return readSession(response);
}

/** Trades a refresh token for a new session; the old token is spent. */
export async function renewSession(http: HttpClient, refreshToken: string): Promise<SignedIn> {
  const response = await http.send('POST', '/api/v1/auth/refresh', {
    headers: { cookie: `wegent_refresh=${refreshToken}` },
    authorized: false,
  });
  return readSession(response);
}

/** Ends the session that a refresh token belongs to. */
export async function signOut(http: HttpClient, refreshToken: string): Promise<void> {
  await http.send('POST', '/api/v1/auth/logout', {
    headers: { cookie: `wegent_refresh=${refreshToken}` },
    authorized: false,
  });
}

async function readSession(response: Response): Promise<SignedIn> {
  const session = Session.parse(await response.json());
  for (const cookie of response.headers.getSetCookie()) {
    const token = COOKIE.exec(cookie)?.[1];
    if (token !== undefined && token !== '') return { session, refreshToken: decodeURIComponent(token) };
  }
  throw new Error('the server signed in but sent no refresh cookie; does a proxy take cookies away?');
}
