import {
  GitBranchList,
  GitHost,
  GitHostRequest,
  GitRepositoryList,
  PullRequest,
  PullRequestRequest,
  TaskRepository,
} from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { GitService } from './git.service.ts';

const TAGS = ['git'];
const DomainParams = z.object({
  domain: z.string().min(1).max(255).describe('Host as it was saved, such as git.example.org:8443.'),
});
const TaskParams = z.object({ taskId: z.string().min(1).max(100).describe('Id of the task.') });

/** Git hosts, their repositories, and pull requests of tasks. */
export function registerGitRoutes(app: App, { git }: { git: GitService }): void {
  app.get('/api/v1/users/me/git-hosts', {
    schema: {
      tags: TAGS,
      summary: 'Your git hosts',
      response: { 200: z.object({ items: z.array(GitHost) }) },
    },
    handler: (request) => git.hosts.list(request.principal),
  });

  app.post('/api/v1/users/me/git-hosts', {
    schema: {
      tags: TAGS,
      summary: 'Connect a git host, in place of the one of that domain; types with an API are tried first',
      body: GitHostRequest,
      response: { 201: GitHost },
    },
    handler: async (request, reply) =>
      reply.code(201).send(await git.hosts.save(request.principal, request.body, request.ip)),
  });

  app.get('/api/v1/users/me/git-hosts/:domain', {
    schema: {
      tags: TAGS,
      summary: 'One of your git hosts',
      params: DomainParams,
      response: { 200: GitHost },
    },
    handler: (request) => git.hosts.get(request.principal, request.params.domain),
  });

  app.delete('/api/v1/users/me/git-hosts/:domain', {
    schema: {
      tags: TAGS,
      summary: 'Forget a git host and its credential',
      params: DomainParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await git.hosts.delete(request.principal, request.params.domain, request.ip);
      return reply.code(204).send(null);
    },
  });

  app.get('/api/v1/git/repositories', {
    schema: {
      tags: TAGS,
      summary: 'Repositories of your git hosts; hosts that failed stand under `problems`',
      querystring: z.strictObject({
        search: z.string().max(200).default(''),
        domain: z.string().min(1).max(255).optional().describe('One host alone.'),
      }),
      response: { 200: GitRepositoryList },
    },
    handler: (request) => git.lists.repositories(request.principal, request.query),
  });

  app.get('/api/v1/git/branches', {
    schema: {
      tags: TAGS,
      summary: 'Branches of a repository, the default one first',
      querystring: z.strictObject({ repo: z.string().min(1).max(2000).describe('Its git URL.') }),
      response: { 200: GitBranchList },
    },
    handler: (request) => git.lists.branches(request.principal, request.query.repo),
  });

  app.get('/api/v1/tasks/:taskId/repository', {
    schema: {
      tags: TAGS,
      summary: 'Where the work of a task stands, as work tree and remote tell it',
      params: TaskParams,
      response: { 200: TaskRepository },
    },
    handler: (request) => git.repositories.read(request.principal, request.params.taskId),
  });

  app.post('/api/v1/tasks/:taskId/pull-request', {
    schema: {
      tags: TAGS,
      summary: 'Create the pull request of a task (201), or update the open one (200)',
      description: '409 while the branch is not on the remote.',
      params: TaskParams,
      body: PullRequestRequest.nullish(),
      response: { 200: PullRequest, 201: PullRequest },
    },
    handler: async ({ principal, params, body, ip }, reply) => {
      const { pullRequest, isNew } = await git.repositories.publish(principal, params.taskId, body ?? {}, ip);
      return reply.code(isNew ? 201 : 200).send(pullRequest);
    },
  });
}
