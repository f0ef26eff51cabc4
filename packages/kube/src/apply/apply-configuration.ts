import { ApiError, apiVersionOf } from '@wegent/api';
import { refuseUnfitPatch } from '../patch-guards.ts';
import { invalidDocument, objectConflict } from '../resource-errors.ts';
import { scopeOf } from '../resource-type.ts';
import { isMapping, sameJson, withoutNulls } from '../tree.ts';
import { difference, type FieldSet, isEmptySet, NO_FIELDS, union } from './field-set.ts';
import { listKeyCauses } from './list-keys.ts';
import type { Manager } from './managed-fields.ts';
import { ownable, SERVER_METADATA } from './ownable-fields.ts';
import { managerOf, type OwnedType, ownersOf, partition, trackApply, type Writer } from './ownership.ts';
import { fieldsOf, mergeApplied, withDeclaredParents, withoutFields } from './typed-value.ts';

/** A document to apply, and what is there. */
export interface ApplyRequest extends Writer {
  type: OwnedType;
  /** The stored object in its wire form; absent when there is none yet. */
  live?: Record<string, unknown> | undefined;
  /** What the client sent: the fields that it wants to own, with their values. */
  config: unknown;
  /** Take over fields that others own. */
  force: boolean;
}

/** The object after an apply. */
export interface Applied {
  object: Record<string, unknown>;
  /** False when nothing is different, not even the owners; `object` is the stored one then. */
  changed: boolean;
}

/**
 * Server-side apply: merges a document into the stored object, removes what the same manager applied before and
 * nobody owns any more, and notes the owners in `metadata.managedFields`. A field that somebody else owns and that
 * would change is a `Conflict`; a malformed document is `BadRequest`, broken list keys are `Invalid`.
 */
export function applyConfiguration(request: ApplyRequest): Applied {
  const { type, live, subresource } = request;
  const scope = scopeOf(type);
  const config = checkConfig(request);
  const applied = applicable(config, live, subresource);
  const causes = listKeyCauses(applied, scope);
  const name = nameIn(live ?? config);
  checkPreconditions(request, config, name);
  if (causes.length > 0) throw invalidDocument(type, name, causes);

  const fields = ownable(fieldsOf(applied, scope), subresource);
  const merged = mergeApplied(live ?? {}, applied, scope);
  if (live !== undefined && !isDocument(live))
    throw new ApiError('BadRequest', 'metadata has to be a mapping');
  const owners = ownersOf(type, live, request);
  const next = withoutFields(merged, abandoned({ request, owners, merged, fields }), scope);
  if (!isDocument(next)) throw new ApiError('BadRequest', 'metadata has to be a mapping');
  const object = trackApply({ ...request, live, next, owners, applied: fields, name });
  if (live !== undefined && sameJson(object, live)) return { object: live, changed: false };
  return { object, changed: true };
}

/** What the manager applied before, does not apply now, and nobody else owns. */
function abandoned({
  request,
  owners,
  merged,
  fields,
}: {
  request: ApplyRequest;
  owners: readonly Manager[];
  merged: unknown;
  fields: FieldSet;
}): FieldSet {
  const { type } = request;
  const { others, mine } = partition(owners, managerOf(type, request, 'Apply'));
  if (isEmptySet(mine)) return NO_FIELDS;
  const scope = scopeOf(type);
  const owned = others.reduce((sum, other) => union(sum, other.fields), fields);
  const gone = difference(
    withDeclaredParents(mine, merged, scope),
    withDeclaredParents(owned, merged, scope),
  );
  const metadata = gone.children.get('f:metadata');
  if (metadata === undefined) return gone;
  // Metadata as such belongs to the server.
  return { ...gone, children: new Map(gone.children).set('f:metadata', { ...metadata, member: false }) };
}

function checkConfig({ type, config }: ApplyRequest): Record<string, unknown> {
  refuseUnfitPatch(config);
  if (!isMapping(config)) throw new ApiError('BadRequest', `an apply takes a ${type.kind} document`);
  const expected = apiVersionOf(type);
  if (config.apiVersion !== expected || config.kind !== type.kind) {
    throw new ApiError(
      'BadRequest',
      `an applied document names its apiVersion and kind: expected ${expected} ${type.kind}, got ${textOf(config.apiVersion)} ${textOf(config.kind)}`,
    );
  }
  if (!isMapping(config.metadata)) throw new ApiError('BadRequest', 'an applied document has metadata');
  const { managedFields } = config.metadata;
  if (
    managedFields !== undefined &&
    managedFields !== null &&
    !(Array.isArray(managedFields) && managedFields.length === 0)
  )
    throw new ApiError('BadRequest', 'metadata.managedFields must be nil in an applied document');
  return config;
}

/** A document that names the version or the UID of an object means that very one. */
function checkPreconditions(
  { type, live }: ApplyRequest,
  config: Record<string, unknown>,
  name: string,
): void {
  const wanted = isMapping(config.metadata) ? config.metadata : {};
  const found = isMapping(live?.metadata) ? live.metadata : {};
  for (const field of ['resourceVersion', 'uid']) {
    const value = wanted[field];
    if (value === undefined || value === null || value === '' || value === found[field]) continue;
    const why =
      live === undefined
        ? `the document names the ${field} ${textOf(value)}, but there is no such object`
        : field === 'uid'
          ? `the uid in the precondition (${textOf(value)}) does not match that of the object (${textOf(found.uid)})`
          : undefined;
    throw objectConflict(type, name, why);
  }
}

/** The part of the document that this request is about. */
function applicable(
  config: Record<string, unknown>,
  live: object | undefined,
  subresource: string | undefined,
): Record<string, unknown> {
  const { status, metadata, ...rest } = config;
  if (subresource === 'status') return status === undefined ? {} : present({ status });
  const { managedFields: _managedFields, ...given } = isMapping(metadata) ? metadata : {};
  const kept =
    live === undefined
      ? given
      : Object.fromEntries(Object.entries(given).filter(([key]) => !SERVER_METADATA.has(key)));
  return present({ ...rest, metadata: kept });
}

function present(value: Record<string, unknown>): Record<string, unknown> {
  const cleaned = withoutNulls(value);
  return isMapping(cleaned) ? cleaned : {};
}

function isDocument(
  value: unknown,
): value is Record<string, unknown> & { metadata: Record<string, unknown> } {
  return isMapping(value) && isMapping(value.metadata);
}

function nameIn(document: Record<string, unknown>): string {
  const name = isMapping(document.metadata) ? document.metadata.name : undefined;
  return typeof name === 'string' ? name.slice(0, 253) : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : 'nothing';
}
