import { ApiError, type ResourceObject, TaskSpec } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { ChatService } from '../chat/chat.service.ts';
import type { TurnPreparer } from '../chat/turn.ts';
import type { TaskResources, TaskWrite } from '../resources/task-resources.ts';
import type { WorkspaceService } from '../workspaces/workspace.service.ts';
import type { TaskService } from './task.service.ts';
import type { TaskOpener } from './task-opener.ts';
import type { TaskRemoval } from './task-removal.ts';

/** Fields of a Task that may change after it was made; the rest is the record of what was asked. */
const MUTABLE = new Set(['title', 'modelOverride', 'options']);

/** What makes a Task more than its object: applying one runs it, and only members see it. */
export function createTaskResources({
  store,
  tasks,
  opener,
  turns,
  chat,
  removal,
  workspaces,
}: {
  store: Store;
  tasks: TaskService;
  opener: TaskOpener;
  turns: TurnPreparer;
  chat: ChatService;
  removal: TaskRemoval;
  workspaces: Pick<WorkspaceService, 'choose'>;
}): TaskResources {
  return {
    async create({ principal, object, dryRun }: TaskWrite): Promise<ResourceObject> {
      const spec = TaskSpec.parse(object.spec);
      if (spec.prompt.trim() === '') {
        throw new ApiError('Invalid', 'Task: spec.prompt: Required value', {
          details: {
            kind: 'Task',
            name: object.metadata.name,
            causes: [{ reason: 'FieldValueRequired', field: 'spec.prompt', message: 'Required value' }],
          },
        });
      }
      const team = await turns.team(principal, {
        ...spec.teamRef,
        namespace: spec.teamRef.namespace ?? object.metadata.namespace,
      });
      const workspace = await workspaces.choose(spec.workspaceRef, (reference) =>
        turns.workspace(principal, { namespace: object.metadata.namespace, ...reference }),
      );
      const opened = await opener.fromObject(principal, object, spec, team, workspace);
      // A Task that cannot run is refused before anything of it is there.
      const turn = await turns.prepare(principal, {
        team,
        text: spec.prompt,
        isGroup: opened.task.isGroup,
        modelOverride: spec.modelOverride,
        options: spec.options,
      });
      if (dryRun) return opened.object;
      const input = {
        clientMessageId: `task:${opened.task.id}`,
        message: spec.prompt,
        ...(spec.options ? { options: spec.options } : {}),
      };
      await chat.begin({ opened, turn, message: { principal, input, files: [], follows: null } });
      return (await store.resources.getByUid(opened.task.id)) ?? opened.object;
    },

    async update({ object, stored, expectedVersion, references, dryRun }): Promise<ResourceObject> {
      const changed = Object.keys({ ...stored.spec, ...object.spec }).filter(
        (field) =>
          !MUTABLE.has(field) && JSON.stringify(object.spec[field]) !== JSON.stringify(stored.spec[field]),
      );
      if (changed.length > 0) {
        throw new ApiError(
          'Invalid',
          `Task "${object.metadata.name}": ${changed.map((field) => `spec.${field}`).join(', ')} cannot change once the Task exists`,
          {
            details: {
              kind: 'Task',
              name: object.metadata.name,
              causes: changed.map((field) => ({
                reason: 'FieldValueForbidden',
                field: `spec.${field}`,
                message: 'field is immutable',
              })),
            },
          },
        );
      }
      if (dryRun) return object;
      const spec = TaskSpec.parse(object.spec);
      return store.transaction(async (tx) => {
        // First the row, then the object, as the Task's own runs lock them.
        await tx.tasks.lock(taskId(object));
        const updated = await tx.resources.update(object, expectedVersion, { references: [...references] });
        await tx.tasks.update(taskId(object), { title: spec.title });
        return updated;
      });
    },

    async delete({ principal, object, dryRun }): Promise<void> {
      await tasks.requireOwner(principal, taskId(object));
      if (!dryRun) await removal.remove(principal, taskId(object));
    },

    async readable(principal, objects): Promise<ResourceObject[]> {
      const mine = await store.tasks.idsOfMember(objects.map(taskId), principal.userId);
      return objects.filter((object) => mine.has(taskId(object)));
    },

    async namespaces(principal): Promise<string[]> {
      const rows = await store.tasks.namespacesOf(principal.userId);
      return [...new Set([principal.namespace, ...rows])];
    },
  };
}

function taskId(object: ResourceObject): string {
  return object.metadata.uid ?? '';
}
