import {
  ApiError,
  DISPLAY_NAME_ANNOTATION,
  type KindDefinition,
  LAST_APPLIED_ANNOTATION,
  type ResourceObject,
} from '@wegent/api';
import { checkTree, isMapping, sameJson } from './tree.ts';
import { normaliseMetadata, validateObject } from './validate.ts';

type Mapping = Record<string, unknown>;

/**
 * The object in the spelling of the document that `kubectl apply` last made of it, so that its comparison of both
 * finds nothing where nothing differs. A part of which the document and the object say different things stays in
 * the normal spelling. What is answered validates, strictly, to the very object again; readers may send it back.
 */
export function spelledAsApplied(definition: KindDefinition, object: ResourceObject): ResourceObject {
  const applied = appliedDocument(object);
  if (applied === undefined) return object;
  const metadata = metadataAsApplied(object.metadata, applied.metadata);
  const spec = specAsApplied(definition, object.spec, applied.spec);
  return metadata === object.metadata && spec === object.spec ? object : { ...object, metadata, spec };
}

/**
 * What a patch made of a document, without the fields that it left as they were and that contradict older spellings
 * which it wrote. Whoever writes an older spelling means it; without this, the field that is there already would win.
 */
export function withPatchedSpelling(definition: KindDefinition, before: Mapping, after: unknown): unknown {
  if (!isMapping(after)) return after;
  const named = withPatchedName(before, after);
  if (!isMapping(named.spec)) return named;
  const spec = isMapping(before.spec) ? before.spec : {};
  const older = olderPart(spec, named.spec, definition.normalise({ ...named.spec }));
  if (Object.keys(older).length === 0) return named;
  const normal = definition.normalise({ ...older });
  // A document that is applied may have both; then what the patch left as it was is meant as well.
  const applied = appliedDocument(named)?.spec;
  const given = isMapping(applied) ? overlay(older, applied) : older;
  return { ...named, spec: withoutRespelled(named.spec, { given, normal, before: spec }) };
}

/**
 * A configuration for server-side apply in the normal spelling, of which the owners are noted. Its values are those
 * that would be stored, with the defaults within lists: what is there already is no change, and no conflict.
 */
export function normalConfiguration(
  definition: KindDefinition,
  config: unknown,
  live: Mapping = {},
): unknown {
  if (!isMapping(config)) return config;
  const metadata = isMapping(config.metadata) ? { metadata: normaliseMetadata(config.metadata) } : {};
  if (!isMapping(config.spec) || checkTree(config.spec).length > 0) return { ...config, ...metadata };
  const spec = definition.normalise({ ...config.spec });
  const stored = read(definition, overlay(live.spec, spec));
  return { ...config, ...metadata, spec: stored ? valuesAt(spec, stored) : spec };
}

/** The fields of one mapping with the values that another has for them. */
function valuesAt(fields: Mapping, values: Mapping): Mapping {
  return Object.fromEntries(
    Object.entries(fields).map(([key, child]) => {
      const value = own(values, key);
      if (!isGiven(child) || value === undefined) return [key, child];
      return [key, isMapping(child) && isMapping(value) ? valuesAt(child, value) : value];
    }),
  );
}

