import type { Bus } from '@wegent/bus';
import type { Store } from '@wegent/store';
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { TaskSandboxes } from '../executors/task-sandbox.service.ts';
import type { Publisher } from '../realtime/publisher.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import type { TaskService } from '../tasks/task.service.ts';
import type { WorkspaceService } from '../workspaces/workspace.service.ts';
import type { GitCredentials } from './git-credentials.ts';
import { createGitHostService } from './git-host.service.ts';
import { createHostAccess } from './host-access.ts';
import { createHostReach, type FetchFor } from './host-reach.ts';
import { createPullRequestNotes } from './pull-request-notes.ts';
import { createRepositoryList } from './repository-list.service.ts';
import { createTaskRepositories } from './task-repository.service.ts';

/** Git hosts and what tasks do there, see `createGitService`. */
export type GitService = ReturnType<typeof createGitService>;

/** Git hosts of people, what they offer, and the way of a task's work to a pull request. */
export function createGitService({
  store,
  bus,
  secrets,
  credentials,
  fetchFor,
  outboundAllow,
  tasks,
  workspaces,
  sandboxes,
  publisher,
  audit,
  logger,
}: {
  store: Store;
  bus: Bus;
  secrets: SecretBox;
  credentials: GitCredentials;
  fetchFor: FetchFor;
  /** host:port pairs of private addresses that everybody may reach. */
  outboundAllow: readonly string[];
  tasks: TaskService;
  workspaces: WorkspaceService;
  sandboxes: TaskSandboxes;
  publisher: Publisher;
  audit: Audit;
  logger: Logger;
}) {
  const reach = createHostReach({ fetchFor, outboundAllow });
  const access = createHostAccess({ store, secrets, reach });
  const notes = createPullRequestNotes({ store, publisher });
  return {
    hosts: createGitHostService({ store, secrets, reach, audit }),
    lists: createRepositoryList({
      store,
      bus,
      hosts: access,
      reach,
      credentials,
      checkUrl: workspaces.checkUrl,
      logger,
    }),
    repositories: createTaskRepositories({
      store,
      bus,
      tasks,
      workspaces,
      sandboxes,
      hosts: access,
      notes,
      audit,
    }),
  };
}
