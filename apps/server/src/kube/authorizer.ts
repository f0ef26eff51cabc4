import { type KindDefinition, PUBLIC_NAMESPACE, type ResourceVerb } from '@wegent/api';
import type { Decision, ResourceQuestion } from '@wegent/kube';
import type { Access } from '../access/access.ts';
import { rightFor } from '../access/kind-rights.ts';
import type { Verb } from '../access/roles.ts';
import type { Principal } from '../auth/principal.ts';
import { SERVED_KINDS, typeOf } from '../resources/served-types.ts';
import type { TaskRights } from './task-rights.ts';

/** What one may do with some resources. */
export interface ResourceRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
}

/** Tells rights in the words of Kubernetes, see `createAuthorizer`. */
export type Authorizer = ReturnType<typeof createAuthorizer>;

/** The answers to "may I?", from the same rules as every request is judged by. */
export function createAuthorizer({ access, taskRights }: { access: Access; taskRights: TaskRights }) {
  async function may(principal: Principal, right: Right, namespace: string): Promise<boolean> {
    if (right === 'everyone') return true;
    if (right === 'nobody') return false;
    // Asked about all namespaces: whoever is in one may list, and sees what is theirs.
    if (namespace === '') return READS.has(right);
    return access.can(principal, right, '', namespace);
  }

  /** Undefined for what there is not. */
  async function mayDo(
    principal: Principal,
    definition: KindDefinition,
    question: Question,
  ): Promise<boolean | undefined> {
    const { verb, subresource, namespace, name } = question;
    // The role in a Namespace is that of what lies in it.
    const place = definition.namespaced ? namespace : name || namespace;
    const rights = rightsOf(definition, verb, subresource);
    const allowed = await Promise.all(
      rights.map(async (right) => {
        const byRole = await may(principal, right, place);
        if (right === 'everyone' || right === 'nobody' || place === '') return byRole;
        if (!taskRights.concerns(definition)) return byRole;
        return taskRights.may({ principal, definition, namespace, name, right, byRole });
      }),
    );
    return rights.length === 0 ? undefined : allowed.every(Boolean);
  }

  return {
    /** Decides, and says why not. */
    async decide(
      principal: Principal,
      { namespace, verb, group, resource, subresource, name }: ResourceQuestion,
    ): Promise<Decision> {
      const matching = SERVED_KINDS.filter(
        (kind) => (group === '*' || kind.group === group) && (resource === '*' || kind.plural === resource),
      );
      const review = REVIEWS.find((known) => known.group === group && known.resource === resource);
      if (review && verb === 'create') return { allowed: true };
      if (matching.length === 0) {
        return { allowed: false, reason: `there is no resource "${resource}" in the API group "${group}"` };
      }
      const question = { verb, subresource, namespace, name };
      const decided = await Promise.all(matching.map((definition) => mayDo(principal, definition, question)));
      const answers = decided.filter((allowed) => allowed !== undefined);
      if (answers.length > 0 && answers.every(Boolean)) return { allowed: true };
      if (name !== '' && matching.every((definition) => taskRights.concerns(definition)))
        return { allowed: false, reason: 'it takes a place in the Task, and a role for what changes it' };
      const role = namespace === '' ? undefined : await access.roleIn(principal, namespace);
      return {
        allowed: false,
        reason: role ? `role ${role}` : `no role in the namespace "${namespace}"`,
      };
    },

    /** All that one may do in a namespace. */
    async rules(principal: Principal, namespace: string): Promise<ResourceRule[]> {
      const rules = await Promise.all(
        SERVED_KINDS.flatMap((definition) => {
          const { subresources } = typeOf(definition);
          const all = [
            { resource: definition.plural, verbs: definition.verbs, subresource: '' },
            ...subresources.map(({ name, verbs }) => ({
              resource: `${definition.plural}/${name}`,
              verbs,
              subresource: name,
            })),
          ];
          return all.map(async ({ resource, verbs, subresource }) => {
            const allowed = await Promise.all(
              verbs.map((verb) =>
                mayDo(principal, definition, {
                  verb,
                  subresource,
                  namespace: namespace || PUBLIC_NAMESPACE,
                  name: '',
                }),
              ),
            );
            return {
              verbs: verbs.filter((_, index) => allowed[index]),
              apiGroups: [definition.group],
              resources: [resource],
            };
          });
        }),
      );
      return [
        ...rules.filter(({ verbs }) => verbs.length > 0),
        ...REVIEWS.map(({ group, resource }) => ({
          verbs: ['create'],
          apiGroups: [group],
          resources: [resource],
        })),
      ];
    },
  };
}

type Question = Pick<ResourceQuestion, 'verb' | 'subresource' | 'namespace' | 'name'>;
type Right = Verb | 'everyone' | 'nobody';

const READS: ReadonlySet<Right> = new Set<Right>(['get', 'list', 'watch']);
const REVIEWS = [
  { group: 'authentication.k8s.io', resource: 'selfsubjectreviews' },
  { group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' },
  { group: 'authorization.k8s.io', resource: 'selfsubjectrulesreviews' },
];
const VERBS: readonly ResourceVerb[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];

/** The rights that a verb takes; none for what does not exist. */
function rightsOf({ kind, scale }: KindDefinition, verb: string, subresource: string): Right[] {
  const verbs = VERBS.filter((known) => verb === '*' || known === verb);
  switch (subresource) {
    case '':
      if (verb === 'run') return RUNNABLE.has(kind) ? ['run'] : [];
      return verbs.map((known) => rightFor(kind, known));
    case 'status':
      return kind === 'Namespace' || kind === 'Pod'
        ? []
        : verbs.filter((known) => PART_VERBS.has(known)).map((known) => rightFor(kind, known));
    case 'scale':
      return scale
        ? verbs.filter((known) => PART_VERBS.has(known)).map((known) => rightFor(kind, known))
        : [];
    case 'log':
      return kind === 'Pod' && verbs.includes('get') ? ['get'] : [];
    case 'exec':
      return kind === 'Pod' && (verbs.includes('get') || verbs.includes('create')) ? ['exec'] : [];
    case 'attach':
      return kind === 'Pod' && (verbs.includes('get') || verbs.includes('create')) ? ['update'] : [];
    default:
      return [];
  }
}

/** What conversations are made of: to talk to a Team, with a Model, about a Workspace, in a Task. */
const RUNNABLE: ReadonlySet<string> = new Set(['Team', 'Model', 'Workspace', 'Task']);
const PART_VERBS: ReadonlySet<ResourceVerb> = new Set<ResourceVerb>(['get', 'update', 'patch']);
