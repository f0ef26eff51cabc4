import type { z } from 'zod';
import { API_GROUP, type ResourceObject } from './meta.ts';

/** A pointer from one object to another; `field` is the path of the reference, for error messages. */
export interface Reference {
  field: string;
  kind: string;
  name: string;
  namespace?: string | undefined;
  /** A missing target is a condition, not an error at write time. */
  optional?: boolean;
}

/** A printer column of `kubectl get` and of tables in the UI. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  description: string;
  /** 0 is always shown, 1 only in wide output. */
  priority?: 0 | 1;
  value: (object: ResourceObject) => string | number | boolean | undefined;
}

/** All that the platform knows about a kind; REST, storage, tables, forms and discovery come from it. */
export interface KindDefinition<Spec extends z.ZodType = z.ZodType> {
  kind: string;
  /** API group; empty for the kinds of Kubernetes' own core group. */
  group: string;
  version: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  /** One paragraph for `kubectl explain` and the UI. */
  description: string;
  namespaced: boolean;
  /**
   * The fields of `spec` stand beside `metadata` on the wire, as in a ConfigMap. Inside the platform every object has
   * its content in `spec`.
   */
  flat: boolean;
  /** What clients may do with it; all verbs where nothing is said. */
  verbs: readonly ResourceVerb[];
  spec: Spec;
  status: z.ZodType;
  columns: readonly Column[];
  /** Fields besides metadata.name and metadata.namespace that `fieldSelector` may name. */
  selectableFields: readonly string[];
  /** What `kubectl scale` changes: the path of a field with a whole number (`spec.limits.turns`). */
  scale?: { replicas: string } | undefined;
  /**
   * Fields of `spec` in older spellings, by name, and the field that each stands for; null for what has no effect.
   * They are named so that clients who validate by the published schema accept them.
   */
  olderSpellings: Readonly<Record<string, string | null>>;
  /** Path patterns of secrets below the object, see `secrets.ts`. */
  secrets: readonly string[];
  references(spec: z.infer<Spec>): Reference[];
  /** Rewrites older spellings before validation; gets the raw spec and returns a new one. */
  normalise(spec: Record<string, unknown>): Record<string, unknown>;
}

/** The verbs of the resource API. */
export type ResourceVerb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch';

/** All of them, in the order in which discovery names them. */
export const RESOURCE_VERBS: readonly ResourceVerb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** `apiVersion` of the documents of a kind. */
export function apiVersionOf({ group, version }: Pick<KindDefinition, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

type KindInput<Spec extends z.ZodType> = Pick<
  KindDefinition<Spec>,
  'kind' | 'plural' | 'description' | 'spec' | 'status'
> &
  Partial<Omit<KindDefinition<Spec>, 'kind' | 'plural' | 'description' | 'spec' | 'status'>>;

/** Declares a kind; everything that is not given gets the usual default. */
export function defineKind<Spec extends z.ZodType>(input: KindInput<Spec>): KindDefinition<Spec> {
  return {
    group: API_GROUP,
    version: 'v1',
    singular: input.kind.toLowerCase(),
    shortNames: [],
    categories: ['all', 'agents'],
    namespaced: true,
    flat: false,
    verbs: RESOURCE_VERBS,
    columns: [],
    selectableFields: [],
    olderSpellings: {},
    secrets: [],
    references: () => [],
    normalise: (spec) => spec,
    ...input,
  };
}
