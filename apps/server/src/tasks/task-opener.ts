import {
  API_VERSION,
  type ChatSend,
  NO_USAGE,
  type ObjectReference,
  type ResourceObject,
  type TaskSpec,
} from '@wegent/api';
import { newId, type Store, type TaskRow } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import { toTime } from '../http/time.ts';
import type { Publisher } from '../realtime/publisher.ts';
import { workBranchOf } from '../workspaces/work-branch.ts';
import type { ChosenWorkspace } from '../workspaces/workspace.service.ts';
import { findParticipants } from './participants.ts';
import { toTaskItem, toTaskStatus } from './task-item.ts';

const TITLE_CHARACTERS = 60;

/** A task that is about to be written. */
export interface OpenedTask {
  task: TaskRow;
  object: ResourceObject;
  memberIds: string[];
  references: { kind: string; namespace: string; name: string }[];
}

/** Makes tasks. */
export type TaskOpener = ReturnType<typeof createTaskOpener>;

/** Builds the Task object and its row from a first message. */
export function createTaskOpener({
  store,
  publisher,
  now = Date.now,
}: {
  store: Store;
  publisher: Publisher;
  now?: () => number;
}) {
  return {
    /** Puts a task together from a message; reads, but writes nothing. */
    async prepare(
      principal: Principal,
      team: ResourceObject,
      input: Pick<ChatSend, 'message' | 'title' | 'type' | 'participants' | 'modelOverride' | 'options'>,
      workspace: ChosenWorkspace = {},
    ): Promise<OpenedTask> {
      const id = newId();
      const spec: TaskSpec = {
        title: input.title?.trim() || titleOf(input.message),
        prompt: input.message,
        teamRef: { name: team.metadata.name, namespace: team.metadata.namespace },
        type: input.type ?? (hasWorkspace(workspace) ? 'code' : 'chat'),
        ...(input.participants?.length ? { participants: input.participants } : {}),
        ...(input.modelOverride ? { modelOverride: input.modelOverride } : {}),
        ...(input.options ? { options: input.options } : {}),
        ...(workspace.object ? { workspaceRef: referenceTo(workspace.object) } : {}),
      };
      const { namespace } = principal;
      return build(principal, { id, name: `task-${id}`, namespace, spec, team, workspace });
    },

    /** Puts a task together from a Task document that was applied. */
    fromObject(
      principal: Principal,
      object: ResourceObject,
      spec: TaskSpec,
      team: ResourceObject,
      workspace: ChosenWorkspace = {},
    ): Promise<OpenedTask> {
      const id = object.metadata.uid ?? newId();
      const title = spec.title.trim() || titleOf(spec.prompt);
      return build(principal, {
        id,
        name: object.metadata.name,
        namespace: object.metadata.namespace,
        spec: { ...spec, title },
        team,
        object,
        workspace,
      });
    },

    /** Writes task, object and members. */
    async insert(tx: Store, { task, object, memberIds, references }: OpenedTask): Promise<ResourceObject> {
      const created = await tx.resources.create(object, { references });
      await tx.tasks.insert(task, memberIds);
      return created;
    },

    /** Tells everyone who takes part. */
    async announce({ task, memberIds }: OpenedTask): Promise<void> {
      for (const userId of memberIds) {
        const row = await store.tasks.getItem(task.id, userId);
        if (row) publisher.toUsers([userId], 'task:created', { task: toTaskItem(row) });
      }
    },
  };

  async function build(
    principal: Principal,
    {
      id,
      name,
      namespace,
      spec,
      team,
      object,
      workspace,
    }: {
      id: string;
      name: string;
      namespace: string;
      spec: TaskSpec;
      team: ResourceObject;
      object?: ResourceObject;
      workspace: ChosenWorkspace;
    },
  ): Promise<OpenedTask> {
    const participants = await findParticipants(store, spec.participants ?? []);
    const at = now();
    const task: TaskRow = {
      id,
      namespace,
      name,
      ownerId: principal.userId,
      title: spec.title,
      type: spec.type,
      phase: 'Pending',
      progress: 0,
      teamNamespace: team.metadata.namespace,
      teamName: team.metadata.name,
      activeLeafId: null,
      lastSeq: 0,
      compactedSeq: 0,
      errorMessage: null,
      result: null,
      startedAt: null,
      finishedAt: null,
      activityAt: at,
      createdAt: at,
      deletedAt: null,
      usage: NO_USAGE,
      isGroup: participants.length > 0,
      branch: spec.type === 'code' || hasWorkspace(workspace) ? workBranchOf(id, spec.title) : null,
      pullRequest: null,
      executor: null,
      workspace: workspace.repository ?? null,
    };
    return {
      task,
      object: {
        apiVersion: API_VERSION,
        kind: 'Task',
        metadata: {
          generation: 1,
          ...object?.metadata,
          uid: id,
          name,
          namespace,
          creationTimestamp: toTime(at),
        },
        spec: { ...spec },
        status: { ...toTaskStatus(task) },
      },
      memberIds: [...new Set([principal.userId, ...participants.map((user) => user.id)])],
      references: [team, ...(workspace.object ? [workspace.object] : [])].map(({ kind, metadata }) => ({
        kind,
        namespace: metadata.namespace,
        name: metadata.name,
      })),
    };
  }
}

function hasWorkspace({ object, repository }: ChosenWorkspace): boolean {
  return object !== undefined || repository !== undefined;
}

function referenceTo({ metadata }: ResourceObject): ObjectReference {
  return { name: metadata.name, namespace: metadata.namespace };
}

/** The title of a conversation: the first line of its first message, shortened at a word. */
export function titleOf(message: string): string {
  const line = message.trim().split(/\r?\n/, 1)[0]?.replace(/\s+/g, ' ') ?? '';
  const characters = [...line];
  if (characters.length <= TITLE_CHARACTERS) return line;
  const cut = characters.slice(0, TITLE_CHARACTERS).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > TITLE_CHARACTERS / 2 ? cut.slice(0, space) : cut}…`;
}
