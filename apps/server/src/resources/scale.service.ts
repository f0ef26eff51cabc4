import { ApiError, type KindDefinition, type ObjectMeta, type ResourceObject } from '@wegent/api';
import {
  asScaleError,
  type FieldValidation,
  isMapping,
  jsonPatch,
  mergePatch,
  SCALE_TYPE,
  type Scalable,
  Scale,
  scaleOf,
  scopeOf,
  strategicMergePatch,
  validateObject,
  withReplicas,
} from '@wegent/kube';
import { applyObject } from './patch-object.ts';
import type { Patch, ResourceService, Write } from './resource.service.ts';
import type { ObjectKey } from './resource-reader.ts';
import type { WireObject } from './wire.ts';

/** A write to the scale of an object. */
type ScaleWrite = Omit<Write, 'input' | 'assumed'> & { name: string };

/** A Scale, and what is to be said about what was sent. */
interface Scaled {
  object: ResourceObject;
  warnings: string[];
}

/** What an object shall be, and what is to be said about what was sent. */
interface Change {
  document: unknown;
  warnings: string[];
}

/** Reads and writes scales, see `createScaleService`. */
export type ScaleService = ReturnType<typeof createScaleService>;

/**
 * How many of something an object wants, as a Scale: `kubectl scale`. What is written is the field of the object, by
 * the rules and rights of the object. `counters` say by kind how many there are.
 */
export function createScaleService({
  resources,
  counters,
}: {
  resources: Pick<ResourceService, 'authorise' | 'get' | 'changePart'>;
  counters: Readonly<Record<string, (object: ResourceObject) => Promise<number>>>;
}) {
  async function present(definition: KindDefinition, object: ResourceObject): Promise<ResourceObject> {
    const running = (await counters[definition.kind]?.(object)) ?? 0;
    return scaleOf(object, scalable(definition), running);
  }

  async function write(
    given: ScaleWrite & { tracked?: boolean },
    change: (object: WireObject, stored: ResourceObject) => Change,
  ): Promise<Scaled> {
    const { definition, name } = given;
    let warnings: string[] = [];
    try {
      const { object } = await resources.changePart({ ...given, subresource: 'scale' }, (visible, stored) => {
        const changed = change(visible, stored);
        warnings = changed.warnings;
        return changed.document;
      });
      return { object: await present(definition, object), warnings };
    } catch (error) {
      throw asScaleError(error, scalable(definition), name);
    }
  }

  return {
    async get(key: ObjectKey): Promise<ResourceObject> {
      return present(key.definition, await resources.get(key));
    },

    async update({ input, ...given }: ScaleWrite & { input: unknown }): Promise<Scaled> {
      await resources.authorise(given.principal, { ...given, verb: 'update' });
      return write(given, (visible) => rescale(given, visible, input));
    },

    async patch({ patch, ...given }: ScaleWrite & { patch: Patch }): Promise<Scaled> {
      await resources.authorise(given.principal, { ...given, verb: 'patch' });
      if (patch.type === 'apply')
        return write({ ...given, tracked: true }, (visible) => applyScale(given, visible, patch));
      return write(given, (visible, stored) => {
        const scale = scaleOf(stored, scalable(given.definition), 0);
        const patched = patchScale(scale, patch);
        // Nobody has said anything about the number.
        if (numberIn(scale) === undefined && numberIn(patched) === undefined)
          return { document: withoutVersion(visible), warnings: [] };
        return rescale(given, visible, withoutVersionOf(scale, patched));
      });
    },
  };
}

/** The object as a Scale wants it. One without a number wants none: clients leave a 0 out. */
function rescale(given: ScaleWrite, object: WireObject, input: unknown): Change {
  const { metadata, replicas = 0, warnings } = readScale(given, input);
  const document = withReplicas(object, scalable(given.definition), replicas);
  return { document: { ...document, metadata: { ...object.metadata, ...metadata } }, warnings };
}

/** Server-side apply of a Scale: of the object the same manager applies that one field, and no other. */
function applyScale(given: ScaleWrite, live: WireObject, { body, force }: Patch): Change {
  const { definition, fieldManager: manager } = given;
  const { metadata, replicas, warnings } = readScale(given, body);
  const config = { apiVersion: live.apiVersion, kind: live.kind, metadata };
  const object = applyObject({
    definition,
    live,
    config: replicas === undefined ? config : withReplicas(config, scalable(definition), replicas),
    force,
    manager,
    subresource: 'scale',
  });
  return { document: withoutVersion(object), warnings };
}

/** What a client has sent; whose it is and of which version is checked with the object. */
function readScale(
  { name, namespace, fieldValidation }: { name: string; namespace: string; fieldValidation: FieldValidation },
  input: unknown,
): { metadata: Partial<ObjectMeta>; replicas: number | undefined; warnings: string[] } {
  const named =
    isMapping(input) && (input.metadata === undefined || isMapping(input.metadata))
      ? { ...input, metadata: { name, ...input.metadata } }
      : input;
  const { object, warnings } = validateObject(Scale, named, { fieldValidation });
  const { metadata: given, spec } = object;
  const metadata = {
    name: given.name ?? name,
    namespace: given.namespace ?? namespace,
    resourceVersion: given.resourceVersion,
    ...(given.uid ? { uid: given.uid } : {}),
  };
  return { metadata, replicas: typeof spec.replicas === 'number' ? spec.replicas : undefined, warnings };
}

function patchScale(scale: ResourceObject, { type, body }: Patch): unknown {
  switch (type) {
    case 'json':
      return jsonPatch(scale, body);
    case 'strategic':
      return strategicMergePatch(scale, body, scopeOf(SCALE_TYPE));
    default:
      return mergePatch(scale, body);
  }
}

function numberIn(scale: unknown): unknown {
  return isMapping(scale) && isMapping(scale.spec) ? (scale.spec.replicas ?? undefined) : undefined;
}

/** A patch that leaves the version alone does not insist on it: overtaken, it is applied again. */
function withoutVersionOf({ metadata }: ResourceObject, patched: unknown): unknown {
  const isSame =
    isMapping(patched) &&
    isMapping(patched.metadata) &&
    patched.metadata.resourceVersion === metadata.resourceVersion;
  return isSame ? withoutVersion(patched) : patched;
}

function withoutVersion(document: unknown): unknown {
  if (!isMapping(document) || !isMapping(document.metadata)) return document;
  return { ...document, metadata: { ...document.metadata, resourceVersion: undefined } };
}

function scalable({ scale, kind }: KindDefinition): Scalable {
  if (scale) return scale;
  throw new ApiError('InternalError', `a ${kind} has no scale`);
}
