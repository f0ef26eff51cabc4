import {
  ApiError,
  type ApplyResult,
  DEFAULT_NAMESPACE,
  KINDS,
  type KindDefinition,
  kindByName,
} from '@wegent/api';
import { type FieldValidation, isMapping } from '@wegent/kube';
import type { FastifyBaseLogger } from 'fastify';
import type { Access } from '../access/access.ts';
import type { Principal } from '../auth/principal.ts';
import { targetKey } from './reference-check.ts';
import type { ResourceService } from './resource.service.ts';

/** A batch of documents and the namespace that those without one land in. */
export interface Batch {
  principal: Principal;
  namespace: string;
  documents: readonly unknown[];
  dryRun: boolean;
}

interface Item {
  index: number;
  definition: KindDefinition;
  namespace: string;
  name: string;
  input: Record<string, unknown>;
}

/** Applies and deletes batches, see `createApplyService`. */
export type ApplyService = ReturnType<typeof createApplyService>;

/**
 * Applies and deletes many documents. Each stands by itself: one that fails stops no other. They are processed in
 * the order in which kinds refer to each other, and answered in the order in which they were given.
 */
export function createApplyService({
  resources,
  access,
  logger,
}: {
  resources: ResourceService;
  access: Access;
  logger: Pick<FastifyBaseLogger, 'error'>;
}) {
  async function apply({
    fieldValidation,
    ...batch
  }: Batch & { fieldValidation: FieldValidation }): Promise<ApplyResult[]> {
    return run(batch, inOrderOfKinds, async (item, siblings) => {
      const assumed = batch.dryRun ? new Set(siblings.map(keyOf)) : undefined;
      const { operation, object } = await resources.apply({
        ...item,
        principal: batch.principal,
        dryRun: batch.dryRun,
        fieldValidation,
        assumed,
      });
      return batch.dryRun ? { operation, object: { ...object } } : { operation };
    });
  }

  async function remove({ force, ...batch }: Batch & { force: boolean }): Promise<ApplyResult[]> {
    return run(
      batch,
      (items) => inOrderOfKinds(items).reverse(),
      async (item) => {
        await resources.delete({ ...item, principal: batch.principal }, { dryRun: batch.dryRun, force });
        return { operation: 'deleted' };
      },
    );
  }

  async function run(
    batch: Batch,
    order: (items: readonly Item[]) => Item[],
    act: (item: Item, siblings: readonly Item[]) => Promise<Pick<ApplyResult, 'operation' | 'object'>>,
  ): Promise<ApplyResult[]> {
    const results: ApplyResult[] = [];
    const items: Item[] = [];
    for (const [index, document] of batch.documents.entries()) {
      const item = await toItem(batch, index, document);
      if ('definition' in item) items.push(item);
      else results[index] = item;
    }
    for (const item of order(items)) {
      const named = { kind: item.definition.kind, namespace: item.namespace, name: item.name };
      try {
        results[item.index] = { ...named, ...(await act(item, items)) };
      } catch (error) {
        results[item.index] = { ...named, operation: 'failed', error: asApiError(error).toStatus() };
      }
    }
    return results;
  }

  async function toItem(
    { principal, namespace }: Batch,
    index: number,
    document: unknown,
  ): Promise<Item | ApplyResult> {
    const input = isMapping(document) ? document : {};
    const metadata = isMapping(input.metadata) ? input.metadata : {};
    const kind = textOf(input.kind);
    const name = textOf(metadata.name);
    const given = textOf(metadata.namespace);
    const definition = kindByName(kind);
    const problem = problemOf({ document, kind, definition, name });
    if (!definition || problem !== undefined) {
      const error = new ApiError('BadRequest', `document ${index + 1}: ${problem ?? ''}`);
      return { kind, namespace: given || namespace, name, operation: 'failed', error: error.toStatus() };
    }
    // In the reference format `default` is the word for "my own".
    const meansOwn =
      given === '' || (given === DEFAULT_NAMESPACE && !(await access.can(principal, 'get', kind, given)));
    const target = meansOwn ? namespace : given;
    // What lies in no namespace is named by its name alone.
    if (!definition.namespaced) return { index, definition, namespace: '', name, input };
    return {
      index,
      definition,
      namespace: target,
      name,
      input: { ...input, metadata: { ...metadata, namespace: target } },
    };
  }

  function asApiError(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    logger.error({ err: error }, 'a document of a batch failed unexpectedly');
    return new ApiError('InternalError', 'an internal error occurred; try again', { cause: error });
  }

  return { apply, delete: remove };
}

function problemOf({
  document,
  kind,
  definition,
  name,
}: {
  document: unknown;
  kind: string;
  definition: KindDefinition | undefined;
  name: string;
}): string | undefined {
  if (!isMapping(document)) return 'expected a mapping with apiVersion, kind, metadata and spec';
  if (kind === '') return 'it has no kind';
  if (!definition) return `no kind "${kind}"; known kinds are ${KINDS.map((known) => known.kind).join(', ')}`;
  return name === '' ? 'it has no metadata.name' : undefined;
}

function inOrderOfKinds(items: readonly Item[]): Item[] {
  const rank = new Map(KINDS.map(({ kind }, index) => [kind, index]));
  return items.toSorted(
    (left, right) => (rank.get(left.definition.kind) ?? 0) - (rank.get(right.definition.kind) ?? 0),
  );
}

function keyOf({ definition, namespace, name }: Item): string {
  return targetKey({ kind: definition.kind, namespace, name });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 300) : '';
}
