import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { NamespaceService } from './namespace.service.ts';

const TAGS = ['namespaces'];
const Role = z.enum(['Reporter', 'Developer', 'Maintainer', 'Owner']);
const Member = z.object({ userId: z.string(), username: z.string(), role: Role });
const NamespaceParams = z.strictObject({ ns: z.string().max(100) });
const MemberParams = z.strictObject({ ns: z.string().max(100), username: z.string().max(100) });

/** Members of namespaces; the namespaces themselves are served as resources. */
export function registerNamespaceRoutes(app: App, deps: { namespaces: NamespaceService }): void {
  const { namespaces } = deps;

  app.get('/api/v1/namespaces/:ns/members', {
    schema: {
      tags: TAGS,
      summary: 'Members of a namespace',
      params: NamespaceParams,
      response: { 200: z.object({ items: z.array(Member) }) },
    },
    handler: (request) => namespaces.members(request.principal, request.params.ns),
  });

  app.put('/api/v1/namespaces/:ns/members/:username', {
    schema: {
      tags: TAGS,
      summary: 'Take a user into a namespace, or change their role',
      params: MemberParams,
      body: z.strictObject({ role: Role }),
      response: { 200: Member },
    },
    handler: (request) => {
      const { ns: namespace, username } = request.params;
      return namespaces.setMember(request.principal, { namespace, username, role: request.body.role });
    },
  });

  app.delete('/api/v1/namespaces/:ns/members/:username', {
    schema: {
      tags: TAGS,
      summary: 'Take a user out of a namespace',
      params: MemberParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { ns: namespace, username } = request.params;
      await namespaces.removeMember(request.principal, { namespace, username });
      return reply.status(204).send(null);
    },
  });
}
