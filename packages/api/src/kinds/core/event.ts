import { z } from 'zod';
import { defineCoreKind } from './core-kind.ts';

const Text = z.string().max(1024);

/** The object that an Event is about. */
export const InvolvedObject = z.strictObject({
  apiVersion: Text.optional(),
  kind: Text.optional(),
  namespace: Text.optional(),
  name: Text.optional(),
  uid: Text.optional(),
  resourceVersion: Text.optional(),
  fieldPath: Text.optional(),
});

/** Fields of an Event. */
export const EventFields = z.strictObject({
  involvedObject: InvolvedObject.describe('What it is about.'),
  reason: Text.optional().describe('Why, in one word for programs.'),
  message: z.string().max(8192).optional().describe('What happened, for people.'),
  type: Text.optional().describe('Normal or Warning.'),
  count: z.number().int().min(0).optional().describe('How often it happened.'),
  firstTimestamp: z.string().optional(),
  lastTimestamp: z.string().optional(),
  eventTime: z.string().optional(),
  source: z.strictObject({ component: Text.optional(), host: Text.optional() }).optional(),
  reportingComponent: Text.optional(),
  reportingInstance: Text.optional(),
  action: Text.optional(),
  related: InvolvedObject.optional(),
  series: z
    .strictObject({ count: z.number().int().optional(), lastObservedTime: z.string().optional() })
    .optional(),
});
export type EventFields = z.infer<typeof EventFields>;

/** A report of something that happened to an object; kept for an hour. */
export const Event = defineCoreKind({
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  description: 'A report of something that happened to an object; kept for an hour.',
  spec: EventFields,
  status: z.object({}),
  selectableFields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'type',
    'reportingComponent',
  ],
  columns: [
    {
      name: 'Last Seen',
      type: 'date',
      description: 'When it happened last.',
      value: ({ spec }) => text(spec.lastTimestamp ?? spec.eventTime ?? spec.firstTimestamp),
    },
    { name: 'Type', type: 'string', description: 'Normal or Warning.', value: ({ spec }) => text(spec.type) },
    { name: 'Reason', type: 'string', description: 'Why.', value: ({ spec }) => text(spec.reason) },
    {
      name: 'Object',
      type: 'string',
      description: 'What it is about.',
      value: ({ spec }) => {
        const { kind, name } = InvolvedObject.parse(spec.involvedObject);
        return `${(kind ?? '').toLowerCase()}/${name ?? ''}`;
      },
    },
    {
      name: 'Message',
      type: 'string',
      description: 'What happened.',
      value: ({ spec }) => text(spec.message),
    },
  ],
});

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
