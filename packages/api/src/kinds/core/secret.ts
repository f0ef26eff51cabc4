import { z } from 'zod';
import { MASK } from '../../secrets.ts';
import { countKeys, dataOf } from './config-map.ts';
import { defineCoreKind } from './core-kind.ts';

/** The mask in base64: values of Secrets are bytes on the wire. */
export const WIRE_MASK = 'KioqKioqKio=';

/** Fields of a Secret. */
export const SecretFields = z.strictObject({
  type: z.string().max(253).default('Opaque').describe('What the keys mean to programs.'),
  data: dataOf(z.base64().or(z.literal(MASK)))
    .optional()
    .describe(
      'Bytes in base64 by key. They are kept sealed and read as a mask, which written back changes nothing.',
    ),
  stringData: dataOf(z.string()).optional().describe('Text by key; becomes data when it is written.'),
  immutable: z.boolean().optional().describe('The data cannot change any more.'),
});

/** Values that are kept sealed and never read back. */
export const Secret = defineCoreKind({
  kind: 'Secret',
  plural: 'secrets',
  description: 'Values that are kept sealed and never read back: keys are shown, values read as a mask.',
  spec: SecretFields,
  status: z.object({}),
  // The second and third are for the document in the annotation of `kubectl apply`.
  secrets: ['spec.data.*', 'data.*', 'stringData.*'],
  columns: [
    {
      name: 'Type',
      type: 'string',
      description: 'What the keys mean.',
      value: ({ spec }) => String(spec.type),
    },
    {
      name: 'Data',
      type: 'integer',
      description: 'Number of keys.',
      value: ({ spec }) => countKeys(spec.data),
    },
  ],
});

/** The fields of a Secret with masks in base64, as all values are on the wire. */
export function withWireMasks(spec: Record<string, unknown>): Record<string, unknown> {
  return withReplaced(spec, MASK, WIRE_MASK);
}

/** The other way round: fields from the wire, with the mask that the platform knows. */
export function withPlainMasks(spec: Record<string, unknown>): Record<string, unknown> {
  return withReplaced(spec, WIRE_MASK, MASK);
}

function withReplaced(spec: Record<string, unknown>, from: string, to: string): Record<string, unknown> {
  if (typeof spec.data !== 'object' || spec.data === null) return spec;
  return {
    ...spec,
    data: Object.fromEntries(
      Object.entries(spec.data).map(([key, value]) => [key, value === from ? to : value]),
    ),
  };
}
