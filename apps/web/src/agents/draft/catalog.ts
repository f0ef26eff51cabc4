import type { ResourceObject } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import {
  type AgentDocument,
  type AgentKind,
  documentOfObject,
  isAgentKind,
  keyOfPlace,
  namespacesOf,
  readReference,
} from './agent-document.ts';
import type { AgentDraft } from './agent-draft.ts';

/** What is stored on the server and visible to the person, by key. */
export interface Catalog {
  readonly objects: ReadonlyMap<string, ResourceObject>;
}

/** Where references lead: documents of a draft go before what is stored. */
export interface Scope {
  draft: AgentDraft;
  catalog: Catalog;
}

/** A catalog of objects. */
export function catalogOf(objects: readonly ResourceObject[]): Catalog {
  return {
    objects: new Map(
      objects.map((object) => [keyOfPlace({ kind: object.kind, ...object.metadata }), object]),
    ),
  };
}

/** The objects of a kind, by namespace and name; the draft's own documents are taken as they are there. */
export function documentsOfKind({ draft, catalog }: Scope, kind: AgentKind): AgentDocument[] {
  const own = draft.documents.filter((document) => document.kind === kind);
  const keys = new Set(own.map(({ metadata }) => keyOfPlace({ kind, ...metadata })));
  const stored = [...catalog.objects.values()].filter(
    (object) => object.kind === kind && !keys.has(keyOfPlace({ kind, ...object.metadata })),
  );
  return [...own, ...stored.flatMap((object) => documentOfObject(object) ?? [])];
}

/** What a reference in a document of namespace `from` means. */
export function resolveIn(
  { draft, catalog }: Scope,
  kind: AgentKind,
  reference: { name: string; namespace?: string },
  from: string,
): AgentDocument | undefined {
  for (const namespace of namespacesOf(reference, from)) {
    const key = keyOfPlace({ kind, namespace, name: reference.name });
    const own = draft.documents.find(
      ({ kind: other, metadata }) => keyOfPlace({ kind: other, ...metadata }) === key,
    );
    if (own) return own;
    const stored = catalog.objects.get(key);
    if (stored) return documentOfObject(stored);
  }
  return undefined;
}

/** Names who else uses an object: stored ones that refer to it and are no part of the draft. */
export function otherUsers({ draft, catalog }: Scope, key: string): ResourceObject[] {
  const own = new Set(draft.documents.map(({ kind, metadata }) => keyOfPlace({ kind, ...metadata })));
  const empty: AgentDraft = { documents: [] };
  return [...catalog.objects.values()].filter((object) => {
    if (own.has(keyOfPlace({ kind: object.kind, ...object.metadata }))) return false;
    return referencesOf(object).some(({ kind, reference }) => {
      const target = resolveIn({ draft: empty, catalog }, kind, reference, object.metadata.namespace);
      return target !== undefined && keyOfPlace({ kind, ...target.metadata }) === key;
    });
  });
}

/** The references of a Team or a Bot with where they stand. */
export function referencesOf({ kind, spec }: { kind: string; spec: Readonly<Record<string, unknown>> }) {
  const found =
    kind === 'Team' && Array.isArray(spec.members)
      ? spec.members.map((member: unknown, index) => ({
          field: `spec.members[${index}].botRef`,
          kind: 'Bot',
          value: isMapping(member) ? member.botRef : undefined,
        }))
      : kind === 'Bot'
        ? [
            { field: 'spec.ghostRef', kind: 'Ghost', value: spec.ghostRef },
            { field: 'spec.shellRef', kind: 'Shell', value: spec.shellRef },
            { field: 'spec.modelRef', kind: 'Model', value: spec.modelRef },
          ]
        : [];
  return found.flatMap(({ field, kind: target, value }) => {
    const reference = readReference(value);
    return reference && isAgentKind(target) ? [{ field, kind: target, reference }] : [];
  });
}
