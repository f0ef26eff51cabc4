import type { ResourceVerb } from '@wegent/api';
import type { Verb } from './roles.ts';

/**
 * The right that a verb of the resource API takes on a kind. `everyone` needs none, `nobody` has it. A Namespace is
 * judged by the role in it: its object changes with its members, and goes with its Owner.
 */
export function rightFor(kind: string, verb: ResourceVerb): Verb | 'everyone' | 'nobody' {
  if (kind === 'Pod') return verb === 'get' || verb === 'list' || verb === 'watch' ? verb : 'nobody';
  if (kind === 'Namespace') return NAMESPACE_RIGHTS[verb];
  return verb === 'deletecollection' ? 'delete' : verb;
}

const NAMESPACE_RIGHTS: Record<ResourceVerb, Verb | 'everyone' | 'nobody'> = {
  // Everybody lists those that they may read.
  list: 'everyone',
  watch: 'everyone',
  create: 'everyone',
  get: 'get',
  update: 'members',
  patch: 'members',
  delete: 'delete-namespace',
  deletecollection: 'nobody',
};
