import { AuthState, LoginRequest, LogoutRequest, Session, SetupRequest } from '@wegent/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { AuthService, OpenedSession, Origin } from './auth.service.ts';
import { bearerOf } from './bearer.ts';
import type { RefreshCookie } from './refresh-cookie.ts';

const TAGS = ['auth'];

/** Signing in and out. None of these routes needs a token. */
export function registerAuthRoutes(
  app: App,
  deps: { auth: AuthService; refreshCookie: RefreshCookie },
): void {
  const { auth, refreshCookie } = deps;

  function send(reply: FastifyReply, opened: OpenedSession): Session {
    refreshCookie.set(reply, opened);
    reply.header('cache-control', 'no-store');
    return opened.session;
  }

  app.get('/api/v1/auth/state', {
    config: { public: true },
    schema: { tags: TAGS, summary: 'What the sign-in page must show', response: { 200: AuthState } },
    handler: () => auth.state(),
  });

  app.post('/api/v1/auth/login', {
    config: { public: true },
    schema: {
      tags: TAGS,
      summary: 'Sign in with a password',
      body: LoginRequest,
      response: { 200: Session },
    },
    handler: async (request, reply) => send(reply, await auth.login(request.body, originOf(request))),
  });

  app.post('/api/v1/auth/setup', {
    config: { public: true },
    schema: {
      tags: TAGS,
      summary: 'Make the first administrator, once',
      body: SetupRequest,
      response: { 200: Session },
    },
    handler: async (request, reply) => send(reply, await auth.setup(request.body, originOf(request))),
  });

  app.post('/api/v1/auth/refresh', {
    config: { public: true },
    schema: { tags: TAGS, summary: 'Take the refresh cookie for a new session', response: { 200: Session } },
    handler: async (request, reply) => {
      refreshCookie.requireSameOrigin(request);
      return send(reply, await auth.refresh(refreshCookie.read(request), request.headers['user-agent']));
    },
  });

  app.post('/api/v1/auth/logout', {
    config: { public: true },
    schema: {
      tags: TAGS,
      summary: 'End this session, or all of yours',
      body: LogoutRequest,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      refreshCookie.requireSameOrigin(request);
      await auth.logout({
        refreshToken: refreshCookie.read(request),
        accessToken: bearerOf(request),
        everywhere: request.body?.everywhere ?? false,
      });
      refreshCookie.clear(reply);
      return reply.status(204).send(null);
    },
  });
}

/** Where a request comes from, for the throttle and the audit trail. */
export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, userAgent: request.headers['user-agent'] };
}
