import { keyOf, placeOfKey, readReference } from '../draft/agent-document.ts';
import { membersOf, teamOf } from '../draft/agent-draft.ts';
import { resolveIn, type Scope } from '../draft/catalog.ts';
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
    const bot = botOfMember(scope, member);
    if (!bot) return false;
    const reference = readReference(bot.spec.ghostRef);
    const ghost = reference && resolveIn(scope, 'Ghost', reference, bot.metadata.namespace);
    return key === keyOf(bot) || (ghost !== undefined && key === keyOf(ghost));
  });
  return index === -1 ? undefined : index;
}

const FORM_FIELDS: Record<string, RegExp> = {
  Team: /^(metadata\.name|spec\.(description|icon|bind_mode|quickPrompts|collaborationModel|rounds|limits|members))/,
  Bot: /^spec\.(ghostRef|shellRef|modelRef)/,
  Ghost: /^spec\.(systemPrompt|mcpServers|skills|tools|approvals)/,
};

/** Has the field of a problem a place in the form? All have one in the YAML. */
export function hasForm({ key, field }: Pick<Problem, 'key' | 'field'>): boolean {
  return FORM_FIELDS[placeOfKey(key).kind]?.test(field) ?? false;
}
