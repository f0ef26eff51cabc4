import { ApiError, kindByName, type ResourceObject } from '@wegent/api';
import { isMapping, validateObject } from '@wegent/kube';
import { type AgentDocument, documentOfObject, keyOf } from './agent-document.ts';
import type { AgentDraft } from './agent-draft.ts';
import { otherUsers, type Scope } from './catalog.ts';
import { type Change, changesOf, isSame } from './changes.ts';

/** What saving does to one object. */
export interface PlanStep {
  key: string;
  document: AgentDocument;
  action: 'create' | 'change' | 'same';
  changes: Change[];
  /** Objects outside of the draft that use it, as `Team default/helper`. */
  users: string[];
}

/** What saving a draft does. */
export interface Plan {
  steps: PlanStep[];
  /** Objects that the agent was made of and does not use any more; they stay. */
  left: string[];
}

/** Compares a draft with what is stored. `stored` is what the draft was made from, which goes before the catalog. */
export function planOf(scope: Scope, stored: ReadonlyMap<string, ResourceObject>): Plan {
  const { draft } = scope;
  const steps = draft.documents.map((document): PlanStep => {
    const key = keyOf(document);
    const before = storedDocument(scope, stored, key);
    const after = withMetadataOf(before, complete(document));
    const action = !before ? 'create' : isSame(before, after) ? 'same' : 'change';
    return {
      key,
      document,
      action,
      changes: action === 'same' ? [] : changesOf(before, before ? after : document),
      users: document.kind === 'Team' || !before ? [] : otherUsers(scope, key).map(nameOfObject),
    };
  });
  const left = [...stored.keys()].filter(
    (key) => !draft.documents.some((document) => keyOf(document) === key),
  );
  return { steps, left };
}

/** The documents of a draft that saving would create or change. */
export function changedPart(plan: Plan): AgentDraft {
  return { documents: plan.steps.filter(({ action }) => action !== 'same').map(({ document }) => document) };
}

/** How plans name an object. */
export function nameOfObject(object: Pick<ResourceObject, 'kind' | 'metadata'>): string {
  return `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
}

function storedDocument(
  { catalog }: Scope,
  stored: ReadonlyMap<string, ResourceObject>,
  key: string,
): AgentDocument | undefined {
  const object = stored.get(key) ?? catalog.objects.get(key);
  const document = object && documentOfObject(object);
  return document && complete(document);
}

/** As the server would store it, defaults filled in; what it would refuse stays as it is. */
function complete(document: AgentDocument): AgentDocument {
  const definition = kindByName(document.kind);
  if (!definition) return document;
  try {
    const { object } = validateObject(definition, document, { fieldValidation: 'Ignore' });
    return { ...document, spec: object.spec };
  } catch (error) {
    if (error instanceof ApiError) return document;
    throw error;
  }
}

/** Labels and annotations of a stored object stay when a document without them is applied. */
function withMetadataOf(before: AgentDocument | undefined, after: AgentDocument): AgentDocument {
  if (!before) return after;
  const kept = ['labels', 'annotations'].flatMap((field) => {
    const stored = before.metadata[field];
    const given = after.metadata[field];
    return isMapping(stored) ? [[field, { ...stored, ...(isMapping(given) ? given : {}) }] as const] : [];
  });
  return { ...after, metadata: { ...after.metadata, ...Object.fromEntries(kept) } };
}
