import { CORE_KINDS, KINDS, type KindDefinition } from '@wegent/api';
import { type ResourceType, resourceTypeOf, SCALE_SUBRESOURCE, type Subresource } from '@wegent/kube';

const READ_AND_WRITE = ['get', 'patch', 'update'];

/** Every kind that is served. */
export const SERVED_KINDS: readonly KindDefinition[] = [...CORE_KINDS, ...KINDS];

// Made when they are asked for: a start has better things to do.
const TYPES = new Map<string, ResourceType>();

/** What the conventions of Kubernetes need to know of a kind. */
export function typeOf(definition: KindDefinition): ResourceType {
  const known = TYPES.get(definition.kind);
  if (known) return known;
  const type = resourceTypeOf(definition, {
    subresources: subresourcesOf(definition),
    ...(definition.kind === 'Event' ? { standardColumns: false } : {}),
  });
  TYPES.set(definition.kind, type);
  return type;
}

function subresourcesOf({ group, kind, scale }: KindDefinition): Subresource[] {
  if (kind === 'Pod') {
    return [
      { name: 'log', verbs: ['get'] },
      { name: 'exec', verbs: ['create', 'get'], kind: 'PodExecOptions' },
      { name: 'attach', verbs: ['create', 'get'], kind: 'PodAttachOptions' },
    ];
  }
  if (group === '') return [];
  return [{ name: 'status', verbs: READ_AND_WRITE }, ...(scale ? [SCALE_SUBRESOURCE] : [])];
}
