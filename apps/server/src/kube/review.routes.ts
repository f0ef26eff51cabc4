import {
  answerAccessReview,
  answerRulesReview,
  answerSelfSubjectReview,
  type PathQuestion,
  type ResourceQuestion,
} from '@wegent/kube';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { App } from '../http/app-type.ts';
import { acceptDocuments } from '../resources/body-parsers.ts';
import { toDocument } from '../resources/documents.ts';
import type { Authorizer } from './authorizer.ts';

const Answer = z.looseObject({ apiVersion: z.string(), kind: z.string() });
/** Paths that every signed-in client may read. */
const OPEN_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/openapi',
  '/openapi/*',
  '/version',
  '/livez',
  '/readyz',
];

/** Who am I, and what may I do: the reviews of Kubernetes about oneself. */
export function registerReviewRoutes(app: App, { authorizer }: { authorizer: Authorizer }): void {
  app.register(async (scope: App) => {
    acceptDocuments(scope);
    const schema = { tags: ['kubernetes'], body: z.unknown(), response: { 201: Answer } };

    scope.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      schema: { ...schema, summary: 'Who the caller is' },
      handler: async ({ principal, body }, reply) =>
        reply.code(201).send(answerSelfSubjectReview(toDocument(body), userOf(principal))),
    });

    scope.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      schema: { ...schema, summary: 'Whether the caller may do something' },
      handler: async ({ principal, body }, reply) => {
        const decide = async (question: ResourceQuestion | PathQuestion) =>
          'path' in question
            ? { allowed: OPEN_PATHS.some((open) => matches(open, question.path)) }
            : authorizer.decide(principal, question);
        return reply.code(201).send(await answerAccessReview(toDocument(body), decide));
      },
    });

    scope.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      schema: { ...schema, summary: 'All that the caller may do in a namespace' },
      handler: async ({ principal, body }, reply) => {
        const list = async (namespace: string) => ({
          resourceRules: await authorizer.rules(principal, namespace),
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: OPEN_PATHS }],
        });
        return reply.code(201).send(await answerRulesReview(toDocument(body), list));
      },
    });
  });
}

function userOf({ username, userId, role }: Principal) {
  const groups = [...(role === 'admin' ? ['wegent:administrators'] : []), 'system:authenticated'];
  return { username, uid: userId, groups };
}

function matches(open: string, path: string): boolean {
  return open.endsWith('*') ? path.startsWith(open.slice(0, -1)) : path === open;
}
