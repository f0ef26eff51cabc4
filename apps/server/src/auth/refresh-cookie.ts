import { ApiError } from '@wegent/api';
import type { FastifyReply, FastifyRequest } from 'fastify';

const COOKIE = 'wegent_refresh';
const COOKIE_PATH = '/api/v1/auth';

/** The cookie of the refresh token, see {@link createRefreshCookie}. */
export type RefreshCookie = ReturnType<typeof createRefreshCookie>;

/**
 * The refresh token travels in a cookie that no script can read and no other site can send, and only to the
 * routes that need it.
 */
export function createRefreshCookie(config: { publicUrl: string }) {
  const publicOrigin = new URL(config.publicUrl).origin;
  const attributes = {
    httpOnly: true,
    sameSite: 'strict',
    path: COOKIE_PATH,
    secure: publicOrigin.startsWith('https:'),
  } as const;

  return {
    read(request: FastifyRequest): string | undefined {
      return request.cookies[COOKIE];
    },

    set(reply: FastifyReply, refresh: { refreshToken: string; refreshExpiresAt: number }): void {
      reply.setCookie(COOKIE, refresh.refreshToken, {
        ...attributes,
        expires: new Date(refresh.refreshExpiresAt),
      });
    },

    clear(reply: FastifyReply): void {
      reply.clearCookie(COOKIE, attributes);
    },

    /**
     * Refuses what a page of another site sent. Browsers say so in `Origin` or `Sec-Fetch-Site`; programs send
     * neither, and have no cookie to abuse.
     */
    requireSameOrigin(request: FastifyRequest): void {
      const { origin } = request.headers;
      const site = request.headers['sec-fetch-site'];
      const own =
        origin === undefined
          ? site === undefined || site === 'same-origin' || site === 'none'
          : isOwn(origin, request.host);
      if (!own) throw new ApiError('Forbidden', 'this request came from a page of another site');
    },
  };

  function isOwn(origin: string, host: string): boolean {
    return origin === publicOrigin || (URL.canParse(origin) && new URL(origin).host === host);
  }
}
