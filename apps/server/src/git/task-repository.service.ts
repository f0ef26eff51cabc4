import {
  ApiError,
  ExecutorRepository,
  PullRequest,
  type PullRequestRequest,
  type TaskRepository,
} from '@wegent/api';
import type { Bus } from '@wegent/bus';
import type { Store, TaskRow } from '@wegent/store';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import type { TaskSandboxes } from '../executors/task-sandbox.service.ts';
import type { TaskService } from '../tasks/task.service.ts';
import { checkBranchName } from '../workspaces/git-url.ts';
import type { WorkspaceService } from '../workspaces/workspace.service.ts';
import { fieldError } from './field-error.ts';
import { type GitAddress, parseGitAddress } from './git-address.ts';
import type { HostPullRequest } from './git-host-api.ts';
import type { HostAccess, HostedRepository, HostOwner } from './host-access.ts';
import { HostFailure } from './host-failure.ts';
import { given } from './host-fields.ts';
import { nextStep } from './next-step.ts';
import type { PullRequestNotes } from './pull-request-notes.ts';

const LOCK_MS = 60_000;

/** A task with the repository that it works on. */
interface Place {
  task: TaskRow;
  branch: string;
  gitUrl: string;
  baseBranch: string | undefined;
  address: GitAddress;
}

/** What the host of a task says of its branch. */
interface HostState {
  /** Commit of the branch at the host. */
  commit?: string | undefined;
  pullRequest?: HostPullRequest | undefined;
}

/**
 * Where the work of a task stands: the work tree tells what is not there yet, the host what is. Those who take part
 * in a task act with their own credential where they have one for the host, else with that of its owner, which their
 * pushes use too.
 */
