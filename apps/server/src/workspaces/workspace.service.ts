import { realpath } from 'node:fs/promises';
import path from 'node:path';
import {
  ApiError,
  type ChatSend,
  type GitCredential,
  type ObjectReference,
  type ResourceObject,
  type SpecWorkspace,
  TaskSpec,
  WorkspaceSpec,
} from '@wegent/api';
import type { Store, TaskRow, UserRow } from '@wegent/store';
import type { Access } from '../access/access.ts';
import { principalOfUser } from '../auth/principal.ts';
import { resolveReference } from '../resources/references.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import { authorOf } from './author.ts';
import { checkBranchName, parseGitUrl } from './git-url.ts';
import { workBranchOf } from './work-branch.ts';

/** Who a person is at git hosts. */
export interface GitCredentials {
  forUrl(userId: string, gitUrl: string): Promise<GitCredential | undefined>;
}

/** The workspace that a new task is given. At most one of the two is there. */
export interface ChosenWorkspace {
  /** A Workspace object that was checked for use. */
  object?: ResourceObject;
  /** A repository that was named by its address. */
  repository?: { gitUrl: string; branchName?: string };
}

/** A task's workspace with everything in clear; it never goes to a client. */
export interface LoadedWorkspace {
  spec: SpecWorkspace;
  egress: string[];
  /** Namespace of whoever wrote the address. */
  namespace: string;
}

/** Workspaces of tasks, see `createWorkspaceService`. */
export type WorkspaceService = ReturnType<typeof createWorkspaceService>;

