import type { NamespaceRole } from '@wegent/store';

/** A role in a namespace, from least to most. */
export type Role = NamespaceRole;

/** What one can do to objects of a namespace; the first seven are those of Kubernetes, `exec` enters a sandbox. */
export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'run'
  | 'exec'
  | 'members'
  | 'share'
  | 'transfer'
  | 'delete-namespace';

const READ = ['get', 'list', 'watch', 'run'] as const;
const WRITE = ['create', 'update', 'patch', 'exec'] as const;
const MANAGE = ['delete', 'members', 'share'] as const;
const OWN = ['transfer', 'delete-namespace'] as const;

/** What each role may do; each holds all that the one before it may. */
const VERBS_OF_ROLE: Record<Role, ReadonlySet<Verb>> = {
  Reporter: new Set(READ),
  Developer: new Set([...READ, ...WRITE]),
  Maintainer: new Set([...READ, ...WRITE, ...MANAGE]),
  Owner: new Set([...READ, ...WRITE, ...MANAGE, ...OWN]),
};

/** May a role do this? No role may do nothing. */
export function roleAllows(role: Role | undefined, verb: Verb): boolean {
  return role !== undefined && VERBS_OF_ROLE[role].has(verb);
}

/** All verbs of a role, for answers such as `kubectl auth can-i --list`. */
export function verbsOf(role: Role): Verb[] {
  return [...VERBS_OF_ROLE[role]];
}
