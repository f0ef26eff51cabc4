import type { z } from 'zod';
import type { ResourceObject } from './meta.ts';

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
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  /** One paragraph for `kubectl explain` and the UI. */
  description: string;
  namespaced: boolean;
  spec: Spec;
  status: z.ZodType;
  columns: readonly Column[];
  /** Fields besides metadata.name and metadata.namespace that `fieldSelector` may name. */
  selectableFields: readonly string[];
  /** Path patterns of secrets below the object, see `secrets.ts`. */
  secrets: readonly string[];
  references(spec: z.infer<Spec>): Reference[];
  /** Rewrites older spellings before validation; gets the raw spec and returns a new one. */
  normalise(spec: Record<string, unknown>): Record<string, unknown>;
}

type KindInput<Spec extends z.ZodType> = Pick<
  KindDefinition<Spec>,
  'kind' | 'plural' | 'description' | 'spec' | 'status'
> &
  Partial<Omit<KindDefinition<Spec>, 'kind' | 'plural' | 'description' | 'spec' | 'status'>>;

/** Declares a kind; everything that is not given gets the usual default. */
export function defineKind<Spec extends z.ZodType>(input: KindInput<Spec>): KindDefinition<Spec> {
  return {
    singular: input.kind.toLowerCase(),
    shortNames: [],
    categories: ['all', 'agents'],
    namespaced: true,
    columns: [],
    selectableFields: [],
    secrets: [],
    references: () => [],
    normalise: (spec) => spec,
    ...input,
  };
}
