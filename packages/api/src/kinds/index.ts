import type { KindDefinition } from '../define-kind.ts';
import { Bot } from './bot.ts';
import { Ghost } from './ghost.ts';
import { Model } from './model.ts';
import { Shell } from './shell.ts';
import { Skill } from './skill.ts';
import { Task } from './task.ts';
import { Team } from './team.ts';
import { Workspace } from './workspace.ts';

/** Every kind of the platform, in an order in which references point backwards. */
export const KINDS: readonly KindDefinition[] = [Ghost, Model, Shell, Skill, Workspace, Bot, Team, Task];

const BY_KIND = new Map(KINDS.map((definition) => [definition.kind, definition]));
const BY_PLURAL = new Map(KINDS.map((definition) => [definition.plural, definition]));

/** The definition of a kind by its name (`Bot`). */
export function kindByName(kind: string): KindDefinition | undefined {
  return BY_KIND.get(kind);
}

/** The definition of a kind by its plural (`bots`). */
export function kindByPlural(plural: string): KindDefinition | undefined {
  return BY_PLURAL.get(plural);
}
