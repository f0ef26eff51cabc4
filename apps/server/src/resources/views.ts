import { type KindDefinition, kindByName, type ResourceObject, Task, type TaskPhase } from '@wegent/api';

/** Where the objects of a kind come from: the store, or objects of another kind seen in another way. */
export interface View {
  /** The kind that is stored. */
  source: KindDefinition;
  /** The object as the kind shows it; absent where it is what is stored. */
  show?: (object: ResourceObject) => ResourceObject;
}

/** How the objects of a kind are made of what is stored. */
export function viewOf(definition: KindDefinition): View {
  if (definition.kind !== 'Pod') return { source: definition };
  return { source: kindByName(Task.kind) ?? Task, show: podOfTask };
}

/** Name of the one container of a Pod that stands for a Task. */
export const AGENT_CONTAINER = 'agent';
const TASK_LABEL = 'task';
const IMAGE = 'wegent/executor';
const ENDED: readonly TaskPhase[] = ['Completed', 'Failed', 'Cancelled'];

/**
 * The runs of a Task as a Pod. It is `Running` from the first run until the Task is deleted: the sandbox is there, or
 * comes back, for whoever looks into it, and kubectl enters no Pod that has ended.
 */
export function podOfTask(task: ResourceObject): ResourceObject {
  const { name, namespace, uid, labels } = task.metadata;
  const phase = (task.status?.phase as TaskPhase | undefined) ?? 'Pending';
  const startedAt = text(task.status?.startedAt) ?? task.metadata.creationTimestamp ?? undefined;
  const ended = ENDED.includes(phase);
  const running = phase !== 'Pending' && !ended;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      ...(uid === undefined ? {} : { uid }),
      ...(task.metadata.resourceVersion === undefined
        ? {}
        : { resourceVersion: task.metadata.resourceVersion }),
      ...(task.metadata.creationTimestamp ? { creationTimestamp: task.metadata.creationTimestamp } : {}),
      ...(task.metadata.deletionTimestamp ? { deletionTimestamp: task.metadata.deletionTimestamp } : {}),
      labels: { ...labels, ...(name.length <= 63 ? { [TASK_LABEL]: name } : {}) },
      ownerReferences: [
        { apiVersion: task.apiVersion, kind: 'Task', name, uid: uid ?? '', controller: true },
      ],
    },
    spec: { containers: [{ name: AGENT_CONTAINER, image: IMAGE }], restartPolicy: 'Never' },
    status: {
      phase: phase === 'Pending' ? 'Pending' : 'Running',
      reason: phase,
      ...(startedAt ? { startTime: startedAt } : {}),
      conditions: [{ type: 'Ready', status: running ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: AGENT_CONTAINER,
          image: IMAGE,
          imageID: '',
          ready: running,
          restartCount: 0,
          state: stateOf(phase, ended, startedAt, text(task.status?.finishedAt)),
        },
      ],
    },
  };
}

function stateOf(phase: TaskPhase, ended: boolean, startedAt?: string, finishedAt?: string) {
  if (phase === 'Pending') return { waiting: { reason: 'Pending' } };
  if (!ended) return { running: startedAt ? { startedAt } : {} };
  return {
    terminated: {
      exitCode: phase === 'Completed' ? 0 : 1,
      reason: phase === 'Completed' ? 'Completed' : 'Error',
      ...(startedAt ? { startedAt } : {}),
      ...(finishedAt ? { finishedAt } : {}),
    },
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
