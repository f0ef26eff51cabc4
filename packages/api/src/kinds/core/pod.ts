import { z } from 'zod';
import { defineCoreKind } from './core-kind.ts';

/** The runs of a Task as a Pod, so that `kubectl logs` and `kubectl exec` work on it. It is read only. */
export const Pod = defineCoreKind({
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  description:
    'The runs of a Task as a read-only Pod of the same name, for `kubectl logs` and `kubectl exec`.',
  flat: false,
  verbs: ['get', 'list', 'watch'],
  spec: z.object({
    containers: z.array(z.object({ name: z.string(), image: z.string().optional() })),
    restartPolicy: z.string().optional(),
    nodeName: z.string().optional(),
  }),
  status: z.object({ phase: z.string().optional(), startTime: z.string().optional() }),
  selectableFields: ['status.phase', 'spec.nodeName'],
  columns: [
    {
      name: 'Ready',
      type: 'string',
      description: 'Runs that are at work.',
      value: ({ status }) => (isReady(status?.conditions) ? '1/1' : '0/1'),
    },
    {
      name: 'Status',
      type: 'string',
      description: 'Phase of the Task.',
      value: ({ status }) => String(status?.reason ?? status?.phase ?? ''),
    },
    { name: 'Restarts', type: 'integer', description: 'Always 0.', value: () => 0 },
  ],
});

function isReady(conditions: unknown): boolean {
  return (
    Array.isArray(conditions) && conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}
