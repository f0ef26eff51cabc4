import { z } from 'zod';
import { defineCoreKind } from './core-kind.ts';

/** A space that people share. */
export const Namespace = defineCoreKind({
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  description:
    'A space that people share: one for each person, one for each group, and `public`, which everybody reads.',
  namespaced: false,
  flat: false,
  spec: z.strictObject({ finalizers: z.array(z.string()).optional() }),
  status: z.object({ phase: z.enum(['Active', 'Terminating']).optional() }),
  selectableFields: ['status.phase'],
  columns: [
    {
      name: 'Status',
      type: 'string',
      description: 'Active, or Terminating while it is emptied.',
      value: ({ status }) => String(status?.phase ?? 'Active'),
    },
  ],
});
