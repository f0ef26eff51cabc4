import { createHash } from 'node:crypto';
import { API_GROUP, DISPLAY_NAME_ANNOTATION } from '@wegent/api';
import type { NamespaceRow } from '@wegent/store';
import { z } from 'zod';
import type { Role } from '../access/roles.ts';
import { toTime } from '../http/time.ts';

/** Label that says what a namespace is for: `public`, `personal` or `group`. */
const NAMESPACE_TYPE_LABEL = `${API_GROUP}/namespace-type`;
/** Annotation that says which role the caller has. */
const NAMESPACE_ROLE_ANNOTATION = `${API_GROUP}/role`;

/** A namespace as a Kubernetes core v1 object. */
export const NamespaceObject = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Namespace'),
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.object({ finalizers: z.array(z.string()) }),
  status: z.object({ phase: z.literal('Active') }),
});
export type NamespaceObject = z.infer<typeof NamespaceObject>;

/** The namespaces that the caller may read. */
export const NamespaceList = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('NamespaceList'),
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(NamespaceObject),
});
export type NamespaceList = z.infer<typeof NamespaceList>;

/** Writes a namespace the Kubernetes way, for a caller with this role in it. */
export function toNamespaceObject(row: NamespaceRow, role: Role | undefined): NamespaceObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: row.name,
      uid: uidOf(row),
      // A namespace's row never changes, so it has one version.
      resourceVersion: '1',
      creationTimestamp: toTime(row.createdAt).replace(/\.\d{3}Z$/, 'Z'),
      labels: { 'kubernetes.io/metadata.name': row.name, [NAMESPACE_TYPE_LABEL]: row.type },
      annotations: {
        ...(row.displayName === null ? {} : { [DISPLAY_NAME_ANNOTATION]: row.displayName }),
        ...(role === undefined ? {} : { [NAMESPACE_ROLE_ANNOTATION]: role }),
      },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

// Kubernetes clients want a uid. Name and time of creation identify a namespace for ever, so it comes from them.
function uidOf(row: NamespaceRow): string {
  const hex = createHash('sha256').update(`${row.name}\n${row.createdAt}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
