import { API_GROUP, DISPLAY_NAME_ANNOTATION, type ResourceObject } from '@wegent/api';
import { newId } from './new-id.ts';

/** Label that says what a namespace is for: `public`, `personal` or `group`. */
export const NAMESPACE_TYPE_LABEL = `${API_GROUP}/namespace-type`;

/** The object that stands for a namespace in lists and watches; it lies in no namespace itself. */
export function namespaceObject(row: {
  name: string;
  type: string;
  displayName: string | null;
  createdAt: number;
}): ResourceObject & { uid: string } {
  const uid = newId();
  return {
    uid,
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: row.name,
      namespace: '',
      uid,
      creationTimestamp: new Date(row.createdAt).toISOString(),
      labels: { 'kubernetes.io/metadata.name': row.name, [NAMESPACE_TYPE_LABEL]: row.type },
      ...(row.displayName === null ? {} : { annotations: { [DISPLAY_NAME_ANNOTATION]: row.displayName } }),
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}
