import { apiVersionOf, Event, type EventFields, type ResourceObject, TaskSpec } from '@wegent/api';
import { type Change, newId, type Store } from '@wegent/store';
import type { Controller } from './controller-loop.ts';

const COMPONENT = 'wegent';
const MAX_MESSAGE = 1024;

/** Writes an Event whenever a Task goes into another phase. */
export function createTaskEventController({
  store,
  onChange,
}: {
  store: Store;
  onChange: () => void;
}): Controller {
  return {
    async changed(changes) {
      const wanted = changes.map(eventOf).filter((event) => event !== undefined);
      if (wanted.length === 0) return;
      const keys = wanted.map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }));
      // Their names follow from the changes: whoever reads a change again writes no second Event.
      const known = new Set((await store.resources.getMany('Event', keys)).map(keyOf));
      const spaces = new Set(keys.map(({ namespace }) => namespace));
      const ending = new Set(
        (
          await store.resources.getMany(
            'Namespace',
            [...spaces].map((name) => ({ namespace: '', name })),
          )
        )
          .filter(({ metadata }) => metadata.deletionTimestamp)
          .map(({ metadata }) => metadata.name),
      );
      const fresh = wanted.filter(
        (event) => !known.has(keyOf(event)) && !ending.has(event.metadata.namespace),
      );
      if (fresh.length === 0) return;
      await store.transaction(async (tx) => {
        for (const event of fresh) await tx.resources.create(event);
      });
      onChange();
    },

    // What happened before nobody looked is told by the status.
    resync: async () => {},
  };
}

function eventOf({ kind, type, object, previous, resourceVersion }: Change): ResourceObject | undefined {
  if (kind !== 'Task' || type === 'DELETED') return undefined;
  const phase = String(object.status?.phase ?? 'Pending');
  if (type === 'MODIFIED' && String(previous?.status?.phase ?? 'Pending') === phase) return undefined;
  const told = tell(object, phase);
  const { name, namespace, uid } = object.metadata;
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const spec: EventFields = {
    involvedObject: {
      apiVersion: object.apiVersion,
      kind,
      namespace,
      name,
      ...(uid === undefined ? {} : { uid }),
      resourceVersion: String(resourceVersion),
    },
    ...told,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
  };
  return {
    apiVersion: apiVersionOf(Event),
    kind: 'Event',
    metadata: { name: `${name.slice(0, 80)}.${resourceVersion.toString(16)}`, namespace, uid: newId() },
    spec,
  };
}

function tell({ spec, status }: ResourceObject, phase: string) {
  switch (phase) {
    case 'Pending': {
      const { teamRef } = TaskSpec.parse(spec);
      return { type: 'Normal', reason: 'Scheduled', message: `Queued for Team ${teamRef.name}` };
    }
    case 'Running':
      return { type: 'Normal', reason: 'Started', message: 'Began to run' };
    case 'Failed':
      return {
        type: 'Warning',
        reason: 'Failed',
        message: String(status?.errorMessage ?? 'The run failed').slice(0, MAX_MESSAGE),
      };
    default:
      return { type: 'Normal', reason: phase, message: `Is ${phase} now` };
  }
}

function keyOf({ metadata }: ResourceObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
