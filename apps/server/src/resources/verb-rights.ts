import type { KindDefinition, ResourceVerb } from '@wegent/api';
import { verbNotAllowed } from '@wegent/kube';
import type { Access } from '../access/access.ts';
import { rightFor } from '../access/kind-rights.ts';
import { notFound } from '../access/refusals.ts';
import type { Principal } from '../auth/principal.ts';

/** Asks for the right that a verb takes on a kind; throws when it is not there. */
export function createVerbRights({ access }: { access: Access }) {
  return async function authorise(
    principal: Principal,
    {
      verb,
      definition,
      namespace,
      name,
    }: { verb: ResourceVerb; definition: KindDefinition; namespace: string; name?: string | undefined },
  ): Promise<void> {
    const { kind } = definition;
    const right = rightFor(kind, verb);
    if (right === 'everyone') return;
    const wish = {
      verb,
      kind,
      namespace: namespace || (name ?? ''),
      ...(name === undefined ? {} : { name }),
    };
    if (right === 'nobody') throw verbNotAllowed(definition, verb);
    // A Namespace that one cannot read is not there, whatever one wants of it.
    if (kind === 'Namespace' && name !== undefined && !(await access.can(principal, 'get', kind, name)))
      throw notFound(kind, name);
    await access.authorise(principal, {
      ...wish,
      right,
      verb: verb === 'deletecollection' ? 'delete' : verb,
    });
  };
}
