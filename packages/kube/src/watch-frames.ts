import { apiVersionOf, type ResourceObject } from '@wegent/api';
import type { Negotiated } from './negotiate.ts';
import type { ResourceType } from './resource-type.ts';
import { type IncludeObject, partialObject, tableOf } from './table.ts';
import { bookmark, type WatchEvent, watchLine } from './watch.ts';

/** Writes the lines of one watch. */
export interface WatchFrames {
  /** A change, in the form that was agreed on. */
  event(event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: ResourceObject }): string;
  /** The watcher has seen everything up to this version; `initialEnd` closes the initial objects. */
  bookmark(resourceVersion: number, initialEnd?: boolean): string;
  /** The last line of a watch that fails. */
  error(status: object): string;
}

/**
 * The lines of one watch in the form that was negotiated. It remembers what was written: a table defines its columns
 * in its first line only.
 */
export function createWatchFrames({
  type,
  negotiated,
  includeObject,
  present = (object) => object,
  now = Date.now,
}: {
  type: Pick<ResourceType, 'group' | 'version' | 'kind' | 'columns' | 'standardColumns'>;
  negotiated: Pick<Negotiated, 'form' | 'metaVersion'>;
  includeObject: IncludeObject;
  /** The wire form of an object, where that is not what columns read. */
  present?: (object: ResourceObject) => object;
  now?: () => number;
}): WatchFrames {
  const { form, metaVersion } = negotiated;
  let definitions = true;

  function shape(object: ResourceObject): object {
    if (form === 'Object') return present(object);
    if (form !== 'Table') return partialObject(object, metaVersion);
    const { resourceVersion } = object.metadata;
    const table = tableOf([object], {
      type,
      metadata: { resourceVersion },
      includeObject,
      metaVersion,
      now: now(),
      present,
      definitions,
    });
    definitions = false;
    return table;
  }

  function shapeBookmark({ object }: WatchEvent): object {
    if (form === 'Object') return object;
    const partial = { ...object, kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}` };
    if (form !== 'Table') return partial;
    const metadata = 'metadata' in object ? object.metadata : {};
    const kind = 'Table';
    return { kind, apiVersion: `meta.k8s.io/${metaVersion}`, metadata, columnDefinitions: null, rows: [] };
  }

  return {
    event: ({ type: change, object }) => watchLine({ type: change, object: shape(object) }),
    bookmark: (resourceVersion, initialEnd = false) =>
      watchLine({
        type: 'BOOKMARK',
        object: shapeBookmark(bookmark(type.kind, resourceVersion, initialEnd, apiVersionOf(type))),
      }),
    error: (status) => watchLine({ type: 'ERROR', object: status }),
  };
}