/** Checks what people name as workspace, and puts together what a run gets of it. */
export function createWorkspaceService({
  store,
  access,
  secrets,
  credentials,
  localRepositories,
  mailHost,
}: {
  store: Store;
  access: Pick<Access, 'can'>;
  secrets: SecretBox;
  credentials: GitCredentials;
  /** Folders below which repositories may lie that are folders of the server. */
  localRepositories: readonly string[];
  /** Part of the addresses of people who have none. */
  mailHost: string;
}) {
  /** The address as git takes it; Invalid where it is none, or a folder that may not be used. */
  async function checkUrl(text: string, field: string): Promise<string> {
    const { url, folder } = parseGitUrl(text, field);
    if (folder !== undefined && !(await isAllowedFolder(folder, localRepositories))) {
      const message =
        localRepositories.length === 0
          ? 'folders of the server cannot be used; the operator may allow some with LOCAL_REPOSITORIES'
          : 'is not below a folder that the operator has allowed with LOCAL_REPOSITORIES';
      throw new ApiError('Invalid', `${field}: ${message}`, {
        details: { causes: [{ reason: 'FieldValueForbidden', field, message }] },
      });
    }
    return url;
  }

  async function checkRepository(
    { gitUrl, branchName }: { gitUrl: string; branchName?: string | undefined },
    field: string,
  ): Promise<{ gitUrl: string; branchName?: string }> {
    return {
      gitUrl: await checkUrl(gitUrl, `${field}.gitUrl`),
      ...(branchName === undefined || branchName === ''
        ? {}
        : { branchName: checkBranchName(branchName, `${field}.branchName`) }),
    };
  }

  /** The Workspace object of a task; `undefined` when it names none. */
  async function objectOf(task: TaskRow): Promise<ResourceObject | undefined> {
    const document = await store.resources.getByUid(task.id);
    const reference = document && TaskSpec.parse(document.spec).workspaceRef;
    if (!reference) return undefined;
    const object = await resolveReference(store, 'Workspace', reference, task.namespace);
    // The right may have gone since the task began; a Workspace holds secrets.
    const owner = object && (await store.users.get(task.ownerId));
    if (owner && (await access.can(principalOfUser(owner), 'run', 'Workspace', object.metadata.namespace)))
      return object;
    throw new ApiError(
      'NotFound',
      `Workspace "${reference.name}" is not there any more. Make it again, or start a new task with another one.`,
      { details: { kind: 'Workspace', name: reference.name } },
    );
  }

  return {
    checkUrl,

    /** Checks the workspace of a message that begins a task; `find` looks for one that the sender may use. */
    async choose(
      workspace: ChatSend['workspace'],
      find: (reference: ObjectReference) => Promise<ResourceObject>,
    ): Promise<ChosenWorkspace> {
      if (!workspace) return {};
      if ('gitUrl' in workspace) return { repository: await checkRepository(workspace, 'workspace') };
      const object = await find(workspace);
      await checkRepository(WorkspaceSpec.parse(object.spec).repository, 'workspace.repository');
      return { object };
    },

    /** A task keeps the workspace that it began with: Invalid when a message names another one. */
    async checkSame(task: TaskRow, workspace: ChatSend['workspace']): Promise<void> {
      if (!workspace) return;
      const isSame =
        'gitUrl' in workspace
          ? task.workspace?.gitUrl === (await checkUrl(workspace.gitUrl, 'workspace.gitUrl')) &&
            (workspace.branchName === undefined || workspace.branchName === task.workspace?.branchName)
          : isReferenceTo(workspace, task.workspace === null ? await objectOf(task) : undefined);
      if (isSame) return;
      const message = 'a task keeps the workspace that it began with; start a new task for another one';
      throw new ApiError('Invalid', `workspace: ${message}`, {
        details: { causes: [{ reason: 'FieldValueForbidden', field: 'workspace', message }] },
      });
    },

    /** Address and base branch of a task's repository; `undefined` when it has none. */
    async repositoryOf(task: TaskRow): Promise<{ gitUrl: string; branchName?: string } | undefined> {
      if (task.workspace) return checkRepository(task.workspace, 'workspace');
      const object = task.branch === null ? undefined : await objectOf(task);
      return object && checkRepository(WorkspaceSpec.parse(object.spec).repository, 'spec.repository');
    },

    /** What a run of the task gets; `undefined` for tasks that have no workspace. */
    async load(task: TaskRow, owner: UserRow | undefined): Promise<LoadedWorkspace | undefined> {
      if (task.branch === null) return undefined;
      const object = task.workspace === null ? await objectOf(task) : undefined;
      const workspace = object && WorkspaceSpec.parse(secrets.unseal(object).spec);
      const named = task.workspace ?? workspace?.repository;
      const repository = named && (await checkRepository(named, 'workspace'));
      const credential =
        repository && owner ? await credentials.forUrl(owner.id, repository.gitUrl) : undefined;
      return {
        spec: {
          ...(repository
            ? {
                repository: {
                  url: repository.gitUrl,
                  ...(repository.branchName === undefined ? {} : { branch: repository.branchName }),
                  ...(credential ? { credential } : {}),
                },
              }
            : {}),
          workBranch: task.branch ?? workBranchOf(task.id, task.title),
          author: authorOf(owner, mailHost),
          setupCommands: workspace?.setupCommands ?? [],
          env: workspace?.env ?? {},
          submodules: workspace?.submodules ?? false,
        },
        egress: workspace?.egress ?? [],
        namespace: object?.metadata.namespace ?? task.namespace,
      };
    },
  };
}

async function isAllowedFolder(folder: string, allowed: readonly string[]): Promise<boolean> {
  // Links are followed first, so that one below an allowed folder does not lead out of it.
  const real = await realpath(folder).catch(() => folder);
  const bases = await Promise.all(allowed.map((base) => realpath(base).catch(() => path.resolve(base))));
  return bases.some(
    (base) => real === base || real.startsWith(base.endsWith(path.sep) ? base : base + path.sep),
  );
}

function isReferenceTo(reference: ObjectReference, object: ResourceObject | undefined): boolean {
  return (
    object !== undefined &&
    object.metadata.name === reference.name &&
    (reference.namespace === undefined || object.metadata.namespace === reference.namespace)
  );
}
