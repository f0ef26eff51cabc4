import { z } from 'zod';

const text = z.string().optional().catch(undefined);
const record = z.record(z.string(), z.unknown());

/**
 * An event of a stream. Servers of many versions are about, so a field of another type than expected counts as absent
 * and whatever is not known stays readable.
 */
export const DifyEvent = z.looseObject({
  event: z.string(),
  id: text,
  task_id: text,
  message_id: text,
  conversation_id: text,
  workflow_run_id: text,
  answer: text,
  thought: text,
  tool: text,
  tool_input: text,
  tool_labels: z.unknown().optional(),
  observation: z.unknown().optional(),
  type: text,
  url: text,
  belongs_to: text,
  code: text,
  message: text,
  status: z.unknown().optional(),
  reason: text,
  metadata: record.optional().catch(undefined),
  data: record.catch({}),
  files: z.array(z.unknown()).catch([]),
});
export type DifyEvent = z.infer<typeof DifyEvent>;

/** A field of a record that ought to be text. */
export function textIn(value: Record<string, unknown> | undefined, field: string): string {
  const found = value?.[field];
  return typeof found === 'string' ? found : '';
}

/** A field of a record that ought to be a number; decimals may come as text. */
export function numberIn(value: Record<string, unknown> | undefined, field: string): number {
  const found = value?.[field];
  const number = typeof found === 'string' || typeof found === 'number' ? Number(found) : 0;
  return Number.isFinite(number) && number > 0 ? number : 0;
}

/** A field of a record that ought to be a record itself. */
export function recordIn(value: Record<string, unknown> | undefined, field: string): Record<string, unknown> {
  return asRecord(value?.[field]) ?? {};
}

/** The value as a record, if it is one. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
