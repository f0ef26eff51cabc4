import { ApiError, Condition, invalid, type KindDefinition, type ResourceObject } from '@wegent/api';
import { isMapping, objectConflict, sameJson } from '@wegent/kube';
import type { Store } from '@wegent/store';
import { z } from 'zod';
import { trackFields } from './field-owners.ts';
import { createRetry } from './overtaken.ts';
import { applyObject, patchObject } from './patch-object.ts';
import type { Patch, ResourceService, Write, WriteResult } from './resource.service.ts';
import { toWire } from './wire.ts';

const Conditions = z.array(Condition).max(64);

/** A write to the status of an object. */
type StatusWrite = Omit<Write, 'input' | 'assumed'> & { name: string };

/** Writes statuses, see `createStatusService`. */
export type StatusService = ReturnType<typeof createStatusService>;

/**
 * The part of a status that is not the platform's own: conditions that other controllers write, each of a type of its
 * own. Everything else in a status, and the condition `Ready`, says what the platform found.
 */
export function createStatusService({
  store,
  resources,
  onChange,
}: {
  store: Store;
  resources: Pick<ResourceService, 'authorise' | 'reader'>;
  onChange: () => void;
}) {
  const { reader } = resources;

  async function write(
    { definition, name, dryRun, ...write }: StatusWrite,
    inputFor: (visible: ResourceObject) => unknown,
  ): Promise<WriteResult> {
    const retry = createRetry();
    for (;;) {
      const stored = await reader.load({ ...write, definition, name });
      const visible = await reader.presentOne(stored);
      const input = inputFor(visible);
      checkVersion(definition, input, stored);
      const conditions = checkStatus(definition, input, visible);
      const next = trackFields({
        definition,
        stored,
        next: { ...stored, status: { ...stored.status, conditions } },
        manager: write.fieldManager,
        subresource: 'status',
      });
      if (sameJson(own(stored.status?.conditions), conditions)) {
        return { object: visible, warnings: [], operation: 'unchanged' };
      }
      if (dryRun) return { object: await reader.presentOne(next), warnings: [], operation: 'configured' };
      try {
        const written = await store.resources.update(next, stored.metadata.resourceVersion ?? '');
        onChange();
        return { object: await reader.presentOne(written), warnings: [], operation: 'configured' };
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'Conflict' || !(await retry())) throw error;
      }
    }
  }

  return {
    /** Replaces the conditions. */
    async update({ input, ...given }: StatusWrite & { input: unknown }): Promise<WriteResult> {
      await resources.authorise(given.principal, { ...given, verb: 'update' });
      return write(given, () => input);
    },

    /** Patches them, or applies a configuration to them. */
    async patch({ patch, ...given }: StatusWrite & { patch: Patch }): Promise<WriteResult> {
      await resources.authorise(given.principal, { ...given, verb: 'patch' });
      const { definition, fieldManager: manager } = given;
      return write(given, (visible) => {
        const live = toWire(definition, visible);
        const patched =
          patch.type === 'apply'
            ? applyObject({
                definition,
                live,
                config: patch.body,
                force: patch.force,
                manager,
                subresource: 'status',
              })
            : patchObject(definition, live, patch);
        return withoutSameVersion(patched, visible.metadata.resourceVersion);
      });
    },
  };
}

/** The conditions that other controllers have written: all but the platform's own. */
function own(conditions: unknown): Condition[] {
  return Array.isArray(conditions)
    ? (conditions as Condition[]).filter((condition) => condition.type !== 'Ready')
    : [];
}

function checkStatus(definition: KindDefinition, input: unknown, visible: ResourceObject): Condition[] {
  if (!isMapping(input))
    throw new ApiError('BadRequest', `expected a ${definition.kind} document with a status`);
  const { conditions, ...given } = isMapping(input.status) ? input.status : {};
  const { conditions: shown, ...platform } = visible.status ?? {};
  const details = { name: visible.metadata.name, group: definition.group, kind: definition.kind };
  const changed = Object.keys({ ...platform, ...given }).filter(
    (field) => given[field] !== undefined && !sameJson(given[field], platform[field]),
  );
  if (changed.length > 0) {
    const causes = changed.map((field) => ({
      reason: 'FieldValueForbidden',
      field: `status.${field}`,
      message: 'Forbidden: the platform writes this field; conditions are what others may write',
    }));
    throw invalid(
      `${definition.kind} "${details.name}" is invalid: ${causes.map(({ field, message }) => `${field}: ${message}`).join(', ')}`,
      causes,
      details,
    );
  }
  const parsed = Conditions.safeParse(conditions ?? []);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = `status.conditions${(issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;
    const message = `Invalid value: ${issue?.message ?? 'wrong shape'}`;
    throw invalid(
      `${definition.kind} "${details.name}" is invalid: ${field}: ${message}`,
      [{ reason: 'FieldValueInvalid', field, message }],
      details,
    );
  }
  const ready = (list: unknown) =>
    Array.isArray(list) ? list.find((condition) => condition?.type === 'Ready') : undefined;
  const written = ready(parsed.data);
  if (written && !sameJson(written, ready(shown))) {
    throw invalid(
      `${definition.kind} "${details.name}" is invalid: status.conditions: Forbidden: the condition Ready is the platform's own`,
      [
        {
          reason: 'FieldValueForbidden',
          field: 'status.conditions',
          message: "Forbidden: the condition Ready is the platform's own",
        },
      ],
      details,
    );
  }
  const types = own(parsed.data).map(({ type }) => type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined)
    throw invalid(
      `${definition.kind} "${details.name}" is invalid: status.conditions: Duplicate value: "${twice}"`,
      [{ reason: 'FieldValueDuplicate', field: 'status.conditions', message: `Duplicate value: "${twice}"` }],
      details,
    );
  return own(parsed.data);
}

function checkVersion(definition: KindDefinition, input: unknown, { metadata }: ResourceObject): void {
  if (!isMapping(input) || !isMapping(input.metadata)) return;
  const { resourceVersion, uid } = input.metadata;
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw objectConflict(definition, metadata.name);
  if (uid && uid !== metadata.uid)
    throw objectConflict(
      definition,
      metadata.name,
      `the uid in the precondition (${String(uid)}) does not match that of the object (${metadata.uid})`,
    );
}

function withoutSameVersion(patched: unknown, version: string | undefined): unknown {
  if (!isMapping(patched) || !isMapping(patched.metadata) || patched.metadata.resourceVersion !== version)
    return patched;
  return { ...patched, metadata: { ...patched.metadata, resourceVersion: undefined } };
}