export function createTaskRepositories({
  store,
  bus,
  tasks,
  workspaces,
  sandboxes,
  hosts,
  notes,
  audit,
}: {
  store: Pick<Store, 'users'>;
  bus: Pick<Bus, 'lock'>;
  tasks: Pick<TaskService, 'require'>;
  workspaces: Pick<WorkspaceService, 'repositoryOf'>;
  sandboxes: Pick<TaskSandboxes, 'ask'>;
  hosts: HostAccess;
  notes: PullRequestNotes;
  audit: Pick<Audit, 'record'>;
}) {
  async function placeOf(principal: Principal, taskId: string): Promise<Place> {
    const task = await tasks.require(principal, taskId);
    const repository = task.branch === null ? undefined : await workspaces.repositoryOf(task);
    if (!repository || task.branch === null)
      throw new ApiError('NotFound', 'this task works on no repository');
    const { gitUrl, branchName: baseBranch } = repository;
    return { task, branch: task.branch, gitUrl, baseBranch, address: parseGitAddress(gitUrl) };
  }

  /** Whose hosts are used, best first. */
  async function ownersOf(principal: Principal, task: TaskRow): Promise<HostOwner[]> {
    if (task.ownerId === principal.userId) return [principal];
    const owner = await store.users.get(task.ownerId);
    return owner && !owner.disabled ? [principal, { ...owner, userId: owner.id }] : [principal];
  }

  async function hostOf(principal: Principal, place: Place): Promise<HostedRepository | undefined> {
    for (const owner of await ownersOf(principal, place.task)) {
      const hosted = await hosts.repositoryOf(owner, place.address);
      if (hosted) return hosted;
    }
    return undefined;
  }

  async function askHost({ api, path }: HostedRepository, branch: string): Promise<HostState> {
    const [commit, pullRequest] = await Promise.all([
      api.branchCommit(path, branch),
      api.findPullRequest(path, branch),
    ]);
    return { commit, pullRequest };
  }

  /** With its checks, where the token may read them. */
  async function withChecks(hosted: HostedRepository, found: HostPullRequest): Promise<HostPullRequest> {
    const { value: checks } = await outcome(hosted.api.checks(hosted.path, found));
    return checks ? { ...found, checks } : found;
  }

  async function read(principal: Principal, taskId: string): Promise<TaskRepository> {
    const place = await placeOf(principal, taskId);
    const { task, branch, gitUrl, address } = place;
    const [tree, hosted] = await Promise.all([
      sandboxes.ask(principal, taskId, { method: 'GET', path: '/v1/repository' }, ExecutorRepository),
      hostOf(principal, place),
    ]);
    const asked = hosted && (await outcome(askHost(hosted, branch)));
    const state = asked?.value;
    // The host itself is believed before the sandbox, in which the agent lives.
    const remoteHead = state ? state.commit : tree.remoteHead;
    const ahead = remoteHead !== undefined && remoteHead === tree.head ? 0 : tree.ahead;
    const pullRequest = hosted && state?.pullRequest && (await withChecks(hosted, state.pullRequest));
    if (pullRequest) await notes.remember(task, pullRequest.url);
    const canPullRequest = hosted !== undefined && state !== undefined;
    const { uncommitted, commits, head } = tree;
    return {
      gitUrl,
      hostType: hosted?.type ?? (await hosts.typeOf(principal, address)),
      branch,
      baseBranch: place.baseBranch ?? tree.baseBranch,
      uncommitted,
      ahead,
      commits,
      ...given({ head, remoteHead }),
      ...given({ remoteProblem: asked?.problem ?? tree.remoteProblem }),
      canPullRequest,
      ...(pullRequest ? { pullRequest: PullRequest.parse(pullRequest) } : {}),
      next: nextStep({ uncommitted, ahead, commits, head, remoteHead, canPullRequest, pullRequest }),
    };
  }

  async function publish(
    principal: Principal,
    place: Place,
    request: PullRequestRequest,
  ): Promise<{ pullRequest: PullRequest; isNew: boolean }> {
    const { task, branch } = place;
    const hosted = await hostOf(principal, place);
    if (!hosted)
      throw new ApiError(
        'Conflict',
        `pull requests at ${hosts.nameOf(place.address)} cannot be made from here: connect the host, with its type and a token, under Settings → Git hosts`,
      );
    const { api, path } = hosted;
    const { commit, pullRequest: known } = await askHost(hosted, branch);
    if (commit === undefined)
      throw new ApiError('Conflict', `branch "${branch}" is not at ${hosted.domain} yet; push it first`);
    if (known?.state === 'open') return update(hosted, known, request);

    const target = request.targetBranch ?? place.baseBranch ?? (await api.defaultBranch(path)) ?? 'main';
    if (target === branch) throw fieldError('targetBranch', `"${target}" is the branch of the task itself`);
    const wanted = {
      title: request.title ?? notes.titleOf(task),
      body: request.body ?? (await notes.bodyOf(task)),
      sourceBranch: branch,
      targetBranch: target,
      draft: request.draft ?? false,
    };
    try {
      return { pullRequest: await api.createPullRequest(path, wanted), isNew: true };
    } catch (error) {
      // Somebody may have made it meanwhile, at the host or here.
      const made = await api.findPullRequest(path, branch).catch(() => undefined);
      if (made?.state !== 'open') throw error;
      return update(hosted, made, request);
    }
  }

  async function update(
    { api, path }: HostedRepository,
    current: HostPullRequest,
    { title, body, targetBranch, draft }: PullRequestRequest,
  ): Promise<{ pullRequest: PullRequest; isNew: boolean }> {
    const change = { title, body, targetBranch, draft };
    // What people wrote at the host stays, unless they are asked to change it.
    if (Object.values(change).every((value) => value === undefined))
      return { pullRequest: current, isNew: false };
    return { pullRequest: await api.updatePullRequest(path, current, change), isNew: false };
  }

  return {
    read,

    /** Creates the pull request of a task, or updates the open one. */
    async publish(
      principal: Principal,
      taskId: string,
      request: PullRequestRequest,
      address?: string,
    ): Promise<{ pullRequest: PullRequest; isNew: boolean }> {
      const place = await placeOf(principal, taskId);
      if (request.targetBranch !== undefined) checkBranchName(request.targetBranch, 'targetBranch');
      const lock = await bus.lock(`pull-request:${taskId}`, LOCK_MS);
      if (!lock) throw new ApiError('Conflict', 'the pull request of this task is being made right now');
      try {
        const { pullRequest, isNew } = await publish(principal, place, request);
        await notes.remember(place.task, pullRequest.url);
        audit.record({
          principal,
          action: isNew ? 'pull-request-create' : 'pull-request-update',
          target: { kind: 'Task', namespace: place.task.namespace, name: place.task.name },
          detail: { url: pullRequest.url },
          address,
        });
        return { pullRequest: PullRequest.parse(pullRequest), isNew };
      } finally {
        await lock.release();
      }
    },
  };
}

/** What a host said, or why it did not. */
async function outcome<Value>(asked: Promise<Value>): Promise<{ value?: Value; problem?: string }> {
  try {
    return { value: await asked };
  } catch (error) {
    if (error instanceof HostFailure) return { problem: error.message };
    throw error;
  }
}
