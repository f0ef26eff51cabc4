import { ObjectMeta, Username } from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { NamespaceService } from './namespace.service.ts';
import { NamespaceList, NamespaceObject } from './namespace-view.ts';

const TAGS = ['namespaces'];
const Role = z.enum(['Reporter', 'Developer', 'Maintainer', 'Owner']);
const Member = z.object({ userId: z.string(), username: z.string(), role: Role });
const NamespaceParams = z.strictObject({ ns: z.string().max(100) });
const MemberParams = z.strictObject({ ns: z.string().max(100), username: z.string().max(100) });

/** A core v1 Namespace as people write it; `kubectl` adds a spec and a status, which say nothing here. */
const NamespaceInput = z.object({
  apiVersion: z.literal('v1').default('v1'),
  kind: z.literal('Namespace').default('Namespace'),
  metadata: ObjectMeta.extend({ name: Username }),
});

/** Namespaces as Kubernetes core objects, and their members. */
export function registerNamespaceRoutes(app: App, deps: { namespaces: NamespaceService }): void {
  const { namespaces } = deps;

  app.get('/api/v1/namespaces', {
    schema: { tags: TAGS, summary: 'Namespaces that you may read', response: { 200: NamespaceList } },
    handler: (request) => namespaces.list(request.principal),
  });

  app.post('/api/v1/namespaces', {
    schema: {
      tags: TAGS,
      summary: 'Make a group namespace',
      querystring: z.object({ dryRun: z.literal('All').optional() }),
      body: NamespaceInput,
      response: { 201: NamespaceObject },
    },
    handler: async (request, reply) => {
      const dryRun = request.query.dryRun === 'All';
      return reply
        .status(201)
        .send(await namespaces.create(request.principal, request.body.metadata, { dryRun }));
    },
  });

  app.get('/api/v1/namespaces/:ns', {
    schema: {
      tags: TAGS,
      summary: 'One namespace',
      params: NamespaceParams,
      response: { 200: NamespaceObject },
    },
    handler: (request) => namespaces.get(request.principal, request.params.ns),
  });

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
