import { DISPLAY_NAME_ANNOTATION, type ResourceObject } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import {
  AGENT_KINDS,
  type AgentDocument,
  type AgentKind,
  documentOfObject,
  keyOf,
  readReference,
} from './agent-document.ts';
import { type Catalog, resolveIn } from './catalog.ts';

/** An agent that is being edited: its Team first, then what the Team is made of. Never changed in place. */
export interface AgentDraft {
  readonly documents: readonly AgentDocument[];
}

/** The draft of stored objects, the Team among them. What else is not a part of agents is left out. */
export function draftFromResources(objects: readonly ResourceObject[]): AgentDraft {
  return inOrder(objects.flatMap((object) => documentOfObject(object) ?? []));
}

/**
 * What is sent to save a draft, in the order in which references point backwards. A document that is stored carries
 * the version it was made from, so that nobody's change is overwritten unseen.
 */
export function resourcesFromDraft(
  draft: AgentDraft,
  stored: ReadonlyMap<string, ResourceObject> = new Map(),
): ResourceObject[] {
  return [...draft.documents].reverse().map((document) => {
    const resourceVersion = stored.get(keyOf(document))?.metadata.resourceVersion;
    return {
      ...document,
      metadata: { ...document.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      spec: { ...document.spec },
    };
  });
}

/** Sorts documents as drafts have them: by kind, and otherwise as they came. */
export function inOrder(documents: readonly AgentDocument[]): AgentDraft {
  return {
    documents: AGENT_KINDS.flatMap((kind) => documents.filter((document) => document.kind === kind)),
  };
}

/** The Team with all that it is made of, as far as the catalog has it; Models and Shells of others stay references. */
export function draftOfTeam(team: ResourceObject, catalog: Catalog): AgentDraft {
  return withParts(draftFromResources([team]), catalog);
}

/** A draft with the parts of its Team that it only refers to. */
export function withParts(draft: AgentDraft, catalog: Catalog): AgentDraft {
  const found = new Map(draft.documents.map((document) => [keyOf(document), document]));
  const home = teamOf(draft)?.metadata.namespace;
  const add = (kind: AgentKind, value: unknown, from: string) => {
    const reference = readReference(value);
    const part =
      reference && resolveIn({ draft: { documents: [...found.values()] }, catalog }, kind, reference, from);
    if (!part || found.has(keyOf(part))) return part;
    const ours =
      kind === 'Bot' || kind === 'Ghost' || (part.metadata.namespace === home && home !== 'public');
    if (ours) found.set(keyOf(part), part);
    return part;
  };
  for (const member of membersOf(draft)) add('Bot', member.botRef, home ?? '');
  for (const bot of [...found.values()].filter(({ kind }) => kind === 'Bot')) {
    add('Ghost', bot.spec.ghostRef, bot.metadata.namespace);
    add('Model', bot.spec.modelRef, bot.metadata.namespace);
    add('Shell', bot.spec.shellRef, bot.metadata.namespace);
  }
  return inOrder([...found.values()]);
}

/** The Team of a draft. */
export function teamOf(draft: AgentDraft): AgentDocument | undefined {
  return draft.documents.find(({ kind }) => kind === 'Team');
}

/** A document of a draft by its key. */
export function findDocument(draft: AgentDraft, key: string): AgentDocument | undefined {
  return draft.documents.find((document) => keyOf(document) === key);
}

/** The members of the Team as they are written; what is no mapping counts as an empty one. */
export function membersOf(draft: AgentDraft): Record<string, unknown>[] {
  const members = teamOf(draft)?.spec.members;
  return Array.isArray(members) ? members.map((member: unknown) => (isMapping(member) ? member : {})) : [];
}

/** A draft in which a document is another one. */
export function replaceDocument(draft: AgentDraft, key: string, document: AgentDocument): AgentDraft {
  return { documents: draft.documents.map((other) => (keyOf(other) === key ? document : other)) };
}

/** A draft with fields of a spec changed; `undefined` takes a field away. */
export function editSpec(draft: AgentDraft, key: string, change: Record<string, unknown>): AgentDraft {
  const document = findDocument(draft, key);
  if (!document) return draft;
  return replaceDocument(draft, key, { ...document, spec: withChange(document.spec, change) });
}

/** A draft in which a document has another display name; without one it is called by its name. */
export function editTitle(draft: AgentDraft, key: string, title: string): AgentDraft {
  const document = findDocument(draft, key);
  if (!document) return draft;
  const before = isMapping(document.metadata.annotations) ? document.metadata.annotations : {};
  const annotations = { ...before, [DISPLAY_NAME_ANNOTATION]: title };
  return replaceDocument(draft, key, { ...document, metadata: { ...document.metadata, annotations } });
}

/** A mapping with some keys changed; `undefined` takes a key away. The order of the others stays. */
export function withChange(
  before: Readonly<Record<string, unknown>>,
  change: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
  );
}
