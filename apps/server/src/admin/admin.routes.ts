import { PasswordReset, User, UserCreate, UserPatch } from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { PageQuery, pageOf } from './page.ts';
import { AuditRecord, SystemInfo, type SystemService } from './system.service.ts';
import type { UserAdminService } from './user-admin.service.ts';

const TAGS = ['admin'];
const UserParams = z.strictObject({ userId: z.string().max(100) });
const AuditFilter = {
  kind: z.string().max(100).optional(),
  namespace: z.string().max(100).optional(),
  name: z.string().max(200).optional(),
};

/** Accounts, the audit trail and the state of the installation; for administrators. */
export function registerAdminRoutes(
  app: App,
  deps: { userAdmin: UserAdminService; system: SystemService },
): void {
  const { userAdmin, system } = deps;

  app.get('/api/v1/admin/users', {
    schema: {
      tags: TAGS,
      summary: 'Accounts, by name',
      querystring: PageQuery.extend({ search: z.string().max(100).optional() }),
      response: { 200: pageOf(User) },
    },
    handler: (request) => userAdmin.list(request.principal, request.query),
  });

  app.post('/api/v1/admin/users', {
    schema: {
      tags: TAGS,
      summary: 'Make an account and its namespace',
      body: UserCreate,
      response: { 201: User },
    },
    handler: async (request, reply) =>
      reply.status(201).send(await userAdmin.create(request.principal, request.body, request.ip)),
  });

  app.get('/api/v1/admin/users/:userId', {
    schema: { tags: TAGS, summary: 'One account', params: UserParams, response: { 200: User } },
    handler: (request) => userAdmin.get(request.principal, request.params.userId),
  });

  app.patch('/api/v1/admin/users/:userId', {
    schema: {
      tags: TAGS,
      summary: 'Change, disable or promote an account',
      params: UserParams,
      body: UserPatch,
      response: { 200: User },
    },
    handler: (request) =>
      userAdmin.update(request.principal, request.params.userId, request.body, request.ip),
  });

  app.post('/api/v1/admin/users/:userId/reset-password', {
    schema: {
      tags: TAGS,
      summary: 'Give an account a new password',
      params: UserParams,
      body: PasswordReset,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await userAdmin.resetPassword(
        request.principal,
        request.params.userId,
        request.body.password,
        request.ip,
      );
      return reply.status(204).send(null);
    },
  });

  app.get('/api/v1/admin/audit', {
    schema: {
      tags: TAGS,
      summary: 'The audit trail, newest first',
      querystring: PageQuery.extend(AuditFilter),
      response: { 200: pageOf(AuditRecord) },
    },
    handler: (request) => system.audit(request.principal, request.query),
  });

  app.get('/api/v1/admin/system', {
    schema: { tags: TAGS, summary: 'Version, database and counts', response: { 200: SystemInfo } },
    handler: (request) => system.info(request.principal),
  });
}
