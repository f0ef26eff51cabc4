import { API_VERSION, ApiError, type ResourceObject } from '@wegent/api';

/** One line of a watch. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: object;
}

/** A change as the log of changes has it; `previous` is the object before it. */
export interface ObjectChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resourceVersion: number;
  object: ResourceObject;
  previous?: ResourceObject | undefined;
}

/** Frames an event: one JSON text and a line feed. */
export function watchLine(event: WatchEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/**
 * What a watcher with this selection sees of a change, or undefined when it sees nothing. An object that enters
 * the selection is ADDED; one that leaves it is DELETED, as it was before, with the new version.
 */
export function selectChange(
  change: ObjectChange,
  selects: (object: ResourceObject) => boolean,
): WatchEvent | undefined {
  const before = change.type === 'DELETED' ? (change.previous ?? change.object) : change.previous;
  const was = before !== undefined && selects(before);
  const is = change.type !== 'DELETED' && selects(change.object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: change.object };
  if (!was) return undefined;
  return {
    type: 'DELETED',
    object: at(change.type === 'DELETED' ? change.object : before, change.resourceVersion),
  };
}

/** A bookmark: the watcher has seen everything up to this version. `initialEnd` closes the initial objects. */
export function bookmark(
  kind: string,
  resourceVersion: number,
  initialEnd = false,
  apiVersion: string = API_VERSION,
): WatchEvent {
  return {
    type: 'BOOKMARK',
    object: {
      kind,
      apiVersion,
      metadata: {
        resourceVersion: String(resourceVersion),
        creationTimestamp: null,
        ...(initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    },
  };
}

/** The version a watcher asked for is no longer in the log: it has to list again. */
export function expired(requested: number, floor: number): ApiError {
  return new ApiError('Expired', `too old resource version: ${requested} (${floor})`);
}

function at(object: ResourceObject, resourceVersion: number): ResourceObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(resourceVersion) } };
}
