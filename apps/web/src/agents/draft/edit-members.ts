import type { AgentDocument, DocumentPlace } from './agent-document.ts';
import { keyOf, readReference, referenceTo, titleOf } from './agent-document.ts';
import {
  type AgentDraft,
  editSpec,
  findDocument,
  inOrder,
  membersOf,
  teamOf,
  withChange,
} from './agent-draft.ts';
import { type Catalog, referencesOf, resolveIn, type Scope } from './catalog.ts';
import { freeName } from './names.ts';

/** The Bot of a member, from the draft or stored. */
export function botOfMember(scope: Scope, member: Record<string, unknown>): AgentDocument | undefined {
  const reference = readReference(member.botRef);
  const team = teamOf(scope.draft);
  return reference && team && resolveIn(scope, 'Bot', reference, team.metadata.namespace);
}

/** How a member is called: as it says, else as its Bot. */
export function nameOfMember(scope: Scope, member: Record<string, unknown>): string {
  if (typeof member.name === 'string' && member.name !== '') return member.name;
  const bot = botOfMember(scope, member);
  return bot ? titleOf(bot) : (readReference(member.botRef)?.name ?? '');
}

/** Changes fields of a member; `undefined` takes a field away. */
export function editMember(draft: AgentDraft, index: number, change: Record<string, unknown>): AgentDraft {
  return withMembers(
    draft,
    membersOf(draft).map((member, place) => (place === index ? withChange(member, change) : member)),
  );
}

/** Makes a member the leader, which no other is then; or an ordinary member. */
export function setLeader(draft: AgentDraft, index: number, leader: boolean): AgentDraft {
  return withMembers(
    draft,
    membersOf(draft).map((member, place) => {
      if (place === index) return withChange(member, { role: leader ? 'leader' : 'member' });
      return leader && member.role === 'leader' ? withChange(member, { role: 'member' }) : member;
    }),
  );
}

/** Moves a member to another place in the order. */
export function moveMember(draft: AgentDraft, from: number, to: number): AgentDraft {
  const members = membersOf(draft);
  const [moved] = members.splice(from, 1);
  if (!moved || to < 0 || to > members.length) return draft;
  return withMembers(draft, members.toSpliced(to, 0, moved));
}

/** Takes a member out. Its Bot and what that is made of leave the draft when nothing else in it uses them; stored ones stay stored. */
export function removeMember(draft: AgentDraft, index: number): AgentDraft {
  return withoutUnused(withMembers(draft, membersOf(draft).toSpliced(index, 1)), draft);
}

/** Adds a member with a Bot that is there. */
export function addMember(
  draft: AgentDraft,
  bot: Pick<DocumentPlace, 'namespace' | 'name'>,
  catalog: Catalog,
) {
  const team = teamOf(draft);
  if (!team) return draft;
  const members = membersOf(draft);
  const taken = members.map((member) => nameOfMember({ draft, catalog }, member));
  const name = freeName(bot.name, (candidate) => taken.includes(candidate));
  const added = { name, botRef: referenceTo(bot, team.metadata.namespace) };
  return withMembers(draft, [...members, added]);
}

/** Puts another Bot in the place of a member's; the one that was there leaves the draft when nothing else uses it. */
export function setBot(draft: AgentDraft, index: number, bot: Pick<DocumentPlace, 'namespace' | 'name'>) {
  const team = teamOf(draft);
  if (!team) return draft;
  const botRef = referenceTo(bot, team.metadata.namespace);
  return withoutUnused(editMember(draft, index, { botRef }), draft);
}

/** Adds documents that the draft does not have yet. */
export function addDocuments(draft: AgentDraft, documents: readonly AgentDocument[]): AgentDraft {
  const added = documents.filter((document) => !findDocument(draft, keyOf(document)));
  return added.length === 0 ? draft : inOrder([...draft.documents, ...added]);
}

/** Adds a Bot that is stored, with its Ghost, so that it can be edited. */
export function withBot(draft: AgentDraft, bot: AgentDocument | undefined, scope: Scope): AgentDraft {
  if (!bot) return draft;
  const reference = readReference(bot.spec.ghostRef);
  const ghost = reference && resolveIn({ ...scope, draft }, 'Ghost', reference, bot.metadata.namespace);
  return addDocuments(draft, ghost ? [bot, ghost] : [bot]);
}

/** A draft without the parts that were used before a change and are not any more. */
export function withoutUnused(draft: AgentDraft, before: AgentDraft): AgentDraft {
  const unused = [...usedKeys(before)].filter((key) => !usedKeys(draft).has(key));
  return { documents: draft.documents.filter((document) => !unused.includes(keyOf(document))) };
}

function usedKeys(draft: AgentDraft): Set<string> {
  const scope = { draft, catalog: { objects: new Map() } };
  const bots = membersOf(draft).flatMap((member) => botOfMember(scope, member) ?? []);
  const parts = bots.flatMap((bot) =>
    referencesOf(bot).flatMap(
      ({ kind, reference }) => resolveIn(scope, kind, reference, bot.metadata.namespace) ?? [],
    ),
  );
  return new Set([...bots, ...parts].map(keyOf));
}

function withMembers(draft: AgentDraft, members: readonly Record<string, unknown>[]): AgentDraft {
  const team = teamOf(draft);
  return team ? editSpec(draft, keyOf(team), { members }) : draft;
}
