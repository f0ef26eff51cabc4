import { ApiError } from '@wegent/api';
import type { HttpClient } from '@wegent/client';
import { CommandError } from '../failure.ts';
import { type Context, changeContextFile } from './context-file.ts';
import { renewSession } from './sign-in.ts';

/** A token and, where it ends, when. */
export interface AccessToken {
  token: string;
  expiresAt?: string | undefined;
}

/** A token that ends sooner is renewed, so that it does not end on the way. */
const MARGIN_MS = 30_000;

/**
 * The token of a context: its API key, else a short-lived access token that is renewed when it nearly ends or
 * `renew` says that the server refused it. Rejects when one must sign in again.
 */
export async function accessToken(options: {
  http: HttpClient;
  file: string;
  name: string;
  renew?: boolean;
}): Promise<AccessToken> {
  const { http, file, name, renew = false } = options;
  return changeContextFile(file, async (now) => {
    const context = now.contexts[name];
    if (context?.apiKey !== undefined) return { next: now, result: { token: context.apiKey } };
    const current = renew ? undefined : currentToken(context);
    if (current) return { next: now, result: current };
    if (context?.refreshToken === undefined) throw mustSignIn(name);
    const { session, refreshToken } = await renewSession(http, context.refreshToken).catch((error) => {
      if (error instanceof ApiError && error.reason === 'Unauthorized') throw mustSignIn(name);
      throw error;
    });
    const { accessToken: token, expiresAt } = session;
    const changed = { ...context, refreshToken, accessToken: token, expiresAt };
    return {
      next: { ...now, contexts: { ...now.contexts, [name]: changed } },
      result: { token, expiresAt },
    };
  });
}

function currentToken(context: Context | undefined): AccessToken | undefined {
  if (context?.accessToken === undefined || context.expiresAt === undefined) return undefined;
  if (Date.parse(context.expiresAt) - Date.now() < MARGIN_MS) return undefined;
  return { token: context.accessToken, expiresAt: context.expiresAt };
}

function mustSignIn(name: string): CommandError {
  return new CommandError(`the session of context "${name}" has ended; run \`wegent login\``);
}
