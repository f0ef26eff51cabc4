import {
  API_GROUP,
  API_VERSION,
  DISPLAY_NAME_ANNOTATION,
  kindByName,
  LAST_APPLIED_ANNOTATION,
  PUBLIC_NAMESPACE,
  type ResourceObject,
} from '@wegent/api';
import { isMapping } from '@wegent/kube';

/** What an agent is made of. */
export const AGENT_KINDS = ['Team', 'Bot', 'Ghost', 'Model', 'Shell'] as const;
/** A kind of {@link AGENT_KINDS}. */
export type AgentKind = (typeof AGENT_KINDS)[number];

/** A document as people write it: nothing in it is the server's. Fields that the forms do not know stay in it. */
export interface AgentDocument {
  readonly apiVersion: string;
  readonly kind: AgentKind;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly namespace: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Where a document is. */
export interface DocumentPlace {
  kind: AgentKind;
  namespace: string;
  name: string;
}

const SERVER_OWNED = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'selfLink',
];

/** Annotations of programs about the stored object; they belong into no copy of it. */
const BOOKKEEPING = [LAST_APPLIED_ANNOTATION, `${API_GROUP}/seed-hash`];

/** Names a document among others. */
export function keyOf({ kind, metadata }: Pick<AgentDocument, 'kind' | 'metadata'>): string {
  return keyOfPlace({ kind, ...metadata });
}

/** Names a place among others. */
export function keyOfPlace({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace: string;
  name: string;
}): string {
  return `${kind}/${namespace}/${name}`;
}

/** The place that a key names. */
export function placeOfKey(key: string): DocumentPlace {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  return { kind: isAgentKind(kind) ? kind : 'Team', namespace, name };
}

/** Is this the name of a kind that an agent is made of? */
export function isAgentKind(kind: unknown): kind is AgentKind {
  return AGENT_KINDS.some((known) => known === kind);
}

/** A stored object, or one that somebody wrote, without what belongs to the server. Older spellings become ours. */
export function toDocument(object: {
  kind: AgentKind;
  metadata: Record<string, unknown> & { name: string; namespace: string };
  spec: Record<string, unknown>;
}): AgentDocument {
  const { name, namespace, annotations, displayName, ...rest } = object.metadata;
  const kept = Object.entries(rest).filter(([key, value]) => !SERVER_OWNED.includes(key) && !isEmpty(value));
  const notes = isMapping(annotations)
    ? Object.entries(annotations).filter(([key]) => !BOOKKEEPING.includes(key))
    : [];
  if (typeof displayName === 'string' && displayName !== '')
    notes.push([DISPLAY_NAME_ANNOTATION, displayName]);
  const spec = kindByName(object.kind)?.normalise(object.spec) ?? object.spec;
  return {
    apiVersion: API_VERSION,
    kind: object.kind,
    metadata: {
      name,
      namespace,
      ...Object.fromEntries(kept),
      ...(notes.length === 0 ? {} : { annotations: Object.fromEntries(notes) }),
    },
    // A field that is undefined would be there for one view and not for another.
    spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)),
  };
}

/** A stored object as a document; undefined for kinds that agents are not made of. */
export function documentOfObject(object: ResourceObject): AgentDocument | undefined {
  return isAgentKind(object.kind) ? toDocument({ ...object, kind: object.kind }) : undefined;
}

/** The name that people read. */
export function titleOf({ metadata }: Pick<AgentDocument, 'metadata'>): string {
  const { annotations, name } = metadata;
  const title = isMapping(annotations) ? annotations[DISPLAY_NAME_ANNOTATION] : undefined;
  return typeof title === 'string' && title !== '' ? title : name;
}

/** A reference as it stands in a spec; undefined when it is no reference. */
export function readReference(value: unknown): { name: string; namespace?: string } | undefined {
  if (!isMapping(value) || typeof value.name !== 'string' || value.name === '') return undefined;
  return typeof value.namespace === 'string' && value.namespace !== ''
    ? { name: value.name, namespace: value.namespace }
    : { name: value.name };
}

/** A reference to a place, as short as it can be written in a document of `from`. */
export function referenceTo(place: { namespace: string; name: string }, from: string) {
  return place.namespace === from ? { name: place.name } : { name: place.name, namespace: place.namespace };
}

/** Where a reference from a namespace may lead, the first that is there wins. */
export function namespacesOf(reference: { namespace?: string }, from: string): string[] {
  return [...new Set([reference.namespace ?? from, from, PUBLIC_NAMESPACE])];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (isMapping(value) && Object.keys(value).length === 0);
}
