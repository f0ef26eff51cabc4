import { z } from 'zod';
import { defineCoreKind } from './core-kind.ts';

const DataKey = z
  .string()
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/, 'keys consist of letters, digits, "-", "_" or "."');

/** Keys of a ConfigMap or Secret with their values. */
export function dataOf<Value extends z.ZodType>(value: Value) {
  return z.record(DataKey, value);
}

/** Fields of a ConfigMap. */
export const ConfigMapFields = z.strictObject({
  data: dataOf(z.string()).optional().describe('Text by key.'),
  binaryData: dataOf(z.base64()).optional().describe('Bytes in base64 by key.'),
  immutable: z.boolean().optional().describe('The data cannot change any more.'),
});

/** Settings that programs around the platform keep beside their objects. */
export const ConfigMap = defineCoreKind({
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  description: 'Settings that programs around the platform keep beside their objects.',
  spec: ConfigMapFields,
  status: z.object({}),
  columns: [
    {
      name: 'Data',
      type: 'integer',
      description: 'Number of keys.',
      value: ({ spec }) => countKeys(spec.data) + countKeys(spec.binaryData),
    },
  ],
});

/** The number of keys of a mapping that may be absent. */
export function countKeys(data: unknown): number {
  return typeof data === 'object' && data !== null ? Object.keys(data).length : 0;
}
