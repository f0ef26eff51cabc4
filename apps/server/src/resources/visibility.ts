import { EventFields, type KindDefinition, type ResourceObject } from '@wegent/api';
import type { Access } from '../access/access.ts';
import type { Principal } from '../auth/principal.ts';
import type { TaskResources } from './task-resources.ts';
import { viewOf } from './views.ts';

/** Who looks at objects of which kind. */
export interface Viewer {
  principal: Principal;
  definition: KindDefinition;
}

/** Answers those of stored objects that somebody may see, where the role in the namespace is not all that counts. */
export function createVisibility({
  access,
  taskResources,
}: {
  access: Access;
  taskResources: TaskResources;
}) {
  async function visibleOf(
    { principal, definition }: Viewer,
    objects: readonly ResourceObject[],
  ): Promise<readonly ResourceObject[]> {
    if (definition.kind === 'Event') return visibleEvents(principal, objects);
    if (definition.kind === 'Namespace') {
      const readable = new Set(await access.readableNamespaces(principal));
      return objects.filter(({ metadata }) => readable.has(metadata.name));
    }
    return viewOf(definition).source.kind === 'Task' ? taskResources.readable(principal, objects) : objects;
  }

  /** Events about Tasks are for those who take part in them, all others for whoever reads the namespace. */
  async function visibleEvents(
    principal: Principal,
    events: readonly ResourceObject[],
  ): Promise<readonly ResourceObject[]> {
    const readable = new Set(await access.readableNamespaces(principal));
    const tasks = events.map(taskOfEvent).filter((task) => task !== undefined);
    const mine = new Set(
      (await taskResources.readable(principal, tasks)).map(({ metadata }) => metadata.uid),
    );
    return events.filter((event) => {
      const task = taskOfEvent(event);
      return task ? mine.has(task.metadata.uid) : readable.has(event.metadata.namespace);
    });
  }

  return visibleOf;
}

/** The Task that an Event is about, as far as rights need it. */
function taskOfEvent({ metadata, spec }: ResourceObject): ResourceObject | undefined {
  const { involvedObject } = EventFields.parse(spec);
  if (involvedObject.kind !== 'Task' && involvedObject.kind !== 'Pod') return undefined;
  return {
    apiVersion: '',
    kind: 'Task',
    metadata: { name: '', namespace: metadata.namespace, uid: involvedObject.uid ?? '' },
    spec: {},
  };
}
