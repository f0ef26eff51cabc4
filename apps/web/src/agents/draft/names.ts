import { isMapping } from '@wegent/kube';
import {
  type AgentDocument,
  type AgentKind,
  keyOf,
  keyOfPlace,
  readReference,
  referenceTo,
} from './agent-document.ts';
import { type AgentDraft, teamOf } from './agent-draft.ts';
import { resolveIn, type Scope } from './catalog.ts';

/** Where documents go, by the key that they have now. */
type Moves = ReadonlyMap<string, { name: string; namespace: string }>;

/** A name that nobody has, made of a wanted one: `reviewer`, `reviewer-2`, … */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  if (!taken(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    const candidate = `${wanted.slice(0, 90)}-${number}`;
    if (!taken(candidate)) return candidate;
  }
}

/**
 * Renames the Team of a draft that is not stored yet, and its new parts that are called after it: `helper` with its
 * `helper-writer` becomes `guide` with `guide-writer`. `isStored` tells which parts have their names for good.
 */
export function renameTeam(scope: Scope, name: string, isStored: (key: string) => boolean): AgentDraft {
  const { draft } = scope;
  const before = teamOf(draft)?.metadata.name ?? '';
  const moves = new Map<string, { name: string; namespace: string }>();
  for (const document of draft.documents) {
    const { name: own, namespace } = document.metadata;
    const follows = before !== '' && name !== '' && (own === before || own.startsWith(`${before}-`));
    if (isStored(keyOf(document)) || (document.kind !== 'Team' && !follows)) continue;
    const next = document.kind === 'Team' ? name : `${name}${own.slice(before.length)}`;
    moves.set(keyOf(document), { name: next, namespace });
  }
  return moveDocuments(scope, moves);
}

/** A draft as a copy of its own in a namespace: new names where they are taken, and references that follow. */
export function copyDraft(scope: Scope, namespace: string): AgentDraft {
  const moves = new Map<string, { name: string; namespace: string }>();
  const given = new Set<string>();
  for (const document of scope.draft.documents) {
    const keyWith = (name: string) => keyOfPlace({ kind: document.kind, namespace, name });
    const name = freeName(
      document.metadata.name,
      (candidate) => scope.catalog.objects.has(keyWith(candidate)) || given.has(keyWith(candidate)),
    );
    given.add(keyWith(name));
    moves.set(keyOf(document), { name, namespace });
  }
  return moveDocuments(scope, moves);
}

/** A copy of one Bot with its persona, for one agent alone. Answers the documents and where the Bot is now. */
export function copyBot(scope: Scope, bot: AgentDocument, namespace: string) {
  const reference = readReference(bot.spec.ghostRef);
  const ghost = reference && resolveIn(scope, 'Ghost', reference, bot.metadata.namespace);
  const parts: AgentDraft = { documents: ghost ? [bot, ghost] : [bot] };
  // What the draft holds already is taken too.
  const objects = new Map(scope.catalog.objects);
  for (const document of scope.draft.documents) {
    objects.set(keyOf(document), { ...document, spec: { ...document.spec } });
  }
  const copied = copyDraft({ draft: parts, catalog: { objects } }, namespace);
  return copied.documents;
}

function moveDocuments(scope: Scope, moves: Moves): AgentDraft {
  return { documents: scope.draft.documents.map((document) => moveDocument(scope, document, moves)) };
}

function moveDocument(scope: Scope, document: AgentDocument, moves: Moves): AgentDocument {
  const home = document.metadata.namespace;
  const place = moves.get(keyOf(document)) ?? document.metadata;
  const follow = (holder: Record<string, unknown>, field: string, kind: AgentKind) => {
    const reference = readReference(holder[field]);
    const target = reference && resolveIn(scope, kind, reference, home);
    if (!target) return holder;
    const moved = moves.get(keyOf(target));
    if (!moved && place.namespace === home) return holder;
    return { ...holder, [field]: referenceTo(moved ?? target.metadata, place.namespace) };
  };
  const { spec } = document;
  const followed =
    document.kind === 'Bot'
      ? (['Ghost', 'Shell', 'Model'] as const).reduce<Record<string, unknown>>(
          (bot, kind) => follow(bot, `${kind.toLowerCase()}Ref`, kind),
          { ...spec },
        )
      : document.kind === 'Team' && Array.isArray(spec.members)
        ? {
            ...spec,
            members: spec.members.map((member: unknown) =>
              isMapping(member) ? follow(member, 'botRef', 'Bot') : member,
            ),
          }
        : spec;
  return {
    ...document,
    metadata: { ...document.metadata, name: place.name, namespace: place.namespace },
    spec: followed,
  };
}
