import type { KindDefinition } from '../define-kind.ts';
import { Bot } from './bot.ts';
import { ConfigMap } from './core/config-map.ts';
import { Event } from './core/event.ts';
import { Namespace } from './core/namespace.ts';
import { Pod } from './core/pod.ts';
import { Secret } from './core/secret.ts';
import { Ghost } from './ghost.ts';
import { Model } from './model.ts';
import { Shell } from './shell.ts';
import { Skill } from './skill.ts';
import { Task } from './task.ts';
import { Team } from './team.ts';
import { Workspace } from './workspace.ts';

/** Every kind of the platform, in an order in which references point backwards. */
export const KINDS: readonly KindDefinition[] = [Ghost, Model, Shell, Skill, Workspace, Bot, Team, Task];

/** Kinds of Kubernetes' core group that the platform serves beside its own. */
export const CORE_KINDS: readonly KindDefinition[] = [Namespace, ConfigMap, Secret, Event, Pod];

const BY_KIND = new Map([...KINDS, ...CORE_KINDS].map((definition) => [definition.kind, definition]));
const BY_PLURAL = new Map(KINDS.map((definition) => [definition.plural, definition]));

/** The definition of a kind by its name (`Bot`), those of the core group included. */
export function kindByName(kind: string): KindDefinition | undefined {
  return BY_KIND.get(kind);
}

/** The definition of a kind of the platform by its plural (`bots`). */
export function kindByPlural(plural: string): KindDefinition | undefined {
  return BY_PLURAL.get(plural);
}
