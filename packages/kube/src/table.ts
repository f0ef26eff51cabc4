import { ApiError, type Column, type ResourceObject } from '@wegent/api';
import { z } from 'zod';
import { ageOf } from './age.ts';
import type { ResourceType } from './resource-type.ts';

/** What the rows of a table carry of their objects. */
export const IncludeObject = z.enum(['None', 'Metadata', 'Object']);
export type IncludeObject = z.infer<typeof IncludeObject>;

/** How a table is made. */
export interface TableOptions {
  type: Pick<ResourceType, 'columns' | 'standardColumns'>;
  /** Metadata of the list or of the one object. */
  metadata: { resourceVersion?: string | undefined; continue?: string; remainingItemCount?: number };
  includeObject: IncludeObject;
  /** Version of meta.k8s.io. */
  metaVersion: 'v1' | 'v1beta1';
  now: number;
  /** The wire form of an object, where that is not what the columns read. */
  present?: (object: ResourceObject) => object;
  /** False leaves the definitions of the columns out, as in later events of a watch. */
  definitions?: boolean;
}

const NAME: Column = {
  name: 'Name',
  type: 'string',
  description: 'Name must be unique within a namespace.',
  value: (object) => object.metadata.name,
};
const AGE: Column = {
  name: 'Age',
  type: 'date',
  description: 'How long ago the object was created.',
  value: (object) => object.metadata.creationTimestamp ?? undefined,
};

/** Objects as a table of ready-made cells, which is what `kubectl get` shows. */
export function tableOf(objects: readonly ResourceObject[], options: TableOptions) {
  const { type, metadata, metaVersion, now } = options;
  const columns = type.standardColumns === false ? type.columns : [NAME, ...type.columns, AGE];
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    // The definitions may be null, but have to be there.
    columnDefinitions: options.definitions === false ? null : columns.map(definitionOf),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cell(column, object, now)),
      ...embedded(object, options),
    })),
  };
}

/** Reads `includeObject`. Throws `BadRequest` for other values than None, Metadata and Object. */
export function parseIncludeObject(value: string | null | undefined): IncludeObject {
  if (value === undefined || value === null || value === '') return 'Metadata';
  const parsed = IncludeObject.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'BadRequest',
    `includeObject "${value.slice(0, 50)}" is not supported; supported are ${IncludeObject.options.join(', ')}`,
  );
}

/** The metadata of an object alone, which is all that many controllers want. */
export function partialObject(object: { metadata: object }, metaVersion: 'v1' | 'v1beta1' = 'v1') {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata,
  };
}

/** The metadata of the objects of a list. */
export function partialObjectList(
  list: { metadata: object; items: readonly { metadata: object }[] },
  metaVersion: 'v1' | 'v1beta1' = 'v1',
) {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: list.metadata,
    items: list.items.map((item) => partialObject(item, metaVersion)),
  };
}

function definitionOf(column: Column) {
  return {
    name: column.name,
    type: column.type,
    format: column === NAME ? 'name' : '',
    description: column.description,
    priority: column.priority ?? 0,
  };
}

function cell(column: Column, object: ResourceObject, now: number): string | number | boolean {
  const value = column.value(object);
  if (column.type === 'date') return ageOf(value, now);
  return value === undefined || value === null || value === '' ? '<none>' : value;
}

function embedded(object: ResourceObject, { includeObject, metaVersion, present }: TableOptions) {
  if (includeObject === 'None') return {};
  const shown = present ? present(object) : object;
  return { object: includeObject === 'Object' ? shown : partialObject(object, metaVersion) };
}