function appliedDocument({ metadata }: { metadata?: unknown }): Mapping | undefined {
  const text = isMapping(metadata) ? own(metadata.annotations, LAST_APPLIED_ANNOTATION) : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    const document: unknown = JSON.parse(text);
    return isMapping(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function metadataAsApplied(
  metadata: ResourceObject['metadata'],
  applied: unknown,
): ResourceObject['metadata'] {
  if (!isMapping(applied)) return metadata;
  const { displayName, user_id: userId } = applied;
  const { [DISPLAY_NAME_ANNOTATION]: stored, ...annotations } = metadata.annotations ?? {};
  // An empty name says nothing, whatever the name is.
  const named = displayName === '' || (typeof displayName === 'string' && displayName === stored);
  const numbered = typeof userId === 'number' || typeof userId === 'string';
  if (!named && !numbered) return metadata;
  const both = displayName === '' || own(applied.annotations, DISPLAY_NAME_ANNOTATION) === stored;
  return {
    ...metadata,
    ...(numbered ? { user_id: userId } : {}),
    ...(named ? { displayName, ...(both ? {} : { annotations }) } : {}),
  };
}

function specAsApplied(definition: KindDefinition, stored: Mapping, applied: unknown): Mapping {
  // Nearly always the document is part of what is stored, and nothing else has to be looked at.
  if (!isMapping(applied) || holds(stored, applied) || checkTree(applied).length > 0) return stored;
  const older = olderPart({}, applied, definition.normalise({ ...applied }));
  const normal = definition.normalise({ ...older });
  const spelled = overlay(withoutRespelled(stored, { given: applied, normal }), applied);
  return sameJson(read(definition, spelled), stored) ? spelled : stored;
}

/** What the platform would store; undefined for what it would refuse. */
function read(definition: KindDefinition, spec: Mapping): Mapping | undefined {
  try {
    const document = { metadata: { name: 'x' }, spec };
    return validateObject(definition, document, { fieldValidation: 'Strict' }).object.spec;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Does a value say all that a document says? Lists are compared as a whole, as in merge patches. */
function holds(value: unknown, document: unknown): boolean {
  if (!isMapping(document) || !isMapping(value)) return sameJson(value, document);
  return Object.entries(document).every(
    ([key, child]) => saysNothing(child) || holds(own(value, key), child),
  );
}

/** Nulls, and mappings of nothing else, ask for nothing. An empty mapping is a value. */
function saysNothing(value: unknown): boolean {
  if (!isMapping(value)) return value === null;
  const children = Object.values(value);
  return children.length > 0 && children.every(saysNothing);
}

function overlay(value: unknown, document: Mapping): Mapping {
  const result = new Map(Object.entries(isMapping(value) ? value : {}));
  for (const [key, child] of Object.entries(document)) {
    if (!saysNothing(child)) result.set(key, isMapping(child) ? overlay(result.get(key), child) : child);
  }
  return Object.fromEntries(result);
}

/**
 * A value without the fields that `normal` says and `given` does not. With `before`, only those go that are the same
 * there.
 */
function withoutRespelled(
  value: Mapping,
  { given, normal, before }: { given: unknown; normal: Mapping; before?: unknown },
): Mapping {
  const kept: [string, unknown][] = [];
  for (const [key, child] of Object.entries(value)) {
    const said = own(given, key);
    const made = own(normal, key);
    if (isMapping(child) && isMapping(made)) {
      const below = before === undefined ? {} : { before: own(before, key) ?? {} };
      const rest = withoutRespelled(child, { given: said, normal: made, ...below });
      if (Object.keys(rest).length > 0 || Object.keys(child).length === 0) kept.push([key, rest]);
      continue;
    }
    const respelled = isGiven(made) && !isGiven(said);
    if (!respelled || (before !== undefined && !sameJson(own(before, key), child))) kept.push([key, child]);
  }
  return Object.fromEntries(kept);
}

/** The fields that differ from those before and that the normal spelling has in another place, or not at all. */
function olderPart(before: unknown, after: Mapping, normal: Mapping): Mapping {
  return Object.fromEntries(
    Object.entries(after).flatMap(([key, child]): [string, unknown][] => {
      const was = own(before, key);
      const made = own(normal, key);
      if (!isGiven(child) || sameJson(was, child)) return [];
      if (!isGiven(made)) return [[key, child]];
      if (!isMapping(child) || !isMapping(made)) return [];
      const below = olderPart(was, child, made);
      return Object.keys(below).length === 0 ? [] : [[key, below]];
    }),
  );
}

/** An annotation that was patched is the name, and not the field that was answered in its place. */
function withPatchedName(before: Mapping, after: Mapping): Mapping {
  const { metadata } = after;
  if (!isMapping(metadata) || !isGiven(metadata.displayName)) return after;
  const was = isMapping(before.metadata) ? before.metadata : {};
  const given = own(metadata.annotations, DISPLAY_NAME_ANNOTATION);
  const patched = isGiven(given) && given !== own(was.annotations, DISPLAY_NAME_ANNOTATION);
  if (!patched || metadata.displayName !== was.displayName) return after;
  const { displayName: _older, ...rest } = metadata;
  return { ...after, metadata: rest };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function own(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
