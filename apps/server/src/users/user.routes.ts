import { ApiKey, ApiKeyRequest, ProfilePatch, User } from '@wegent/api';
import { z } from 'zod';
import { originOf } from '../auth/auth.routes.ts';
import type { AuthService } from '../auth/auth.service.ts';
import type { RefreshCookie } from '../auth/refresh-cookie.ts';
import type { App } from '../http/app-type.ts';
import type { UserService } from './user.service.ts';

const TAGS = ['users'];
const Names = z.object({ items: z.array(User.pick({ id: true, username: true, displayName: true })) });

/** One's own account, and the names of the others. */
export function registerUserRoutes(
  app: App,
  deps: { users: UserService; auth: AuthService; refreshCookie: RefreshCookie },
): void {
  const { users, auth, refreshCookie } = deps;

  app.get('/api/v1/users', {
    schema: {
      tags: TAGS,
      summary: 'Names of users, to choose participants',
      querystring: z.strictObject({ search: z.string().max(100).default('') }),
      response: { 200: Names },
    },
    handler: (request) => users.search(request.query.search),
  });

  app.get('/api/v1/users/me', {
    schema: { tags: TAGS, summary: 'Your own account', response: { 200: User } },
    handler: (request) => users.me(request.principal),
  });

  app.patch('/api/v1/users/me', {
    schema: {
      tags: TAGS,
      summary: 'Change your profile, preferences or password',
      body: ProfilePatch,
      response: { 200: User },
    },
    handler: async (request, reply) => {
      const { address, userAgent } = originOf(request);
      const user = await users.update(request.principal, request.body, address);
      // The password ended all sessions; a fresh refresh cookie lets the one who changed it stay.
      if (request.body.password) refreshCookie.set(reply, await auth.openFor(user.id, userAgent));
      return user;
    },
  });

  app.get('/api/v1/users/me/api-keys', {
    schema: { tags: TAGS, summary: 'Your API keys', response: { 200: z.object({ items: z.array(ApiKey) }) } },
    handler: (request) => users.apiKeys(request.principal),
  });

  app.post('/api/v1/users/me/api-keys', {
    schema: {
      tags: TAGS,
      summary: 'Make an API key; it is shown once',
      body: ApiKeyRequest,
      response: { 201: ApiKey },
    },
    handler: async (request, reply) => {
      const key = await users.createApiKey(request.principal, request.body, request.ip);
      return reply.status(201).header('cache-control', 'no-store').send(key);
    },
  });

  app.delete('/api/v1/users/me/api-keys/:keyId', {
    schema: {
      tags: TAGS,
      summary: 'Delete an API key',
      params: z.strictObject({ keyId: z.string().max(100) }),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await users.deleteApiKey(request.principal, request.params.keyId, request.ip);
      return reply.status(204).send(null);
    },
  });
}
