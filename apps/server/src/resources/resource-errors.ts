import { ApiError, type KindDefinition } from '@wegent/api';
import { groupResource } from '@wegent/kube';

/** Group and plural of a kind, as answers name them. */
function detailsOf({ group, plural }: KindDefinition, name: string) {
  return { name, ...(group === '' ? {} : { group }), kind: plural };
}

/** The namespace is being deleted, so nothing new can come into it. */
export function terminating(definition: KindDefinition, namespace: string, name: string): ApiError {
  return new ApiError(
    'Forbidden',
    `${groupResource(definition)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      details: {
        ...detailsOf(definition, name),
        causes: [
          {
            reason: 'NamespaceTerminating',
            field: 'metadata.namespace',
            message: `namespace ${namespace} is being terminated`,
          },
        ],
      },
    },
  );
}
