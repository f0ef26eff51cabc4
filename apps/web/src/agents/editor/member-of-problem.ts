import { type AgentDocument, keyOf, placeOfKey } from '../draft/agent-document.ts';
import { membersOf, teamOf } from '../draft/agent-draft.ts';
import { referencesOf, resolveIn, type Scope } from '../draft/catalog.ts';
import { botOfMember } from '../draft/edit-members.ts';
import type { Problem } from '../draft/problems.ts';

/** The place of the member in whose form a problem is shown. */
export function memberOfProblem(
  scope: Scope,
  { key, field }: Pick<Problem, 'key' | 'field'>,
): number | undefined {
  const team = teamOf(scope.draft);
  if (team && key === keyOf(team)) {
    const place = /^spec\.members\[(\d+)\]/.exec(field)?.[1];
    return place === undefined ? undefined : Number(place);
  }
  const index = membersOf(scope.draft).findIndex((member) => {
    return partsOfMember(scope, member).some((part) => key === keyOf(part));
  });
  return index === -1 ? undefined : index;
}

/** The Bot of a member and what that is made of. */
export function partsOfMember(scope: Scope, member: Record<string, unknown>): AgentDocument[] {
  const bot = botOfMember(scope, member);
  if (!bot) return [];
  const parts = referencesOf(bot).flatMap(
    ({ kind, reference }) => resolveIn(scope, kind, reference, bot.metadata.namespace) ?? [],
  );
  return [bot, ...parts];
}

const FORM_FIELDS: Record<string, RegExp> = {
  Team: /^(metadata\.name|spec\.(description|icon|bind_mode|quickPrompts|collaborationModel|rounds|limits|members))/,
  Bot: /^spec\.(ghostRef|shellRef|modelRef)/,
  Ghost: /^spec\.(systemPrompt|mcpServers|skills|tools|approvals)/,
  Model: /^spec\.(modelConfig\.env|capabilities|pricing)/,
  Shell: /^spec\.(shellType|supportModel|baseImage|resources|network|egress|timeouts|retry)/,
};

/** Has the field of a problem a place in the form? All have one in the YAML. */
export function hasForm({ key, field }: Pick<Problem, 'key' | 'field'>): boolean {
  return FORM_FIELDS[placeOfKey(key).kind]?.test(field) ?? false;
}
